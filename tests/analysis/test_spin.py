"""Polarisation from two spectra: known answers, and errors that are those of counting."""

import numpy as np
import pytest

from nanoterasu.analysis import spin
from nanoterasu.twin.physics import spin_filtered

ENERGY = np.linspace(-1.0, 0.0, 101)
MAJORITY = 4000.0 / (1.0 + ((ENERGY + 0.65) / 0.08) ** 2) + 200.0
MINORITY = 4000.0 / (1.0 + ((ENERGY + 0.25) / 0.05) ** 2) + 200.0
SHERMAN = 0.3


def filtered(along: float = 1.0) -> list[np.ndarray]:
    return [spin_filtered(MAJORITY, MINORITY, sign * along, SHERMAN) for sign in (1.0, -1.0)]


def test_what_a_target_filters_is_found_again() -> None:
    found = spin.spin_resolved(*filtered(), sherman=SHERMAN)
    truth = (MAJORITY - MINORITY) / (MAJORITY + MINORITY)
    assert found.polarisation == pytest.approx(truth)
    assert found.up / found.down == pytest.approx(MAJORITY / MINORITY)


def test_along_the_other_direction_the_spins_change_places() -> None:
    along, against = (spin.spin_resolved(*filtered(sign), sherman=SHERMAN) for sign in (1.0, -1.0))
    assert against.polarisation == pytest.approx(-along.polarisation)
    assert against.up == pytest.approx(along.down)


def test_across_the_magnetisation_nothing_is_polarised() -> None:
    assert spin.spin_resolved(*filtered(0.0), sherman=SHERMAN).polarisation == pytest.approx(0.0)


def test_the_errors_are_the_scatter_of_counting() -> None:
    generator = np.random.default_rng(7)
    counted = [generator.poisson(each, (400, len(ENERGY))) for each in filtered()]
    found = spin.spin_resolved(*counted, sherman=SHERMAN)
    for name in ("polarisation", "up", "down"):
        scatter = getattr(found, name).std(axis=0)
        told = getattr(found, f"{name}_sigma").mean(axis=0)
        assert np.median(scatter / told) == pytest.approx(1.0, abs=0.03), name


def test_a_line_is_found_within_its_uncertainty() -> None:
    generator = np.random.default_rng(8)
    lines = []
    for _ in range(60):
        counted = generator.poisson(MINORITY)
        lines.append(spin.line(ENERGY, counted, np.sqrt(counted)))
    pulls = [(each.middle + 0.25) / each.uncertainty for each in lines]
    assert np.mean(pulls) == pytest.approx(0.0, abs=0.5)
    assert np.std(pulls) == pytest.approx(1.0, abs=0.3)


@pytest.mark.parametrize("sherman", [0.0, -0.3, 1.2])
def test_a_sherman_function_that_there_cannot_be_is_refused(sherman: float) -> None:
    with pytest.raises(ValueError, match="above 0 and up to 1"):
        spin.spin_resolved([1.0], [1.0], sherman=sherman)


def test_a_line_of_too_few_energies_is_refused_with_what_to_do() -> None:
    with pytest.raises(ValueError, match=r"3 energies within 0\.2 eV.*smaller step"):
        spin.line([0.0, 0.2, 0.4], [1.0, 5.0, 1.0], [1.0, 1.0, 1.0], reach=0.2)
