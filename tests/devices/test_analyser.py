"""What an analyser refuses, and what it foresees of a trigger; without a control system."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ophyd.utils import LimitError

from nanoterasu.beamlines import table
from nanoterasu.devices import DEFLECTION, ElectronOptics, Lens


@pytest.fixture
def analyser() -> Any:
    """A fake, set as one that has just started."""
    built = table("BL06U")(simulated=True).devices()["analyser"]
    values = {
        "lens_mode": "angular_30",
        "pass_energy": 20.0,
        "slit": 0.2,
        "acquisition_mode": "fixed",
        "centre": 95.0,
        "low": 94.0,
        "high": 96.0,
        "step": 0.1,
        "dwell": 0.5,
        "binning": 2,
        "channels": 800,
        "rows": 300,
        "columns": 400,
        "pixel_type": "UInt32",
        "deflector": 0.0,
    }
    for name, value in values.items():
        getattr(built, name).sim_put(value)
    return built


@pytest.mark.parametrize(
    ("setting", "value", "said"),
    [
        ("lens_mode", "wide", "'wide' is not there; choose one of transmission, angular_14"),
        ("pass_energy", 21.0, "choose one of 2.0, 5.0, 10.0"),
        ("slit", 0.0, "choose one of 0.1, 0.2"),
        ("acquisition_mode", "dither", "choose one of fixed, swept"),
        ("centre", float("nan"), "give a finite number"),
        ("low", "95", "give a finite number"),
        ("step", [0.1], "give a finite number"),
        ("deflector", DEFLECTION + 0.1, "beyond the deflector's 15 deg to either side"),
    ],
)
def test_a_setting_that_it_does_not_have_is_refused(
    analyser: Any, setting: str, value: Any, said: str
) -> None:
    signal = getattr(analyser, setting)
    before = signal.get()
    with pytest.raises(LimitError, match=said) as error:
        signal.put(value)
    assert str(error.value).startswith(f"analyser_{setting}: ")
    assert signal.get() == before


@pytest.mark.parametrize(
    ("planned", "seconds", "columns"),
    [
        ({}, 0.5, 400),
        ({"analyser_dwell": 2.0}, 2.0, 400),
        ({"analyser_acquisition_mode": "swept"}, 21 * 0.5, 21),
        ({"analyser_acquisition_mode": "swept", "analyser_step": 0.05}, 41 * 0.5, 41),
        ({"analyser_binning": 4}, 0.5, 200),
    ],
    ids=["fixed", "dwell", "swept", "finer", "binning"],
)
def test_time_and_size_of_a_frame_follow_from_what_a_plan_sets_before(
    analyser: Any, planned: dict[str, Any], seconds: float, columns: int
) -> None:
    rows = 150 if "analyser_binning" in planned else 300
    took, size = analyser.rehearse_trigger(planned)
    assert took == pytest.approx(seconds)
    assert size == rows * columns * 4


@pytest.mark.parametrize(
    ("planned", "said"),
    [
        ({"analyser_centre": 2.0}, r"1\.2 to 2\.8 eV are not within the 3 to 1200 eV of its lens"),
        ({"analyser_centre": 1200.0}, "in mode angular_30"),
        (
            {"analyser_acquisition_mode": "swept", "analyser_high": 93.0},
            r"94 to 93 eV in steps of 0\.1 eV is no region",
        ),
        ({"analyser_acquisition_mode": "swept", "analyser_step": 0.0}, "step > 0"),
        ({"analyser_acquisition_mode": "swept", "analyser_step": 1e-6}, "over 20000 at most"),
    ],
)
def test_settings_that_do_not_go_together_are_refused(
    analyser: Any, planned: dict[str, Any], said: str
) -> None:
    with pytest.raises(LimitError, match=said):
        analyser.rehearse_trigger(planned)


def test_a_burst_of_swept_spectra_is_refused(analyser: Any) -> None:
    class Burst:
        number, dwell, triggered, duration = 3, 0.1, False, 0.3

    analyser.check_prepare(Burst())
    analyser.acquisition_mode.sim_put("swept")
    with pytest.raises(LimitError, match="set analyser_acquisition_mode to 'fixed'"):
        analyser.check_prepare(Burst())


@pytest.mark.parametrize("step", [0.1, 0.05, 0.3])
def test_a_sweep_has_equal_steps_and_keeps_within_its_ends(step: float) -> None:
    optics = ElectronOptics("transmission", 20.0, "swept", 0.0, 94.0, 96.0, step)
    energies = optics.energies(800)
    assert np.diff(energies) == pytest.approx(step)
    assert energies[0] == 94.0
    assert 96.0 - step < energies[-1] <= 96.0
    assert len(energies) == optics.steps()


def test_another_analyser_brings_its_own_lens() -> None:
    hard = {"transmission": Lens(0.0, 50.0, 12_000.0)}
    optics = ElectronOptics("transmission", 200.0, "fixed", 5990.0, 0.0, 0.0, 0.0)
    optics.check("analyser", hard)
    with pytest.raises(LimitError, match="are not within the 50 to 12000 eV"):
        ElectronOptics("transmission", 200.0, "fixed", 55.0, 0.0, 0.0, 0.0).check("a", hard)
