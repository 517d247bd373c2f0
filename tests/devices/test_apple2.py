"""The undulator's arithmetic: energy from gap and phase, and back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ophyd.utils import LimitError

from nanoterasu.devices import POLARISATIONS, Polarisation
from nanoterasu.devices._apple2 import (
    FIRST_HARMONIC_UP_TO,
    UNDULATOR_PERIOD,
    gap_for,
    harmonic_for,
    phase_for,
    polarisation_at,
    resonance,
)

ENERGIES = st.floats(300.0, 1200.0)  # eV
PERIODS = st.floats(48.0, 90.0)  # mm


@given(energy=ENERGIES, polarisation=st.sampled_from(POLARISATIONS), period=PERIODS)
def test_the_gap_for_an_energy_gives_that_energy(
    energy: float, polarisation: Polarisation, period: float
) -> None:
    harmonic = harmonic_for(energy, polarisation, period)
    try:
        gap = gap_for(energy, polarisation, period)
    except LimitError:  # circular light beyond the first harmonic
        assert harmonic * energy_without_deflection(period) <= energy
        return
    there = resonance(gap, phase_for(polarisation, period), harmonic, period)
    assert float(there) == pytest.approx(energy, rel=1e-6)


def energy_without_deflection(period: float) -> float:
    """Energy [eV] of the first harmonic where the magnets are far away."""
    return float(resonance(2.5 * period, 0.0, 1, period))


def test_a_longer_period_gives_softer_light_at_the_same_gap() -> None:
    assert resonance(20.0, 0.0, 1, 80.0) < resonance(20.0, 0.0, 1, 56.0)


@given(gaps=st.tuples(st.floats(12.0, 60.0), st.floats(12.0, 60.0)), phase=st.floats(-28.0, 28.0))
def test_a_wider_gap_gives_a_higher_energy(gaps: tuple[float, float], phase: float) -> None:
    narrow, wide = sorted(gaps)
    assert resonance(narrow, phase) <= resonance(wide, phase)


@given(gap=st.floats(12.0, 60.0), phase=st.floats(0.0, UNDULATOR_PERIOD / 2))
def test_both_helicities_have_the_same_energy(gap: float, phase: float) -> None:
    assert resonance(gap, phase) == resonance(gap, -phase)


def test_the_arithmetic_takes_arrays() -> None:
    gaps = np.linspace(15.0, 40.0, 7)
    assert resonance(gaps, 0.0).shape == (7,)
    assert np.all(np.diff(resonance(gaps, 0.0)) > 0)


@pytest.mark.parametrize("polarisation", POLARISATIONS)
def test_a_phase_is_called_by_its_polarisation(polarisation: Polarisation) -> None:
    assert polarisation_at(phase_for(polarisation)) == polarisation
    assert polarisation_at(phase_for(polarisation) + 1.0) == "elliptical"


def test_circular_light_stays_in_the_first_harmonic() -> None:
    above = FIRST_HARMONIC_UP_TO * energy_without_deflection(UNDULATOR_PERIOD) + 1.0
    assert harmonic_for(above, "helicity_plus") == 1
    assert harmonic_for(above, "linear_horizontal") == 3


@pytest.mark.parametrize("energy", [20.0, 10_000.0])
def test_an_energy_that_no_gap_gives_is_refused(energy: float) -> None:
    with pytest.raises(LimitError, match=f"{energy:g} eV in helicity_plus light"):
        gap_for(energy, "helicity_plus")


def test_between_two_polarisations_no_gap_is_right() -> None:
    with pytest.raises(LimitError, match="set one of linear_horizontal"):
        gap_for(700.0, "elliptical")
