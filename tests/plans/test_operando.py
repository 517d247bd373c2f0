"""Photoelectron regions, programmes and the environment's log, without a control system."""

from __future__ import annotations

import math
from typing import Any

import bluesky.plan_stubs as bps
import pytest
from bluesky.utils import MsgGenerator
from ophyd import Signal
from ophyd.sim import SynAxis

from nanoterasu.plans import (
    BindingRegion,
    EnvironmentStep,
    core_level,
    core_level_region,
    dry_run,
)
from nanoterasu.plans._environment_log import EnvironmentLog


@pytest.mark.parametrize(
    ("name", "energy"),
    [
        ("C 1s", 284.2),
        ("Fe 2p3/2", 706.8),
        ("Fe 2p1/2", 719.9),
        ("O 1s", 531.0),
        ("Au 4f7/2", 84.0),
        ("Ag 3d5/2", 368.3),
    ],
)
def test_a_core_level_has_the_energy_of_the_tables(name: str, energy: float) -> None:
    assert core_level(name) == pytest.approx(energy, abs=0.3)


def test_a_pair_is_one_region_around_both() -> None:
    region = core_level_region("Fe 2p", margin=5.0)
    assert region.low == pytest.approx(706.8 - 5.0)
    assert region.high == pytest.approx(719.9 + 5.0)


@pytest.mark.parametrize("name", ["Fe 7q", "Xx 1s", "Fe", "", "Fe 9s", "C 3d5/2"])
def test_an_unknown_core_level_is_refused(name: str) -> None:
    with pytest.raises(LookupError, match="is no core level: give an element and a level"):
        core_level(name)


@pytest.mark.parametrize(
    "about",
    [
        {"low": 10.0, "high": 10.0},
        {"low": 0.0, "high": 10.0, "step": 0.0},
        {"low": 0.0, "high": 10.0, "dwell": -1.0},
        {"low": 0.0, "high": 10.0, "sweeps": 0},
        {"low": math.nan, "high": 10.0},
        {"low": "0", "high": 10.0},
    ],
)
def test_a_region_without_anything_to_measure_is_refused(about: Any) -> None:
    with pytest.raises(ValueError, match=r"give|sweeps"):
        BindingRegion("C 1s", **about)


def test_light_that_takes_out_no_electrons_is_refused() -> None:
    with pytest.raises(ValueError, match="Choose a photon energy above 721"):
        BindingRegion("Fe 2p3/2", 700.0, 717.0).kinetic(700.0, 4.4)


@pytest.mark.parametrize("spectra", [0, -1, 1.5])
def test_a_step_takes_at_least_one_spectrum(spectra: Any) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        EnvironmentStep(spectra)


def test_a_setting_is_a_pair() -> None:
    with pytest.raises(ValueError, match="pairs of axis and value"):
        EnvironmentStep(1, [600.0])  # type: ignore[list-item]


def test_the_log_has_a_row_for_each_change_and_the_others_as_they_were() -> None:
    flow, heat = Signal(name="flow", value=0.0), Signal(name="heat", value=300.0)
    log = EnvironmentLog([flow, heat])
    assert list(log.describe_collect()) == ["environment_time", "flow", "heat"]
    log.kickoff()
    flow.put(2.0)
    heat.put(310.0)
    log.complete()
    flow.put(9.0)
    (page,) = log.collect_pages()
    assert page["data"]["flow"] == [0.0, 2.0, 2.0]
    assert page["data"]["heat"] == [300.0, 300.0, 310.0]
    times = page["data"]["environment_time"]
    assert times == sorted(times)
    assert times[1] == pytest.approx(flow.timestamp, abs=1.0)
    assert list(log.collect_pages()) == []


def test_what_goes_on_beside_something_else_takes_no_time_of_its_own() -> None:
    class Slow(SynAxis):
        def travel_time(self, start: float, target: float) -> float:
            return 100.0

    heater: Any = Slow(name="heater")

    def plan() -> MsgGenerator[None]:
        yield from bps.abs_set(heater, 1.0, group="ramp")
        for _ in range(4):
            yield from bps.sleep(20.0)
        yield from bps.wait(group="ramp")
        yield from bps.sleep(5.0)

    assert dry_run(plan()).duration == pytest.approx(105.0)
