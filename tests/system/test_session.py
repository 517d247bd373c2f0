"""A session over the twin: what it shows, what it records, and how it ends."""

from __future__ import annotations

import os
import pty
import re
import select
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from ophyd import Component, Device, Signal
from ophyd.sim import SynSignal

from nanoterasu.beamlines import Beamline, Interlock, device
from nanoterasu.beamlines.bl13u import BL13U
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.plans import Region, xas
from nanoterasu.records import SpoolBusy, SpoolReader
from nanoterasu.session import Session
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

ROOT = Path(__file__).parents[2]
NANOTERASU = [sys.executable, "-c", "from nanoterasu.cli import main; main()"]


@pytest.fixture
def office(home: Path) -> Path:
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, datetime.now(JST))
    return home


@pytest.fixture
def session(office: Path, twin: TwinProcess) -> Iterator[Session]:
    with Session(BL13U(twin.prefix), "EX-0001", "alpha-member", home=office, twin=True) as session:
        yield session


def documents(session: Session) -> list[tuple[str, dict[str, Any]]]:
    with SpoolReader(session.spool_folder) as reader:
        return [(name, doc) for _, name, doc in reader.documents(0)]


def test_the_banner_tells_whose_data_these_are_and_who_reads_them(session: Session) -> None:
    said = session.banner()
    for part in ("BL13U (digital twin)", "EX-0001", "EX-U1", "operator alpha-member", "hours left"):
        assert part in said
    assert "beta" not in said
    readers = ["academic", "alpha-colleague", "alpha-member", "staff"]
    assert session.readers() == readers
    assert f"may read it  {', '.join(readers)}\n" in said
    assert 0 < session.hours_left <= 8


def test_the_prompt_has_devices_plans_and_the_engine(session: Session) -> None:
    names = session.namespace()
    assert {*BL13U.lines(), "xas", "xmcd", "xas_fly", "Region", "dry_run", "bps"} <= set(names)
    assert names["RE"] is session.RE
    assert names["session"] is session


def test_a_spectrum_is_recorded_between_two_readings_of_the_baseline(session: Session) -> None:
    line: Any = session.beamline
    plan: Any = xas([line.i0, line.tey], line.energy, [Region(700, 702, 1)], edge="Fe", dwell=0.1)
    session.RE(plan)
    kept = documents(session)
    streams = {doc["name"]: doc for name, doc in kept if name == "descriptor"}
    counted = dict.fromkeys((doc["uid"] for doc in streams.values()), 0)
    for name, doc in kept:
        if name == "event":
            counted[doc["descriptor"]] += 1
    assert counted[streams["primary"]["uid"]] == 3
    assert counted[streams["baseline"]["uid"]] == 2
    for of_the_table in BL13U.baseline:
        assert of_the_table.name in streams["baseline"]["object_keys"]
    assert kept[-1][1]["exit_status"] == "success"


def test_a_second_session_waits_until_the_first_is_closed(
    session: Session, office: Path, twin: TwinProcess
) -> None:
    def second() -> Session:
        return Session(BL13U(twin.prefix), "EX-0001", "staff", home=office, twin=True)

    with pytest.raises(SpoolBusy, match=r"(?s)BL13U .*One session at a time"):
        second()
    session.close()
    with second() as handed_over:
        assert handed_over.operator.login == "staff"


class Ring(Device):
    current = Component(Signal, value=400.0)


class BL13USmall(Beamline):
    """Ring current alone, at the station of BL13U."""

    stations = ("BL13U",)
    ring = device(Ring)
    interlocks = (Interlock("ring.current", at_least=100.0),)


def test_a_plan_waits_while_an_interlock_is_broken(office: Path) -> None:
    import threading

    import bluesky.plans as bp

    line = BL13USmall(prefix="SIM:")
    with Session(line, "EX-0001", "alpha-member", home=office, twin=True) as session:
        line.ring.current.put(20.0)
        back: list[float] = []

        def return_of_the_beam() -> None:
            back.append(time.time())
            line.ring.current.put(400.0)

        timer = threading.Timer(0.8, return_of_the_beam)
        timer.start()
        counter: Any = SynSignal(name="counter", func=lambda: 1.0)
        session.RE(bp.count([counter]))
        timer.join()
        begun = [doc["time"] for name, doc in documents(session) if name == "event"]
        assert begun[0] > back[0]


def test_closing_a_session_gives_a_paused_run_its_end(office: Path) -> None:
    import bluesky.plan_stubs as bps
    from bluesky.utils import RunEngineInterrupted

    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.checkpoint()
        yield from bps.pause()
        yield from bps.close_run()

    line = BL13USmall(prefix="SIM:")
    session = Session(line, "EX-0001", "alpha-member", home=office, twin=True)
    with session, pytest.raises(RunEngineInterrupted):
        session.RE(plan())
    last, doc = documents(session)[-1]
    assert (last, doc["exit_status"]) == ("stop", "abort")


def living(home: Path) -> list[str]:
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except OSError:
            continue
        if str(home) in command:
            found.append(command)
    return found


class Terminal:
    """A program at a pseudo-terminal, and what it has shown."""

    def __init__(self, command: list[str]) -> None:
        self.pid, self.screen = pty.fork()
        if self.pid == 0:
            os.environ["TERM"] = "dumb"
            os.execv(command[0], command)
        self.shown = ""

    def read(self, done: Callable[[str], object], patience: float) -> bool:
        end = time.monotonic() + patience
        while not done(self.shown):
            if time.monotonic() > end:
                return False
            if not select.select([self.screen], [], [], 0.2)[0]:
                continue
            try:
                self.shown += os.read(self.screen, 65536).decode(errors="replace")
            except OSError:  # the program closed its side
                return bool(done(self.shown))
        return True

    def type(self, text: str) -> None:
        os.write(self.screen, text.encode() + b"\r")

    def end(self) -> int:
        self.read(lambda _: False, 20.0)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def test_a_person_at_the_prompt_moves_errs_and_leaves(home: Path) -> None:
    command = [*NANOTERASU, "start", "BL13U", "--twin", "--speed", "50", "--dir", str(home)]
    terminal = Terminal(command)
    assert terminal.read(lambda shown: "In [1]" in shown, 60.0), terminal.shown
    assert "may read it  academic, alpha-colleague, alpha-member, staff" in terminal.shown
    terminal.type("print('at', energy.position, [n for n in dir(magnet) if n == 'field'])")
    assert terminal.read(lambda shown: re.search(r"at \d+\.\d+ \['field'\]", shown), 15.0)
    terminal.type("RE(xas([i0], energy, [Region(7000, 7600, 1)], edge='Fe'))")
    assert terminal.read(lambda shown: "LimitError: energy: 7000 eV" in shown, 15.0)
    assert "Traceback" not in terminal.shown
    terminal.type("exit")
    assert terminal.end() == 0, terminal.shown
    assert "Virtual circuit" not in terminal.shown
    end = time.monotonic() + 5
    while living(home) and time.monotonic() < end:
        time.sleep(0.1)
    assert living(home) == []


def test_plain_ipython_opens_the_same_session(office: Path) -> None:
    with TwinProcess("BL13U", home=office, speed=50.0):
        done = subprocess.run(
            [
                *(
                    sys.executable,
                    "-m",
                    "IPython",
                    "--profile-dir",
                    str(ROOT / "profile_collection"),
                ),
                *("--HistoryManager.enabled=False", "-c", "print('at', energy.position)"),
            ],
            env=os.environ | {"NANOTERASU_DIR": str(office), "NANOTERASU_OPERATOR": "alpha-member"},
            capture_output=True,
            text=True,
            timeout=60,
        )
    assert done.returncode == 0, done.stderr
    assert "EX-0001" in done.stdout
    assert re.search(r"at \d+\.\d+", done.stdout)
