"""What a tired person gets wrong: each time one paragraph that says what, where and what to do."""

from __future__ import annotations

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

import bluesky.plan_stubs as bps
import pytest
from ophyd.utils import LimitError

from nanoterasu.beamlines.bl13u import BL13U
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.plans import Region, xas, xmcd
from nanoterasu.records import (
    Shipper,
    Spool,
    SpoolReader,
    TiledError,
    TiledHome,
    TiledServer,
    connect,
    wait_until_shipped,
)
from nanoterasu.session import Session
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system


def refused(*arguments: object) -> str:
    """What the command line says when it refuses, which is one paragraph and status 1."""
    done = subprocess.run(
        [sys.executable, "-c", "from nanoterasu.cli import main; main()", *map(str, arguments)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.startswith("nanoterasu: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Home with the example house, whose twin runs."""
    home = tmp_path_factory.mktemp("running") / "home"
    home.mkdir(mode=0o700)
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, datetime.now(JST))
    with TwinProcess("BL13U", home=home, speed=50.0):
        yield home


@pytest.mark.parametrize(
    "command", [("start", "BL99X"), ("twin", "BL99X"), ("demo", "--beamline", "BL99X")]
)
def test_an_unknown_beamline(tmp_path: Path, command: tuple[str, ...]) -> None:
    said = refused(*command, "--dir", tmp_path / "home")
    assert "BL99X" in said
    assert "BL13U" in said


def start(home: Path, *arguments: str) -> str:
    return refused("start", "BL13U", "--dir", home, *arguments)


def test_a_beamtime_that_is_over(running: Path) -> None:
    said = start(running, "--operator", "alpha-member", "--beamtime", "EX-0004")
    assert "EX-0004 at BL13U is over since" in said
    assert "use the beamtime which is now" in said


def test_a_beamtime_at_another_station(running: Path) -> None:
    said = start(running, "--operator", "alpha-member", "--beamtime", "EX-0005")
    assert "EX-0005 is at station BL08U, not at BL13U" in said
    assert "start the session at BL08U" in said


def test_an_operator_whom_nobody_knows(running: Path) -> None:
    said = start(running, "--operator", "nobody")
    assert "has the login 'nobody'" in said
    assert "ask the user office" in said
    assert "member" not in said


def test_an_operator_without_a_beamtime_learns_nothing_of_others(running: Path) -> None:
    said = start(running, "--operator", "beta-member")
    assert "beta-member has no beamtime at BL13U now" in said
    assert "--beamtime" in said
    assert not any(other in said for other in ("EX-", "alpha", "Alpha"))


def test_a_second_session_at_the_station(running: Path) -> None:
    with Spool(running / "spool" / "BL13U"):
        said = start(running, "--operator", "alpha-member")
    assert str(running / "spool" / "BL13U") in said
    assert "close that session" in said


def test_a_second_twin_for_the_same_folder(running: Path) -> None:
    said = refused("start", "BL13U", "--twin", "--dir", running)
    assert "A twin of BL13U runs" in said
    assert "no --twin" in said


def test_a_twin_that_does_not_run(tmp_path: Path) -> None:
    said = start(tmp_path / "home", "--operator", "alpha-member")
    assert "BL13U has no address" in said
    assert "'nanoterasu twin BL13U'" in said


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which somebody else listens."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        yield listening.getsockname()[1]


@pytest.mark.parametrize("command", [("twin", "BL13U"), ("serve",)])
def test_a_port_that_is_taken(running: Path, taken: int, command: tuple[str, ...]) -> None:
    said = refused(*command, "--port", taken, "--dir", running)
    assert str(taken) in said
    assert "another" in said.lower()
    assert "--port" in said


@pytest.mark.parametrize("command", [("start", "BL13U"), ("twin", "BL13U"), ("serve",), ("demo",)])
def test_a_folder_that_cannot_be_written(tmp_path: Path, command: tuple[str, ...]) -> None:
    # A file in its place: a mode would not stop the superuser, as whom tests run in containers.
    (tmp_path / "home").write_text("")
    said = refused(*command, "--dir", tmp_path / "home")
    assert str(tmp_path / "home") in said
    assert "Choose another folder" in said


@pytest.fixture
def session(home: Path, twin: TwinProcess) -> Iterator[Session]:
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, datetime.now(JST))
    with Session(BL13U(twin.prefix), "EX-0001", "alpha-member", home=home, twin=True) as session:
        yield session


def _energy(line: Any) -> Any:
    return xas([line.i0], line.energy, [Region(700, 702, 1), Region(4000, 4001, 1)], edge="Fe")


def _dichroism(line: Any, **settings: Any) -> Any:
    return xmcd(
        [line.i0],
        line.energy,
        [Region(700, 702, 1)],
        edge="Fe",
        polarisation=line.undulator.polarisation,
        field=line.magnet.field,
        **settings,
    )


@pytest.mark.parametrize(
    ("plan", "parts"),
    [
        (_energy, ("energy: 4000 eV", "180 to 3000 eV")),
        (lambda line: _dichroism(line, fields=(1.0, 40.0)), ("magnet_field: 40 T", "choose")),
        (
            lambda line: _dichroism(line, fields=(1.0,), ramp_rate=(line.magnet.ramp_rate, 500.0)),
            ("magnet_ramp_rate: 500", "2 T/min"),
        ),
        (lambda line: bps.mv(line.magnet.field, 40.0), ("magnet_field: 40 T", "choose")),
        (lambda line: bps.mv(line.energy, 10.0), ("energy: 10 eV", "180 to 3000 eV")),
    ],
    ids=["energy", "field", "ramp rate", "field moved", "energy moved"],
)
def test_what_is_beyond_a_limit_is_refused_before_anything_moves(
    session: Session, plan: Callable[[Any], Any], parts: tuple[str, ...]
) -> None:
    line: Any = session.beamline
    before = line.energy.position, line.magnet.field.position, line.magnet.ramp_rate.get()
    with pytest.raises(LimitError) as refusal:
        session.RE(plan(line))
    assert "\n" not in str(refusal.value)
    assert all(part in str(refusal.value) for part in parts), str(refusal.value)
    assert (line.energy.position, line.magnet.field.position, line.magnet.ramp_rate.get()) == before
    with SpoolReader(session.spool_folder) as reader:
        assert list(reader.documents(0)) == []


def test_without_tiled_measuring_goes_on_and_the_run_arrives_later(session: Session) -> None:
    with Register(session.home / "office.sqlite") as register:
        roster = register.roster(datetime.now(JST))
    tiled = TiledHome(session.home)
    tiled.prepare(roster, {"alpha-member": "alpha's word"})
    with pytest.raises(TiledError, match=r"No Tiled server runs .*nanoterasu serve --dir"):
        connect(home=session.home)
    line: Any = session.beamline
    plan: Any = xas([line.i0], line.energy, [Region(700, 702, 1)], edge="Fe", dwell=0.1)
    with Shipper(session.spool_folder, tiled):
        (uid,) = cast("tuple[str, ...]", session.RE(plan))
        with TiledServer(tiled) as server:
            wait_until_shipped(session.spool_folder, uid, 60.0)
            catalog = connect(server.uri, username="alpha-member", password="alpha's word")
            assert catalog[uid].primary.sizes["time"] == 3
