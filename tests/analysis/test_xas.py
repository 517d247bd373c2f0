import numpy as np
import pytest

from nanoterasu.analysis.xas import counting_error, edge_energies, normalise, two_step


def test_an_element_without_l_edges_is_refused_with_advice() -> None:
    with pytest.raises(ValueError, match=r"H has no L2 and L3 edges.*such as 'Fe'"):
        edge_energies("H")


def test_an_unknown_element_is_refused() -> None:
    with pytest.raises(ValueError, match="'Xx' is not an element"):
        edge_energies("Xx")


def test_normalising_undoes_gain_and_a_sloping_background() -> None:
    energy = np.linspace(690.0, 760.0, 281)
    mu = two_step(energy, l3=707.0, l2=720.0, width=0.2, shape="erf")
    tey = 3e-12 * (0.7 - 0.002 * (energy - 700) + mu)
    found = normalise(energy, tey, 1e-9, pre_edge=(690, 700), post_edge=(740, 760))
    np.testing.assert_allclose(found.mu, mu, atol=1e-9)
    assert found.energy.attrs["units"] == "eV"
    assert found.mu.attrs["units"] == "1"


def test_the_error_of_a_point_is_that_of_its_counts() -> None:
    counts = np.random.default_rng(3).poisson(np.repeat([400.0, 10_000.0], 1000))
    error = counting_error(np.arange(2000.0), counts)
    assert error[:1000].mean() == pytest.approx(20, rel=0.1)
    assert error[1000:].mean() == pytest.approx(100, rel=0.1)


def test_a_window_outside_the_measured_range_says_what_was_measured() -> None:
    energy = np.linspace(700.0, 730.0, 100)
    with pytest.raises(ValueError, match=r"post-edge from 740\.0 .* span 700\.0 to 730\.0 eV"):
        normalise(energy, energy, pre_edge=(700, 703), post_edge=(740, 760))


def test_a_signal_without_a_step_is_refused() -> None:
    energy = np.linspace(690.0, 760.0, 100)
    with pytest.raises(ValueError, match="does not rise"):
        normalise(energy, -energy, pre_edge=(690, 700), post_edge=(740, 760))


@pytest.mark.parametrize("shape", ["arctan", "erf"])
def test_the_steps_stand_as_two_to_one(shape: str) -> None:
    heights = two_step([600.0, 713.5, 900.0], l3=707.0, l2=720.0, width=0.01, shape=shape)  # type: ignore[arg-type]
    np.testing.assert_allclose(heights, [0, 2 / 3, 1], atol=1e-3)
