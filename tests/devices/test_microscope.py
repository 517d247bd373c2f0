"""What a microscope, a helicity switch and a magnet refuse, before anything moves."""

from dataclasses import replace
from typing import Any

import pytest
from ophyd.utils import LimitError

from nanoterasu.beamlines import table
from nanoterasu.devices import MagnetQuenched, focal_length, turn_time
from nanoterasu.plans import Raster, Sweep


@pytest.fixture
def beamline() -> Any:
    """Fakes, with the values that a control system would have."""
    built: Any = table("BL14U")(simulated=True)
    motors = {
        built.mono.energy: (200.0, 1400.0, 700.0, 20.0),
        built.undulator.gap: (12.0, 200.0, 20.0, 5.0),
        built.undulator.phase: (-29.0, 29.0, 14.0, 4.0),
        built.zone_plate.z: (1500.0, 7000.0, 4516.7, 1000.0),
        built.aperture.z: (100.0, 3000.0, 500.0, 500.0),
        built.fine.x: (-50.0, 50.0, 0.0, 1000.0),
        built.fine.y: (-50.0, 50.0, 0.0, 1000.0),
    }
    for motor, (low, high, here, velocity) in motors.items():
        motor.low_limit_travel.sim_put(low)
        motor.high_limit_travel.sim_put(high)
        motor.user_readback.sim_put(here)
        motor.velocity.sim_put(velocity)
        motor.acceleration.sim_put(0.005)
    values = {
        built.zone_plate.diameter: 200.0,
        built.zone_plate.outermost_zone: 40.0,
        built.aperture.diameter: 50.0,
        built.fine.resolution: 0.002,
        built.raster.settle: 0.01,
        built.helicity_switch.rate_max: 50.0,
        built.magnet.field_max: 8.0,
        built.magnet.ramp_rate_max: 2.0,
        built.magnet.ramp_rate: 2.0,
    }
    for signal, value in values.items():
        signal.sim_put(value)
    return built


RASTER = Raster(-1.0, 1.0, -1.0, 1.0, 21, 21, 1e-3)


def test_the_focal_length_is_proportional_to_the_energy() -> None:
    assert focal_length(1400.0, 200.0, 40.0) == pytest.approx(2 * focal_length(700.0, 200.0, 40.0))
    # 200 um times 40 nm over the wavelength of 1.771 nm.
    assert focal_length(700.0, 200.0, 40.0) == pytest.approx(200.0 * 40.0 / 1.7712, rel=1e-4)


def test_the_zone_plate_is_sent_to_the_focus_and_the_offset(beamline: Any) -> None:
    beamline.zone_plate.focus_offset.sim_put(12.0)
    assert beamline.zone_plate.z_for(700.0) == pytest.approx(4516.7 + 12.0, abs=0.05)


@pytest.mark.parametrize(
    ("energy", "said"),
    [
        (599.0, "focused_energy: 599 eV is outside the 600 to 1400 eV"),
        (1401.0, "energy: 1401 eV is outside"),
        (1200.0, r"zone_plate_z: 7742\.92 .*is outside its soft limits, 1500 to 7000"),
    ],
)
def test_an_energy_that_cannot_be_focused_is_refused(
    beamline: Any, energy: float, said: str
) -> None:
    with pytest.raises(LimitError, match=said):
        beamline.focused_energy.set(energy)


def test_an_aperture_that_cuts_the_cone_is_told_where_to_go(beamline: Any) -> None:
    beamline.aperture.z.user_readback.sim_put(1200.0)
    with pytest.raises(LimitError, match=r"cone is 53\.1 um .* aperture_z to between 0 and 1129"):
        beamline.focused_energy.check_value(700.0)
    beamline.focused_energy.check_move(700.0, {"aperture_z": 800.0})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"columns": 1}, "21 lines of 1 pixels asked for"),
        ({"lines": 0}, "0 lines of 21 pixels"),
        ({"columns": 1000, "lines": 251}, "251000 pixels asked for; it records up to 250000"),
        ({"dwell": 0.0}, "dwell of 0 s is not positive"),
        ({"columns": 2001}, r"pixels of 0\.001 um are finer than the 0\.002 um that fine"),
        ({"lines": 2001}, r"pixels of 0\.001 um are finer"),
        ({"dwell": 9e-5}, r"1\.11e\+03 um/s is faster than fine_x's 1000 um/s"),
        ({"x_start": 48.0, "x_stop": 50.0}, r"47\.5 to 50\.5 um, run-up included, is outside fine"),
        ({"y_stop": 50.1}, r"-1 to 50\.1 um.* is outside fine_y's"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value[:16],
)
def test_an_image_that_the_stage_cannot_do_is_refused(
    beamline: Any, changes: dict[str, Any], said: str
) -> None:
    beamline.raster.check_prepare(RASTER)
    with pytest.raises(LimitError, match=said):
        beamline.raster.prepare(replace(RASTER, **changes))


def test_the_time_of_an_image_has_the_turns_in_it(beamline: Any) -> None:
    turn = turn_time(2.0, 1000.0, 0.005, 0.01, 1e-3)
    assert turn == pytest.approx(0.022)
    assert beamline.raster.flight_time(RASTER) == pytest.approx(21 * (0.021 + turn))


def test_a_scan_starts_only_after_it_was_prepared(beamline: Any) -> None:
    with pytest.raises(RuntimeError, match=r"call prepare\(Raster\(...\)\) first"):
        beamline.raster.kickoff()


def test_rows_that_were_overwritten_are_not_given_as_if_they_were_others(beamline: Any) -> None:
    beamline.raster.count.sim_put(beamline.raster.CAPACITY + 1)
    with pytest.raises(RuntimeError, match="rows 0 to 1 were overwritten"):
        list(beamline.raster.collect_pages())


@pytest.mark.parametrize("scan", ["raster", "continuous"])
def test_a_dwell_that_sees_both_helicities_is_refused(beamline: Any, scan: str) -> None:
    beamline.helicity_switch.rate.sim_put(5.0)
    dwells = {True: (0.1, 0.05), False: (0.2, 0.04, 0.07)}

    def check(dwell: float) -> None:
        sweep = Sweep(700.0, 710.0, 101, dwell)
        pattern = replace(RASTER, dwell=dwell) if scan == "raster" else sweep
        getattr(beamline, scan).check_prepare(pattern)

    for dwell in dwells[True]:
        check(dwell)
    for dwell in dwells[False]:
        with pytest.raises(LimitError, match=r"each helicity lasts 0\.1 s"):
            check(dwell)


@pytest.mark.parametrize("rate", [-1.0, 50.1, float("nan"), None])
def test_a_rate_that_the_switch_does_not_reach_is_refused(beamline: Any, rate: Any) -> None:
    with pytest.raises(LimitError, match=r"is not between 0 \(no switching\) and .* 50 Hz"):
        beamline.helicity_switch.rate.put(rate)


def test_a_sweep_has_the_counters_of_its_beamline_alone() -> None:
    columns = {
        code: list(table(code)(simulated=True).continuous.columns())  # type: ignore[attr-defined]
        for code in ("BL13U", "BL14U")
    }
    assert columns["BL13U"] == ["energy", "helicity", "i0", "tey", "tfy"]
    assert columns["BL14U"] == ["energy", "helicity", "i0", "tey"]


def test_a_ramp_beyond_4_tesla_is_slower(beamline: Any) -> None:
    field = beamline.magnet.field
    field.check_value(-4.0)
    with pytest.raises(LimitError, match=r"a ramp that reaches 5 T .* it allows 1 T/min there"):
        field.check_value(5.0)
    field.check_move(5.0, {"magnet_ramp_rate": 1.0})
    with pytest.raises(LimitError, match="reaches 6 T"):  # on its way down, as well
        field.check_move(0.0, {"magnet_field": 6.0})


def test_a_field_beyond_8_tesla_is_refused(beamline: Any) -> None:
    with pytest.raises(LimitError, match="choose a field between -8 and 8 T"):
        beamline.magnet.field.set(8.1)


def test_a_quenched_magnet_is_not_ramped_and_no_event_is_measured_in_it(beamline: Any) -> None:
    magnet = beamline.magnet
    magnet.field.trigger().wait(1)
    magnet.quench.sim_put(1)
    with pytest.raises(MagnetQuenched, match=r"magnet cannot be ramped: it has quenched.*reset"):
        magnet.field.set(1.0)
    with pytest.raises(MagnetQuenched, match="quenched during the scan"):
        magnet.field.trigger().wait(1)
    assert magnet.field.close_on_failure is beamline.shutter
    magnet.quench.sim_put(0)
    assert magnet.field.close_on_failure is None
