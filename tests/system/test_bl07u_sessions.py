"""BL07U's sessions: one station at a time has the beam, and sees nothing of the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import bluesky.plans as bp
import pytest

from nanoterasu.beamlines.bl07u import BL07U, HORNET, NANO_ESCA, SCORPIUS
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.records import BeamBusy, SpoolReader
from nanoterasu.session import Session
from nanoterasu.twin import TwinProcess
from nanoterasu.twin.physics import edges

pytestmark = pytest.mark.system

L3 = edges("Fe")[0]
PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "bl07u.md"
Events = list[dict[str, Any]]


@pytest.fixture
def office(home: Path) -> Path:
    """An office in which Company Alpha has shifts at two stations at once."""
    now = datetime.now(JST)
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, now)
        given = register.beamtime("EX-0013", now)
        for number, station in ((98, NANO_ESCA), (99, HORNET)):
            changed = {"id": f"EX-00{number}", "booking_id": f"EX-B{number}"}
            register.add(replace(given, station=station, **changed))
    return home


@pytest.fixture
def session(
    office: Path, twin_of: Callable[[str], TwinProcess]
) -> Iterator[Callable[[str, str], Session]]:
    """Open a session at a station; all are closed in the end."""
    with ExitStack() as opened:

        def begun(station: str, beamtime: str) -> Session:
            line = BL07U(twin_of("BL07U").prefix, station=station)
            opened.callback(lambda: [built.destroy() for built in line.devices().values()])
            begun = Session(line, beamtime, "alpha-member", home=office, twin=True)
            opened.callback(begun.close)
            return begun

        yield begun


def stored(session: Session, kind: str) -> Events:
    with SpoolReader(session.spool_folder) as reader:
        return [doc for _, name, doc in reader.documents(0) if name == kind]


def test_one_station_has_the_beam_and_none_sees_anothers_devices(
    session: Callable[[str, str], Session],
) -> None:
    first = session(SCORPIUS, "EX-0013")
    with pytest.raises(BeamBusy) as refused:
        session(HORNET, "EX-0099")
    said = str(refused.value)
    assert "at BL07U-SCORPIUS for beamtime EX-0013" in said
    assert "BL07U-HORNET can measure when that session has been closed" in said

    names = first.namespace()
    elsewhere = {
        name for name, line in BL07U.lines().items() if line.station in (HORNET, NANO_ESCA)
    }
    assert elsewhere
    assert not elsewhere & names.keys()
    assert {"arpes_analyser", "spin_analyser", "energy", "i0"} <= names.keys()
    names["RE"](bp.count([names["i0"]]))
    (baseline,) = [each for each in stored(first, "descriptor") if each["name"] == "baseline"]
    assert "arpes_sample" in baseline["object_keys"]
    assert not elsewhere & baseline["object_keys"].keys()

    first.close()
    assert "rixs_detector" in session(HORNET, "EX-0099").namespace()


@pytest.mark.parametrize(
    ("station", "beamtime"), [(NANO_ESCA, "EX-0098"), (HORNET, "EX-0099")], ids=str
)
def test_what_the_page_types_at_the_other_stations_runs_there(
    station: str, beamtime: str, session: Callable[[str, str], Session]
) -> None:
    name = station.partition("-")[2]
    (section,) = [part for part in PAGE.read_text().split("\n## ") if part.startswith(name)]
    blocks = re.findall(r"^```ipython\n(.*?)^```", section, re.DOTALL | re.MULTILINE)
    runs = sum(block.count("RE(") for block in blocks)
    assert runs
    opened = session(station, beamtime)
    names = opened.namespace()
    try:
        for block in blocks:
            exec(compile(block, PAGE.name, "exec"), names)
    finally:
        if station == HORNET:
            pitch = names["spectrometer"].pitch_for(L3)
            names["spectrometer"].pitch.set(round(pitch, 5)).wait(30)
            names["rixs_detector"].binning.set(1).wait(5)
        else:
            for axis in (names["esca_stage"].x, names["esca_stage"].y):
                axis.set(0.0).wait(20)
    assert [doc["exit_status"] for doc in stored(opened, "stop")] == ["success"] * runs
