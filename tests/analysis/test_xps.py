"""Reduction of photoelectron spectra, against what the twin's physics puts into them."""

from __future__ import annotations

import numpy as np
import pytest

from nanoterasu.analysis.xps import (
    Component,
    binding_energy,
    component_fractions,
    peak_position,
    shirley,
)
from nanoterasu.twin.physics import OXIDE_SHIFT, OXIDE_WIDTH, photoelectrons

REGION = np.round(np.arange(701.0, 717.0, 0.1), 3)
STATES = [
    Component("metal", 706.9, 0.36, 0.4, (0.2, 1.0)),
    Component("oxide", 711.0, 0.36, 2.0),
]


def measured(shares: np.ndarray, counts: float, seed: int = 1) -> np.ndarray:
    """Counts of spectra of iron, the given shares of it oxidised."""
    random = np.random.default_rng(seed)
    spectra = [photoelectrons(REGION, "Fe", oxide=float(x), width=0.3) for x in shares]
    return random.poisson(counts * np.array(spectra))


def test_the_oxidised_share_is_found_within_its_uncertainty() -> None:
    truth = np.linspace(0.05, 0.95, 20)
    found = component_fractions(REGION, measured(truth, 500.0), STATES)
    oxide = found.sel(component="oxide")
    pulls = (oxide["fraction"].values - truth) / oxide["fraction_error"].values
    assert np.abs(pulls).max() < 4.0
    assert 0.4 < np.sqrt(np.mean(pulls**2)) < 1.8
    assert oxide["fraction_error"].values.max() < 0.01
    shift = float(np.diff(found["position"].values)[0])
    assert shift == pytest.approx(OXIDE_SHIFT, abs=0.03)
    assert float(oxide["gaussian"]) == pytest.approx(np.hypot(OXIDE_WIDTH, 0.33), abs=0.1)


def test_the_shares_of_a_spectrum_add_up_to_one() -> None:
    found = component_fractions(REGION, measured(np.array([0.2, 0.7]), 500.0), STATES)
    assert found["fraction"].sum("component").values == pytest.approx([1.0, 1.0])
    assert np.all(found["background"] <= found["model"] + 1e-6)


def test_fewer_counts_make_larger_errors() -> None:
    shares = np.linspace(0.2, 0.8, 6)
    many, few = (component_fractions(REGION, measured(shares, c), STATES) for c in (2000.0, 20.0))
    ratio = float((few["fraction_error"] / many["fraction_error"]).median())
    assert ratio == pytest.approx(10.0, rel=0.5)


def test_the_order_of_the_energies_does_not_matter() -> None:
    counts = measured(np.array([0.3, 0.6]), 500.0)
    up = component_fractions(REGION, counts, STATES)
    down = component_fractions(REGION[::-1], counts[:, ::-1], STATES)
    assert down["fraction"].values == pytest.approx(up["fraction"].values)


def test_no_component_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one chemical state"):
        component_fractions(REGION, measured(np.array([0.5]), 10.0), [])


def test_too_few_points_are_refused() -> None:
    with pytest.raises(ValueError, match="too few for 2 components"):
        component_fractions(REGION[:8], measured(np.array([0.5]), 10.0)[:, :8], STATES)


@pytest.mark.parametrize("bias", [0.0, 0.4])
def test_a_shift_of_all_energies_is_seen_at_the_carbon_line(bias: float) -> None:
    energies = np.round(np.arange(279.0, 291.0, 0.1), 3)
    spectrum = photoelectrons(energies, "Fe", oxide=0.2, width=0.15, bias=bias)
    random = np.random.default_rng(2)
    peaks = [peak_position(energies, random.poisson(5000.0 * spectrum)) for _ in range(8)]
    pulls = [(peak.position - 284.8 - bias) / peak.uncertainty for peak in peaks]
    assert abs(np.mean(pulls)) < 1.5
    assert max(peak.uncertainty for peak in peaks) < 0.03
    assert peaks[0].correction(284.8) == pytest.approx(-bias, abs=0.1)


def test_a_flat_region_has_no_line() -> None:
    flat = np.random.default_rng(3).poisson(100.0, 101)
    with pytest.raises(ValueError, match="no line stands out between 280"):
        peak_position(np.linspace(280.0, 290.0, 101), flat)


def test_a_background_joins_both_ends_and_follows_the_area_between_them() -> None:
    x = np.linspace(0.0, 20.0, 401)
    peak = 100.0 * np.exp(-0.5 * ((x - 10.0) / 0.7) ** 2)
    step = 0.05 * np.cumsum(peak) * (x[1] - x[0])
    found = shirley(x, 20.0 + peak + step)
    assert found == pytest.approx(20.0 + step, abs=0.3)
    assert shirley(x[::-1], (20.0 + peak + step)[::-1]) == pytest.approx(found[::-1])


def test_a_spectrum_has_as_many_counts_as_energies() -> None:
    with pytest.raises(ValueError, match="as many counts as energies"):
        shirley(REGION, np.ones(3))


def test_binding_and_kinetic_energy_add_up_to_the_light_less_the_work_function() -> None:
    assert binding_energy([700.0], 1000.0, 4.4) == pytest.approx([295.6])
