"""Edges, bands, foci and boundaries that are known come back, with honest uncertainties."""

from __future__ import annotations

import numpy as np
import pytest

from nanoterasu.analysis import arpes

ENERGY = np.linspace(94.0, 94.6, 121)


def edge(random: np.random.Generator, *, height: float = 2e4) -> np.ndarray:
    shape = arpes.edge_shape(ENERGY, 94.321, 80.0, 0.025)
    return random.poisson(height * shape + 30.0).astype(float)


def test_the_edge_comes_back_within_its_uncertainties() -> None:
    pulls = []
    for seed in range(12):
        found = arpes.fermi_edge(ENERGY, edge(np.random.default_rng(seed)), temperature=80.0)
        pulls.append((found.position - 94.321) / found.position_uncertainty)
        pulls.append((found.resolution - 0.025) / found.resolution_uncertainty)
    assert 0.5 < np.std(pulls) < 1.6


def test_a_wrong_temperature_is_taken_for_resolution() -> None:
    counts = edge(np.random.default_rng(1))
    cold = arpes.fermi_edge(ENERGY, counts, temperature=20.0)
    true = arpes.fermi_edge(ENERGY, counts, temperature=80.0)
    assert cold.resolution > true.resolution + 5 * true.resolution_uncertainty


def test_a_window_without_an_edge_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no Fermi edge between 94 and 94\.6 eV.*on a metal"):
        arpes.fermi_edge(ENERGY, np.full(ENERGY.size, 100.0), temperature=80.0)


def test_momentum_is_the_one_of_a_free_electron() -> None:
    # E = (hbar k)^2 / 2m, so that 1/Angstrom along the surface at 90 deg is 3.81 eV.
    assert arpes.parallel_momentum(3.80998, 90.0) == pytest.approx(1.0, abs=1e-4)
    assert arpes.parallel_momentum(100.0, -5.0) == -arpes.parallel_momentum(100.0, 5.0)


def band(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    angles, kinetic = np.linspace(-12.0, 12.0, 160), np.linspace(95.0, 95.8, 100)
    k = arpes.parallel_momentum(kinetic[None, :], angles[:, None])
    away = kinetic - 95.6 - 2.5 * (np.abs(k) - 0.5)
    counts = 400.0 / (1.0 + (away / 0.03) ** 2) * (kinetic < 95.6) + 3.0
    return random.poisson(counts).astype(float), angles, kinetic


def test_a_straight_band_is_followed_to_the_fermi_level() -> None:
    found = arpes.crossing(*band(np.random.default_rng(3)), fermi_level=95.6, between=(0.25, 0.7))
    assert found.wave_vector == pytest.approx(0.5, abs=3 * found.wave_vector_uncertainty)
    assert found.velocity == pytest.approx(2.5, abs=3 * found.velocity_uncertainty)
    assert found.wave_vector_uncertainty < 0.002
    assert found.velocity_uncertainty < 0.3


def test_a_band_that_is_not_there_is_refused() -> None:
    _, angles, kinetic = band(np.random.default_rng(3))
    dark = np.zeros((len(angles), len(kinetic)))
    with pytest.raises(ValueError, match="the band is seen at 0 energies"):
        arpes.crossing(dark, angles, kinetic, fermi_level=95.6, between=(0.25, 0.7))


def test_a_focus_is_where_the_edge_is_sharpest() -> None:
    from scipy.special import ndtr

    random = np.random.default_rng(2)
    depths = np.array([90.0, 96.0, 100.0, 108.0, 114.0])
    places = np.tile(np.linspace(-5.0, 5.0, 21), (5, 1))
    widths = np.hypot(0.2, 0.08 * (depths - 103.0))
    totals = random.poisson(1e4 + 4e4 * ndtr((places - 0.3) / widths[:, None]))
    found = arpes.focus(depths, places, totals)
    assert found.place == pytest.approx(103.0, abs=2 * found.place_uncertainty)
    assert found.place_uncertainty < 0.5
    assert found.widths == pytest.approx(widths, abs=0.08)
    with pytest.raises(ValueError, match="four at least"):
        arpes.focus(depths[:3], places[:3], totals[:3])


@pytest.mark.parametrize("direction", [25.0, -70.0, 140.0])
def test_a_boundary_has_its_direction_and_distance(direction: float) -> None:
    x, y = (each.ravel() for each in np.meshgrid(np.arange(-6, 7.0), np.arange(-6, 7.0)))
    angle = np.radians(direction)
    contrast = np.where(x * np.cos(angle) + y * np.sin(angle) > 1.5, 0.6, -0.5)
    contrast = contrast + 0.05 * np.random.default_rng(4).standard_normal(x.size)
    found = arpes.boundary(x, y, contrast)
    assert found.direction == pytest.approx(direction, abs=2 * found.direction_uncertainty)
    assert found.distance == pytest.approx(1.5, abs=2 * found.distance_uncertainty)
    assert found.distance_uncertainty < 0.5
    assert found.direction_uncertainty < 8.0
