"""What devices refuse, before anything moves; and that nothing does."""

from typing import Any

import pytest
from ophyd.utils import LimitError

from nanoterasu.beamlines import table
from nanoterasu.plans import Sweep


@pytest.fixture
def beamline() -> Any:
    """Fakes, with the values that a control system would have."""
    built: Any = table("BL13U")(simulated=True)
    limits = {
        built.mono.energy: (180.0, 3000.0, 700.0),
        built.undulator.gap: (12.0, 200.0, 20.0),
        built.undulator.phase: (-29.0, 29.0, 14.0),
        built.sample.x: (-15.0, 15.0, 0.0),
    }
    for motor, (low, high, here) in limits.items():
        motor.low_limit_travel.sim_put(low)
        motor.high_limit_travel.sim_put(high)
        motor.user_readback.sim_put(here)
        motor.velocity.sim_put(20.0)
        motor.acceleration.sim_put(0.1)
        motor.motor_egu.sim_put("mm")
    built.magnet.field_max.sim_put(7.0)
    built.magnet.ramp_rate_max.sim_put(2.0)
    built.magnet.ramp_rate.sim_put(1.0)
    return built


NO_NUMBERS = [float("nan"), float("inf"), -float("inf"), None, "12", [1.0]]


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
@pytest.mark.parametrize("axis", ["sample.x", "magnet.field", "sample.temperature", "mono.energy"])
def test_an_axis_takes_finite_numbers_only(beamline: Any, axis: str, value: Any) -> None:
    device, _, attribute = axis.partition(".")
    positioner = getattr(getattr(beamline, device), attribute)
    with pytest.raises(LimitError) as error:
        positioner.set(value)
    assert str(error.value).startswith(f"{positioner.name}: {value!r} is not a position")
    assert "give a finite number" in str(error.value)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_an_energy_is_a_finite_number(beamline: Any, value: Any) -> None:
    with pytest.raises(LimitError, match="give a finite number"):
        beamline.energy.set(value)


def test_soft_limits_are_named_with_their_unit(beamline: Any) -> None:
    with pytest.raises(LimitError, match=r"sample_x: 16 mm is outside .* -15 to 15 mm"):
        beamline.sample.x.set(16.0)


@pytest.mark.parametrize("energy", [179.9, 3000.1])
def test_the_beamlines_range_of_energies_is_kept(beamline: Any, energy: float) -> None:
    with pytest.raises(LimitError, match=rf"energy: {energy:g} eV is outside .* 180 to 3000 eV"):
        beamline.energy.set(energy)


def test_an_energy_that_the_undulator_cannot_follow_is_refused(beamline: Any) -> None:
    with pytest.raises(LimitError, match="no undulator gap gives 2900 eV in helicity_plus"):
        beamline.energy.set(2900.0)


@pytest.mark.parametrize("field", [7.1, -7.1])
def test_a_field_beyond_the_magnets_is_refused(beamline: Any, field: float) -> None:
    with pytest.raises(LimitError, match="choose a field between -7 and 7 T"):
        beamline.magnet.field.set(field)


@pytest.mark.parametrize("rate", [2.1, 0.0, -1.0, float("nan"), None, "1"])
def test_a_ramp_rate_that_could_quench_is_refused(beamline: Any, rate: Any) -> None:
    with pytest.raises(LimitError, match="is not between 0 and this magnet's 2 T/min"):
        beamline.magnet.ramp_rate.check_value(rate)
    with pytest.raises(LimitError):
        beamline.magnet.ramp_rate.put(rate)


def test_without_a_ramp_rate_the_field_cannot_move(beamline: Any) -> None:
    beamline.magnet.ramp_rate.sim_put(0.0)
    with pytest.raises(LimitError, match="Set magnet_ramp_rate to a positive value"):
        beamline.magnet.field.travel_time(0.0, 1.0)


def test_an_axis_without_velocity_cannot_move(beamline: Any) -> None:
    beamline.sample.x.velocity.sim_put(0.0)
    with pytest.raises(LimitError, match=r"its velocity is 0 mm/s, so it cannot move"):
        beamline.sample.x.travel_time(0.0, 1.0)


def test_a_temperature_rate_of_zero_cannot_move_it(beamline: Any) -> None:
    beamline.sample.temperature.rate.sim_put(0.0)
    with pytest.raises(LimitError, match="positive"):
        beamline.sample.temperature.travel_time(300.0, 100.0)


@pytest.mark.parametrize("value", ["ajar", "Open", 1, None])
def test_a_shutter_is_open_or_closed(beamline: Any, value: Any) -> None:
    with pytest.raises(LimitError, match=r"is no position; say 'open' or 'closed'"):
        beamline.shutter.set(value)


@pytest.mark.parametrize("value", ["circular", "", None, 14.0, ["helicity_plus"]])
def test_a_polarisation_is_one_of_four(beamline: Any, value: Any) -> None:
    with pytest.raises(LimitError, match="choose one of linear_horizontal"):
        beamline.undulator.polarisation.set(value)


@pytest.mark.parametrize(
    ("sweep", "said"),
    [
        (Sweep(700.0, 740.0, 1, 0.1), "1 points asked for; it records 2 to 20000"),
        (Sweep(700.0, 740.0, 20_001, 0.1), "20001 points asked for"),
        (Sweep(700.0, 740.0, 100, 0.0), "dwell of 0 s is not positive"),
        (Sweep(700.0, 740.0, 100, -1.0), "not positive"),
        (Sweep(100.0, 740.0, 1000, 0.1), "100 eV is outside"),
        (Sweep(700.0, 3100.0, 20_000, 1.0), "3100 eV is outside"),
        (Sweep(700.0, 740.0, 11, 0.1), "faster than the monochromator's 20 eV/s"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_sweep_that_cannot_be_done_is_refused(beamline: Any, sweep: Sweep, said: str) -> None:
    with pytest.raises(LimitError, match=said):
        beamline.continuous.prepare(sweep)


def test_a_sweep_starts_only_after_it_was_prepared(beamline: Any) -> None:
    with pytest.raises(RuntimeError, match=r"call prepare\(Sweep\(...\)\) first"):
        beamline.continuous.kickoff()
    with pytest.raises(RuntimeError, match=r"call kickoff\(\) first"):
        beamline.continuous.complete()


def test_rows_that_did_not_come_are_missed(beamline: Any) -> None:
    beamline.continuous._asked = 100
    beamline.continuous.count.sim_put(0)
    assert "0 rows came of the 100 asked for" in beamline.continuous._missing_rows()
    beamline.continuous.count.sim_put(100)
    assert beamline.continuous._missing_rows() == ""
