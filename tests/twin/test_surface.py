"""Gas, surface and photoelectrons of the twin: signs, places, widths and time constants."""

from __future__ import annotations

import numpy as np
import pytest

from nanoterasu.twin.physics import (
    OXIDE_SHIFT,
    WORK_FUNCTION,
    analyser_resolution,
    cell_current,
    filled,
    oxidation_history,
    photoelectrons,
    surface_rates,
    transmitted,
)

REGION = np.round(np.arange(700.0, 718.0, 0.05), 3)


def spectrum(**about: float) -> np.ndarray:
    return photoelectrons(REGION, "Fe", **({"oxide": 0.0} | about))


def at_half(profile: np.ndarray) -> float:
    """Full width at half maximum [eV]."""
    above = REGION[profile > profile.max() / 2]
    return float(above[-1] - above[0])


def test_the_metal_stands_where_the_tables_have_it_and_the_oxide_deeper() -> None:
    metal, oxide = REGION[spectrum().argmax()], REGION[spectrum(oxide=1.0).argmax()]
    assert metal == pytest.approx(706.8, abs=0.1)
    assert oxide - metal == pytest.approx(OXIDE_SHIFT, abs=0.2)


def test_a_positive_bias_makes_electrons_seem_deeper_bound() -> None:
    moved = REGION[spectrum(bias=1.0).argmax()] - REGION[spectrum().argmax()]
    assert moved == pytest.approx(1.0, abs=0.06)


def test_what_is_wide_is_the_light_the_analyser_and_heat() -> None:
    narrow, wide = (spectrum(width=analyser_resolution(passing, 0.8)) for passing in (20.0, 200.0))
    assert at_half(wide) > at_half(narrow) + 0.1
    assert at_half(spectrum(temperature=700.0)) > at_half(spectrum(temperature=300.0))


def test_the_line_leaves_a_step_at_higher_binding_energy() -> None:
    profile = spectrum()
    assert profile[-1] > 3.0 * profile[0]


def test_the_peak_of_the_gas_grows_with_its_pressure_and_feels_no_bias() -> None:
    energies = np.round(np.arange(525.0, 545.0, 0.05), 3)

    def gas(**about: float) -> np.ndarray:
        return photoelectrons(energies, "Fe", oxide=0.0, **about)

    thin, thick = gas(oxygen=0.1).max(), gas(oxygen=1.0).max()
    assert thick > 5.0 * thin
    at = energies[gas(oxygen=1.0).argmax()]
    assert at == pytest.approx(543.1 - WORK_FUNCTION, abs=0.1)
    assert energies[gas(oxygen=1.0, bias=2.0).argmax()] == at


def test_gas_takes_slow_electrons_rather_than_fast_ones() -> None:
    slow, fast = transmitted([200.0, 1000.0], 2.0)
    assert 0.0 < slow < fast < 1.0
    assert transmitted(200.0, 0.0) == 1.0


def test_the_pressure_follows_its_set_point_faster_the_more_flows() -> None:
    little, much = (filled((0.0,), (flow,), 1.0, 5.0)[0] for flow in (1.0, 10.0))
    assert little < 0.5 < 0.7 < much < 1.0
    assert filled((1.0,), (0.0,), 0.0, 1.0)[0] < 1e-9  # with the valve open it is gone
    assert filled((1.0,), (0.0,), 0.5, 1.0)[0] == pytest.approx(0.5)


def test_one_gas_drives_out_the_other_at_the_same_pressure() -> None:
    oxygen, hydrogen = filled((1.0, 0.0), (0.0, 5.0), 1.0, 5.0)
    assert oxygen + hydrogen == pytest.approx(1.0)
    assert hydrogen > oxygen


@pytest.mark.parametrize(
    ("colder", "hotter"), [((300.0, 1.0), (600.0, 1.0)), ((600.0, 0.1), (600.0, 1.0))]
)
def test_oxidation_goes_faster_with_heat_and_with_pressure(
    colder: tuple[float, float], hotter: tuple[float, float]
) -> None:
    slow, fast = (surface_rates(kelvin, o2, 0.0, None)[0] for kelvin, o2 in (colder, hotter))
    assert slow < 0.5 * fast


def test_hydrogen_reduces_and_vacuum_does_nothing() -> None:
    assert surface_rates(600.0, 0.0, 1.0, None)[1] > 0.0
    assert surface_rates(600.0, 0.0, 0.0, None) == (0.0, 0.0)


def test_a_potential_oxidises_or_reduces_and_the_current_says_so() -> None:
    forward, backward = surface_rates(300.0, 0.0, 0.0, 1.0)
    assert forward > 10.0 * backward
    assert cell_current(0.1, 1.0) > 0.0 > cell_current(0.9, -0.2)
    assert cell_current(0.5, None) == 0.0


def test_a_history_relaxes_with_the_time_constant_of_its_rates() -> None:
    seconds = np.linspace(0.0, 200.0, 401)
    steady = np.ones_like(seconds)
    shares = oxidation_history(seconds, 600.0 * steady, steady, 0.0 * steady, first=0.0)
    assert shares[-1] == pytest.approx(1.0 - np.exp(-1.0), abs=1e-3)
