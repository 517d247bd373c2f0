"""The check of a beamline, and sessions that begin without what is optional."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from nanoterasu.beamlines import Beamline, Interlock, device
from nanoterasu.devices import Electrometer, GratingMono, RingCurrent
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.records import SpoolReader
from nanoterasu.session import Session, check
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

NANOTERASU = [sys.executable, "-c", "from nanoterasu.cli import main; main()"]


class BL13UPart(Beamline):
    """Some of BL13U's devices, and two that its twin does not serve."""

    port = "13U"
    stations = ("BL13U",)
    techniques = ("XAS",)
    energy_range = (180.0, 3000.0)

    ring = device(RingCurrent, "SR-DCCT-01:")
    mono = device(GratingMono, "OP-PGM-01:")
    i0 = device(Electrometer, "EA-AMM-01:")
    reference = device(Electrometer, "EA-AMM-99:", optional=True)
    baseline = (ring, reference)
    interlocks = (Interlock("ring.current", at_least=500.0),)


class BL13UWithout(BL13UPart):
    """One of them required."""

    stations = ("BL13U",)
    reference = device(Electrometer, "EA-AMM-99:")

    @classmethod
    def lines(cls) -> dict[str, device]:
        return dict(BL13UPart.lines()) | {"reference": cls.reference}


@pytest.fixture
def beamline(twin: TwinProcess) -> Iterator[BL13UPart]:
    part = BL13UPart(twin.prefix)
    yield part
    for built in part.built.values():
        built.destroy()


def test_a_check_says_what_answers_and_what_does_not(beamline: BL13UPart) -> None:
    found = {each.device: each for each in check(beamline, timeout=1.0)}
    assert found["mono"].state == "ok"
    assert found["i0"].state == "ok"
    assert found["reference"].state == "absent"
    assert "3 of 3 signals are silent: TWIN:BL13U-EA-AMM-99:" in found["reference"].said
    assert "A session measures without it" in found["reference"].said
    assert found["ring"].state == "interlock"
    assert "below 500: plans wait for it" in found["ring"].said
    assert not any(each.stops for each in found.values())


def test_a_unit_other_than_the_tables_is_told(beamline: BL13UPart) -> None:
    beamline.connect(timeout=1.0)
    units = beamline.mono.grating.motor_egu
    before = units.get()
    units.put("inch", wait=True)
    try:
        (found,) = [each for each in check(beamline, timeout=1.0) if each.device == "mono"]
        assert found.stops
        assert (
            "mono_grating: the control system gives it in 'inch', the table in 'mm'" in found.said
        )
    finally:
        units.put(before, wait=True)


def test_limits_that_leave_nothing_are_told(beamline: BL13UPart) -> None:
    beamline.connect(timeout=1.0)
    axis = beamline.mono.grating
    high = axis.high_limit_travel.get()
    axis.high_limit_travel.put(-60.0, wait=True)
    try:
        (found,) = [each for each in check(beamline, timeout=1.0) if each.device == "mono"]
        assert found.state == "disagrees"
        assert "between which there is nothing" in found.said
    finally:
        axis.high_limit_travel.put(high, wait=True)


@pytest.fixture
def office(home: Path) -> Path:
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, datetime.now(JST))
    return home


def test_a_session_begins_without_an_optional_device_and_says_so(
    beamline: BL13UPart, office: Path
) -> None:
    import bluesky.plans as bp

    beamline.interlocks = ()  # type: ignore[misc] - the ring of the twin has 400 mA
    with Session(beamline, "EX-0001", "alpha-member", home=office, twin=True) as session:
        assert "absent  reference: no answer" in session.banner()
        names = session.namespace()
        with pytest.raises(ConnectionError, match=r"reference is absent.*nanoterasu check BL13U"):
            names["reference"].trigger()
        session.RE(bp.count([names["i0"]]))
        with SpoolReader(session.spool_folder) as reader:
            (baseline, _) = [doc for _, name, doc in reader.documents(0) if name == "descriptor"]
    assert list(baseline["object_keys"]) == ["ring"]


def test_no_session_begins_without_a_required_device(office: Path, twin: TwinProcess) -> None:
    part = BL13UWithout(twin.prefix)
    part.connect = lambda timeout=1.0: Beamline.connect(part, timeout)  # type: ignore[method-assign]
    with pytest.raises(ConnectionError, match=r"from reference below .*nanoterasu check BL13U"):
        Session(part, "EX-0001", "alpha-member", home=office, twin=True)
    for built in part.built.values():
        built.destroy()


def test_a_newcomer_checks_a_twin(tmp_path: Path, say: object) -> None:
    begun = time.monotonic()
    done = subprocess.run(
        [*NANOTERASU, "check", "BL13U", "--twin", "--dir", str(tmp_path / "home")],
        capture_output=True,
        text=True,
        timeout=60,
    )
    taken = time.monotonic() - begun
    assert done.returncode == 0, done.stderr
    assert re.search(r"^undulator +ok$", done.stdout, re.MULTILINE)
    assert "BL13U: " in done.stdout
    assert "ready to measure" in done.stdout
    say(f"nanoterasu check BL13U --twin took {taken:.1f} s")  # type: ignore[operator]
