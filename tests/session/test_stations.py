"""Stations of one beamline: one session has the beam, unless it is split."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ophyd import Component, Device, Signal

from nanoterasu.beamlines import Beamline, Interlock, device
from nanoterasu.records import BeamBusy
from nanoterasu.session._beam import the_beam


class Counter(Device):
    """Counts."""

    current = Component(Signal, value=1.0)


class Shared(Beamline):
    """Two stations behind the same optics."""

    port = "99U"
    stations = ("Shared-FRONT", "Shared-BACK")
    techniques = ("XAS",)
    energy_range = (100.0, 200.0)

    ring = device(Counter)
    front = device(Counter, station="Shared-FRONT")
    back = device(Counter, station="Shared-BACK")
    baseline = (ring, front, back)
    interlocks = (Interlock("ring.current", at_least=0.5), Interlock("back.current", at_least=0.5))


class Split(Shared):
    """Two stations that measure at once."""

    split = True


def test_a_station_has_the_shared_devices_and_its_own() -> None:
    front, back = (Shared("SIM:", station=code) for code in Shared.stations)
    assert list(front.devices()) == ["ring", "front"]
    assert list(back.devices()) == ["ring", "back"]
    assert [each.name for each in back.read_around()] == ["ring", "back"]
    assert [each.signal for each in front.guarded_by()] == ["ring.current"]
    assert [each.signal for each in back.guarded_by()] == ["ring.current", "back.current"]


def test_a_station_that_there_is_not_is_refused() -> None:
    with pytest.raises(LookupError, match="it has Shared-FRONT, Shared-BACK"):
        Shared("SIM:", station="Shared-ROOF")


def test_a_second_session_is_told_who_has_the_beam(tmp_path: Path) -> None:
    front, back = (Shared("SIM:", station=code) for code in Shared.stations)
    with the_beam(front, tmp_path, "EX-1"):
        with pytest.raises(BeamBusy) as refused, the_beam(back, tmp_path, "EX-2"):
            pass
        said = str(refused.value)
        assert f"held by process {os.getpid()} since" in said
        assert "at Shared-FRONT for beamtime EX-1" in said
        assert "Shared-BACK can measure when that session has been closed" in said
    with the_beam(back, tmp_path, "EX-2"):
        pass


def test_where_the_beam_is_split_both_measure(tmp_path: Path) -> None:
    front, back = (Split("SIM:", station=code) for code in Split.stations)
    with the_beam(front, tmp_path, "EX-1"), the_beam(back, tmp_path, "EX-2"):
        assert not (tmp_path / "run").exists()
