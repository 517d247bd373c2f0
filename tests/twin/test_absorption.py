from dataclasses import replace

import numpy as np
import pytest
import xraydb

from nanoterasu.twin.physics import (
    SAMPLES,
    Sample,
    absorption,
    dichroic_areas,
    dichroism,
    edges,
    white_line_area,
)

ELEMENTS = sorted(SAMPLES)


def grid(element: str, below: float = 40.0, above: float = 60.0) -> np.ndarray:
    l3, l2 = edges(element)
    return np.arange(l3 - below, l2 + above, 0.02)


def contrast(sample: Sample, alignment: float, **kwargs: float) -> np.ndarray:
    """Absorption in one helicity less that in the other."""
    energy = grid(sample.element)
    plus = absorption(energy, sample, alignment=alignment, **kwargs)
    return plus - absorption(energy, sample, alignment=-alignment, **kwargs)


def width_at_half_maximum(energy: np.ndarray, line: np.ndarray) -> float:
    above = energy[line > line.max() / 2]
    return float(above[-1] - above[0])


@pytest.mark.parametrize("element", ELEMENTS)
def test_the_white_lines_peak_at_the_tabulated_edge_energies(element: str) -> None:
    energy = grid(element)
    mu = absorption(energy, SAMPLES[element])
    for name, at in zip(("L3", "L2"), edges(element), strict=True):
        assert at == xraydb.xray_edges(element)[name].energy
        near = np.abs(energy - at) < 5.0
        assert energy[near][np.argmax(mu[near])] == pytest.approx(at, abs=0.2)


def test_irons_edges_are_where_every_beamline_calibrates() -> None:
    assert edges("Fe") == (706.8, 719.9)


@pytest.mark.parametrize("element", ELEMENTS)
def test_far_from_the_edges_absorption_is_the_tables(element: str) -> None:
    l3, l2 = edges(element)
    energy = np.array([l3 - 50.0, l2 + 80.0])
    tabulated = np.asarray(xraydb.mu_chantler(element, energy))
    assert absorption(energy, SAMPLES[element]) == pytest.approx(tabulated, rel=0.05)


@pytest.mark.parametrize("element", ELEMENTS)
def test_light_parallel_to_the_moment_is_absorbed_less_at_l3_and_more_at_l2(element: str) -> None:
    energy, difference = grid(element), contrast(SAMPLES[element], 1.0)
    l3, l2 = edges(element)
    assert difference[np.argmin(np.abs(energy - l3))] < 0
    assert difference[np.argmin(np.abs(energy - l2))] > 0


def test_dichroism_flips_when_helicity_or_magnetisation_does() -> None:
    iron = SAMPLES["Fe"]
    assert contrast(iron, -1.0) == pytest.approx(-contrast(iron, 1.0))


def test_dichroism_vanishes_in_linear_light_and_without_moments() -> None:
    iron = SAMPLES["Fe"]
    assert not contrast(iron, 0.0).any()
    assert not contrast(replace(iron, orbital_moment=0.0, spin_moment=0.0), 1.0).any()


def test_dichroism_is_in_proportion_to_the_alignment() -> None:
    iron = SAMPLES["Fe"]
    assert contrast(iron, 0.3) == pytest.approx(0.3 * dichroism(grid("Fe"), iron))


@pytest.mark.parametrize("element", ELEMENTS)
def test_the_areas_give_the_moments_by_the_sum_rules(element: str) -> None:
    sample = SAMPLES[element]
    p, l2 = dichroic_areas(sample)
    q, r = p + l2, white_line_area(sample)
    assert -4 / 3 * q / r * sample.holes == pytest.approx(sample.orbital_moment)
    assert -(6 * p - 4 * q) / r * sample.holes == pytest.approx(sample.spin_moment)


@pytest.mark.parametrize("element", ELEMENTS)
def test_the_spectra_give_the_moments_by_the_sum_rules(element: str) -> None:
    """As an analyst would: integrate, L3 and L2 parted half-way, steps taken away."""
    sample, energy = SAMPLES[element], grid(element)
    l3, l2 = edges(element)
    plus, minus = (absorption(energy, sample, alignment=sign) for sign in (1.0, -1.0))
    whole = absorption(energy, replace(sample, holes=1e-9), alignment=0.0)
    below = energy < (l3 + l2) / 2
    q = np.trapezoid(plus - minus, energy)
    p = np.trapezoid((plus - minus)[below], energy[below])
    r = np.trapezoid(plus + minus - 2 * whole, energy)
    assert -4 / 3 * q / r * sample.holes == pytest.approx(sample.orbital_moment, rel=0.02)
    # Tails of the lines reach across the cut: the well-known price of the spin sum rule.
    assert -(6 * p - 4 * q) / r * sample.holes == pytest.approx(sample.spin_moment, rel=0.03)


def test_a_coarser_resolution_widens_the_lines_and_keeps_their_area() -> None:
    energy, iron = grid("Fe"), SAMPLES["Fe"]
    sharp, blurred = (-dichroism(energy, iron, resolution) for resolution in (0.05, 2.0))
    assert width_at_half_maximum(energy, blurred) > 1.3 * width_at_half_maximum(energy, sharp)
    assert np.trapezoid(blurred, energy) == pytest.approx(np.trapezoid(sharp, energy), rel=5e-3)


def test_an_unknown_sample_is_refused_with_the_known_ones() -> None:
    with pytest.raises(LookupError, match="Co, Fe, Ni"):
        Sample.named("Unobtainium")
