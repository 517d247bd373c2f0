"""Momentum along the surface, the angles that give it, and what the plans refuse of them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.plans import Reference, SamplePosition, momentum, theta_for

ENERGY = 852.7  # eV


@given(st.floats(-10.0, 40.0), st.floats(110.0, 160.0))
def test_the_angle_of_a_momentum_gives_that_momentum(theta: float, two_theta: float) -> None:
    q = momentum(ENERGY, theta, two_theta)
    assert momentum(ENERGY, theta_for(q, ENERGY, two_theta), two_theta) == pytest.approx(q)


def test_specular_light_leaves_no_momentum() -> None:
    assert momentum(ENERGY, 15.0, 150.0) == pytest.approx(0.0, abs=1e-12)
    assert theta_for(0.0, ENERGY, 150.0) == pytest.approx(15.0)


def test_grazing_incidence_is_positive() -> None:
    assert momentum(ENERGY, 60.0, 150.0) > 0 > momentum(ENERGY, -30.0, 150.0)


def test_more_than_the_light_has_is_refused() -> None:
    with pytest.raises(ValueError, match="choose a smaller q or a larger two_theta"):
        theta_for(1.0, ENERGY, 150.0)


def test_an_angle_below_the_surface_is_refused() -> None:
    # At a small scattering angle the light that comes in at theta = 0 leaves into the sample.
    q = momentum(ENERGY, 0.0, 60.0)
    with pytest.raises(ValueError, match="the sample is in its own way"):
        theta_for(q, ENERGY, 60.0)


def test_a_reference_must_find_the_way_back() -> None:
    there, back = SamplePosition("tape", {"y": 8.0, "x": 1.0}), SamplePosition("film", {"y": 0.0})
    manipulator: Any = object()
    with pytest.raises(ValueError, match="'film' says nothing of x, which 'tape' moves"):
        Reference(manipulator, there, back)
    with pytest.raises(ValueError, match="expose at least once"):
        Reference(manipulator, back, back, exposures=0)
