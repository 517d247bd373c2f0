"""BL13U's twin over Channel Access: the physics that a plan would meet."""

import time
from collections.abc import Iterator

import numpy as np
import pytest
from ophyd import EpicsSignal
from ophyd.signal import EpicsSignalBase

from nanoterasu.beamlines.bl13u import BL13U
from nanoterasu.devices import Polarisation
from nanoterasu.plans import Sweep
from nanoterasu.twin import TwinProcess

L3 = 706.8  # eV

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def beamline(twin: TwinProcess) -> Iterator[BL13U]:
    """Every device, connected; the ramp as fast as the magnet has it."""
    connected = BL13U(twin.prefix)
    connected.connect()
    connected.magnet.ramp_rate.put(2.0, wait=True)
    yield connected
    for built in connected.devices().values():
        built.destroy()


def fresh(signal: EpicsSignalBase) -> float:
    """Value that the IOC has now, not the one last monitored."""
    return float(str(signal.get(use_monitor=False)))


def yields(beamline: BL13U, energy: float = L3, dwell: float = 1.0) -> tuple[float, float]:
    """I0 and TEY [A] at an energy, counted together."""
    beamline.energy.set(energy).wait(20)
    for counter in (beamline.i0, beamline.tey):
        counter.dwell.put(dwell, wait=True)
    for status in [beamline.i0.trigger(), beamline.tey.trigger()]:
        status.wait(10)
    return fresh(beamline.i0.current), fresh(beamline.tey.current)


def contrast(beamline: BL13U, *, polarisation: Polarisation, field: float) -> float:
    """TEY over I0 at L3 in this light and field, less that before the edge."""
    beamline.undulator.polarisation.set(polarisation).wait(20)
    beamline.magnet.field.set(field).wait(30)
    before, at = (yields(beamline, energy) for energy in (L3 - 8.0, L3))
    return at[1] / at[0] - before[1] / before[0]


def test_an_acquisition_takes_its_dwell(twin: TwinProcess, beamline: BL13U) -> None:
    beamline.i0.dwell.put(10.0, wait=True)
    begun = time.monotonic()
    beamline.i0.trigger().wait(10)
    taken = time.monotonic() - begun
    assert 10.0 / twin.speed <= taken < 10.0 / twin.speed + 0.5


def test_dichroism_flips_with_helicity_and_with_field_and_not_with_both(beamline: BL13U) -> None:
    plus_up = contrast(beamline, polarisation="helicity_plus", field=1.0)
    minus_up = contrast(beamline, polarisation="helicity_minus", field=1.0)
    minus_down = contrast(beamline, polarisation="helicity_minus", field=-1.0)
    plus_down = contrast(beamline, polarisation="helicity_plus", field=-1.0)
    assert plus_up < 0.9 * minus_up  # mu+ - mu- is negative at L3 in positive field
    assert plus_up == pytest.approx(minus_down, rel=0.02)
    assert minus_up == pytest.approx(plus_down, rel=0.02)


def test_the_sample_remembers_from_which_field_it_came(beamline: BL13U) -> None:
    contrast(beamline, polarisation="helicity_plus", field=1.0)
    from_above = contrast(beamline, polarisation="helicity_plus", field=0.0)
    contrast(beamline, polarisation="helicity_plus", field=-1.0)
    from_below = contrast(beamline, polarisation="helicity_plus", field=0.0)
    assert from_above < 0.98 * from_below


def test_linear_light_shows_no_dichroism(beamline: BL13U) -> None:
    up = contrast(beamline, polarisation="linear_horizontal", field=1.0)
    down = contrast(beamline, polarisation="linear_horizontal", field=-1.0)
    assert up == pytest.approx(down, rel=0.01)


def test_without_the_gap_following_the_light_is_gone(beamline: BL13U) -> None:
    with_gap, _ = yields(beamline, 700.0)
    beamline.mono.energy.set(740.0).wait(20)
    beamline.i0.trigger().wait(10)
    assert fresh(beamline.i0.current) < 1e-3 * with_gap


def test_a_closed_shutter_leaves_the_dark_current(beamline: BL13U) -> None:
    yields(beamline)
    try:
        beamline.shutter.set("closed").wait(5)
        beamline.i0.trigger().wait(10)
        assert abs(fresh(beamline.i0.current)) < 1e-12
    finally:
        beamline.shutter.set("open").wait(5)


def test_beside_the_sample_there_is_no_yield(beamline: BL13U) -> None:
    on, _ = yields(beamline)
    try:
        beamline.sample.x.set(10.0).wait(20)
        off, tey = yields(beamline)
        assert off == pytest.approx(on, rel=0.1)
        assert abs(tey) < 1e-12
    finally:
        beamline.sample.x.set(0.0).wait(20)


def test_a_field_is_ramped_at_the_rate_that_is_set(twin: TwinProcess, beamline: BL13U) -> None:
    beamline.magnet.field.set(0.0).wait(30)
    begun = time.monotonic()
    beamline.magnet.field.set(1.0).wait(30)
    assert time.monotonic() - begun >= 60.0 * 1.0 / 2.0 / twin.speed
    assert fresh(beamline.magnet.field.readback) == 1.0


@pytest.mark.parametrize(("suffix", "value"), [("FIELD", 8.0), ("RATE", 3.0), ("RATE", 0.0)])
def test_beyond_the_magnets_ranges_a_set_point_is_rejected(
    twin: TwinProcess, beamline: BL13U, suffix: str, value: float
) -> None:
    signal = EpicsSignal(f"{twin.prefix}EA-MAG-01:{suffix}", name="raw")
    signal.wait_for_connection(timeout=5)
    before = fresh(signal)
    signal.put(value, wait=True)
    assert fresh(signal) == before
    assert fresh(beamline.magnet.field.done) == 1
    signal.destroy()


def test_the_field_can_be_stopped_on_the_way(beamline: BL13U) -> None:
    beamline.magnet.field.set(0.0).wait(30)
    beamline.magnet.field.setpoint.put(7.0, wait=True)
    assert fresh(beamline.magnet.field.done) == 0
    beamline.magnet.field.stop_signal.put(1, wait=True)
    stopped = EpicsSignal(beamline.magnet.field.done.pvname, name="done")
    stopped.wait_for_connection(timeout=5)
    end = time.monotonic() + 3.0
    while not fresh(stopped) and time.monotonic() < end:
        time.sleep(0.01)
    assert 0.0 <= fresh(beamline.magnet.field.readback) < 7.0
    stopped.destroy()


def test_a_sweep_records_its_rows_at_their_energies_with_the_gap_following(beamline: BL13U) -> None:
    beamline.undulator.polarisation.set("helicity_plus").wait(20)
    sweep = Sweep(700.0, 730.0, 301, 0.1)
    beamline.continuous.prepare(sweep).wait(5)
    begun = time.time()
    beamline.continuous.kickoff().wait(5)
    beamline.continuous.complete().wait(20)
    pages = list(beamline.continuous.collect_pages())
    rows = {key: np.concatenate([page["data"][key] for page in pages]) for key in pages[0]["data"]}
    times = np.concatenate([page["time"] for page in pages])
    assert rows["energy"] == pytest.approx(np.linspace(700.0, 730.0, 301), abs=1e-6)
    assert np.all(np.diff(times) > 0)
    assert begun < times[0] < times[-1] < time.time()
    assert rows["i0"].min() > 0.8 * rows["i0"].max()
    assert rows["energy"][np.argmax(rows["tey"] / rows["i0"])] == pytest.approx(L3, abs=0.3)
    assert fresh(beamline.mono.energy.user_setpoint) == pytest.approx(730.05)


def test_a_sweep_can_be_aborted_and_keeps_the_rows_it_has(beamline: BL13U) -> None:
    beamline.continuous.prepare(Sweep(700.0, 730.0, 3001, 0.1)).wait(5)
    beamline.continuous.kickoff().wait(5)
    end = time.monotonic() + 5.0
    while not fresh(beamline.continuous.count) and time.monotonic() < end:
        time.sleep(0.01)
    beamline.continuous.stop()
    with pytest.raises(RuntimeError, match="rows came of the 3001"):
        beamline.continuous.complete().wait(5)
    assert fresh(beamline.continuous.running) == 0
    assert 0 < fresh(beamline.continuous.count) < 3001
