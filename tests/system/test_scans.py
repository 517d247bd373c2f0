"""The plans over BL13U's twin: what they record, what they check first, how they come back."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from bluesky import RunEngine
from bluesky.utils import RunEngineInterrupted
from ophyd.utils import LimitError

from nanoterasu.beamlines.bl13u import BL13U
from nanoterasu.plans import Region, dry_run, xas, xas_fly, xmcd
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

EDGE = "Fe L2,3"
AROUND_L3 = [Region(700.0, 705.0, 1.0), Region(705.0, 709.0, 0.5), Region(709.0, 712.0, 1.0)]


class Documents:
    """What a RunEngine emitted."""

    def __init__(self) -> None:
        self.emitted: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, document: Any) -> None:
        self.emitted.append((name, document))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [document for name, document in self.emitted if name == kind]

    def descriptor(self, stream: str = "primary") -> dict[str, Any]:
        (found,) = [each for each in self.of("descriptor") if each["name"] == stream]
        return found

    def column(self, key: str) -> np.ndarray:
        """Column of the primary stream, from events or from pages."""
        uid = self.descriptor()["uid"]
        events = [each["data"][key] for each in self.of("event") if each["descriptor"] == uid]
        pages = [each["data"][key] for each in self.of("event_page") if each["descriptor"] == uid]
        return np.array(events + [value for page in pages for value in page])


@pytest.fixture(scope="module")
def beamline(twin: TwinProcess) -> Iterator[BL13U]:
    """Every device, connected, in circular light."""
    connected = BL13U(twin.prefix)
    connected.connect()
    connected.magnet.ramp_rate.put(2.0, wait=True)
    connected.undulator.polarisation.set("helicity_plus").wait(20)
    yield connected
    for device in connected.devices().values():
        device.destroy()


@pytest.fixture(scope="module")
def engine() -> RunEngine:
    return RunEngine({}, context_managers=[])


@pytest.fixture
def run(engine: RunEngine) -> Callable[[Any], Documents]:
    """Run a plan; give what it emitted."""

    def run_it(plan: Any) -> Documents:
        documents = Documents()
        engine(plan, documents)
        return documents

    return run_it


def detectors(beamline: Any) -> list[Any]:
    return [beamline.i0, beamline.tey, beamline.tfy]


@pytest.fixture(scope="module")
def step_scan(engine: RunEngine, beamline: Any) -> Documents:
    """One step scan that several tests look at."""
    documents = Documents()
    everything = [*detectors(beamline), beamline.ring, beamline.undulator, beamline.magnet]
    everything += [beamline.sample, beamline.mono, beamline.exit_slit]
    engine(xas(everything, beamline.energy, AROUND_L3, edge=EDGE, dwell=1.0), documents)
    return documents


@pytest.mark.parametrize(
    ("column", "units"),
    [
        ("energy", "eV"),
        ("energy_setpoint", "eV"),
        ("i0", "A"),
        ("tey", "A"),
        ("tfy", "A"),
        ("ring_current", "mA"),
        ("undulator_gap", "mm"),
        ("undulator_phase", "mm"),
        ("mono_energy", "eV"),
        ("magnet_field", "T"),
        ("exit_slit_gap", "um"),
        ("sample_x", "mm"),
        ("sample_theta", "deg"),
        ("sample_temperature", "K"),
    ],
)
def test_a_column_has_its_name_and_unit(step_scan: Documents, column: str, units: str) -> None:
    key = step_scan.descriptor()["data_keys"][column]
    assert key["units"] == units
    assert key["dtype"] == "number"


def test_every_column_of_numbers_has_a_unit(step_scan: Documents) -> None:
    descriptor = step_scan.descriptor()
    configured = [each["data_keys"] for each in descriptor["configuration"].values()]
    for keys in [descriptor["data_keys"], *configured]:
        without = [
            name
            for name, key in keys.items()
            if key["dtype"] == "number"
            and not key.get("units")
            and not name.endswith(("_offset_dir", "_c_ff"))  # a choice, a ratio
        ]
        assert not without


def test_the_dwell_is_kept_with_the_run(step_scan: Documents) -> None:
    configuration = step_scan.descriptor()["configuration"]["i0"]
    assert configuration["data"]["i0_dwell"] == 1.0
    assert configuration["data_keys"]["i0_dwell"]["units"] == "s"


def test_there_is_one_event_per_energy_and_a_shared_end_is_measured_once(
    step_scan: Documents,
) -> None:
    expected = [*range(700, 705), *np.arange(705.0, 709.0, 0.5), *range(709, 713)]
    assert step_scan.column("energy").tolist() == expected
    assert step_scan.of("start")[0]["num_points"] == len(expected)
    assert step_scan.of("stop")[0]["num_events"]["primary"] == len(expected)


def test_the_start_document_says_what_is_measured(step_scan: Documents) -> None:
    (start,) = step_scan.of("start")
    assert start["plan_name"] == "xas"
    assert (start["technique"], start["edge"]) == ("XAS", EDGE)
    assert start["regions"][0] == {"start": 700.0, "stop": 705.0, "step": 1.0}


def test_the_gap_follows_the_energy_and_the_flux_stays(step_scan: Documents, beamline: Any) -> None:
    i0 = step_scan.column("i0")
    assert i0.min() > 0.8 * i0.max()
    gaps = [beamline.undulator.gap_for(energy) for energy in step_scan.column("energy")]
    assert step_scan.column("undulator_gap") == pytest.approx(gaps, abs=2e-3)


def test_the_monochromator_alone_loses_the_flux(
    run: Callable[[Any], Documents], beamline: Any
) -> None:
    beamline.energy.set(700.0).wait(20)
    alone = [Region(700.0, 740.0, 20.0)]
    documents = run(xas([beamline.i0], beamline.mono.energy, alone, edge=EDGE, dwell=1.0))
    i0 = documents.column("i0")
    assert i0[-1] < 1e-3 * i0[0]


def test_a_continuous_scan_shows_what_a_step_scan_shows(
    run: Callable[[Any], Documents], beamline: Any
) -> None:
    steps = run(xas(detectors(beamline), beamline.energy, [Region(700.0, 712.0, 0.5)], edge=EDGE))
    sweep = run(
        xas_fly(beamline.continuous, beamline.energy, 700.0, 712.0, points=25, dwell=1.0, edge=EDGE)
    )
    assert sweep.of("start")[0]["plan_name"] == "xas_fly"
    assert sweep.of("stop")[0]["num_events"] == {"primary": 25}
    assert sweep.column("energy") == pytest.approx(steps.column("energy"), abs=1e-6)
    spectra = [each.column("tey") / each.column("i0") for each in (steps, sweep)]
    # A row of a sweep is a mean over half an electronvolt, a step is not: compared off the peak.
    flat = np.abs(steps.column("energy") - 706.8) > 3.0
    assert spectra[1][flat] == pytest.approx(spectra[0][flat], rel=0.02)
    assert np.argmax(spectra[1]) == pytest.approx(np.argmax(spectra[0]), abs=1)
    for name, units in (("energy", "eV"), ("i0", "A"), ("tey", "A"), ("tfy", "A")):
        assert sweep.descriptor()["data_keys"][name]["units"] == units


def test_dichroism_is_measured_in_the_order_that_cancels_drift(
    run: Callable[[Any], Documents], beamline: Any
) -> None:
    regions = [Region(706.0, 707.0, 0.5)]
    documents = run(
        xmcd(
            [beamline.i0, beamline.tey],
            beamline.energy,
            regions,
            edge=EDGE,
            polarisation=beamline.undulator.polarisation,
            field=beamline.magnet.field,
            fields=(1.0, -1.0),
            ramp_rate=(beamline.magnet.ramp_rate, 2.0),
            dwell=1.0,
        )
    )
    helicities = [f"helicity_{sign}" for sign in ("plus", "minus", "minus", "plus")]
    assert documents.of("start")[0]["plan_name"] == "xmcd"
    assert documents.column("undulator_polarisation").tolist() == [
        helicity for _ in range(2) for helicity in helicities for _ in range(3)
    ]
    assert documents.column("magnet_field").tolist() == [1.0] * 12 + [-1.0] * 12
    assert documents.column("energy").tolist() == [706.0, 706.5, 707.0] * 8
    key = documents.descriptor()["data_keys"]["undulator_polarisation"]
    assert (key["dtype"], key["shape"]) == ("string", [])
    i0 = documents.column("i0")
    assert i0.min() > 0.8 * i0.max()


@pytest.mark.parametrize("deferred", [True, False], ids=["at a checkpoint", "at once"])
def test_a_scan_that_was_paused_goes_on_with_every_point_in_its_place(
    engine: RunEngine, beamline: Any, deferred: bool
) -> None:
    documents = Documents()
    enough = threading.Event()

    def count(name: str, document: Any) -> None:
        if name == "event" and document["seq_num"] == 6:
            enough.set()

    def pause() -> None:
        assert enough.wait(20)
        engine.request_pause(defer=deferred)

    # Steps that take a while, so that a pause falls into a move or a dwell.
    plan = xas([beamline.i0], beamline.energy, [Region(700.0, 720.0, 2.0)], edge=EDGE, dwell=2.0)
    token = engine.subscribe(count)
    pauser = threading.Thread(target=pause)
    pauser.start()
    try:
        with pytest.raises(RunEngineInterrupted):
            engine(plan, documents)
        pauser.join()
        beamline.energy.set(760.0).wait(20)  # a hand on the axis while the scan waits
        engine.resume()
    finally:
        engine.unsubscribe(token)
    assert documents.column("energy").tolist() == list(range(700, 721, 2))
    assert documents.column("energy_setpoint").tolist() == list(range(700, 721, 2))
    assert documents.of("stop")[0]["exit_status"] == "success"
    i0 = documents.column("i0")
    assert i0.min() > 0.8 * i0.max()


def test_a_plan_whose_last_point_is_out_of_range_moves_nothing(
    run: Callable[[Any], Documents], beamline: Any
) -> None:
    beamline.energy.set(705.0).wait(20)
    moved: list[Any] = []
    watched = [beamline.mono.energy, beamline.undulator.gap, beamline.undulator.phase]
    for axis in watched:
        axis.user_setpoint.subscribe(lambda value, **_: moved.append(value), run=False)
        axis.motor_done_move.subscribe(lambda value, **_: moved.append(value), run=False)
    before = beamline.i0.dwell.get(use_monitor=False)
    regions = [Region(700.0, 790.0, 0.1), Region(2995.0, 3000.5, 5.5)]
    begun = time.monotonic()
    with pytest.raises(LimitError, match="no undulator gap gives 2995 eV"):
        run(xas([beamline.i0], beamline.energy, regions, edge=EDGE, dwell=7.0))
    assert time.monotonic() - begun < 5.0
    assert beamline.mono.energy.fresh_readback() == 705.0
    assert beamline.i0.dwell.get(use_monitor=False) == before
    assert moved == []


@pytest.mark.parametrize("speed", ["step", "sweep"])
def test_the_time_is_foretold(
    twin: TwinProcess, run: Callable[[Any], Documents], beamline: Any, speed: str
) -> None:
    if speed == "step":
        regions = [Region(700.0, 740.0, 4.0)]
        plan = xas(detectors(beamline), beamline.energy, regions, edge=EDGE, dwell=20.0)
    else:
        span = (700.0, 740.0)
        scan = beamline.continuous
        plan = xas_fly(scan, beamline.energy, *span, points=101, dwell=1.0, edge=EDGE)
    beamline.energy.set(700.0).wait(20)
    foretold = dry_run(plan)
    begun = time.monotonic()
    run(plan)
    taken = (time.monotonic() - begun) * twin.speed
    assert 0.8 * foretold.duration < taken < 2.0 * foretold.duration
