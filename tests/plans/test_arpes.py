"""Plans of photoemission: what they refuse where they are written, and where they go."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.plans import Cut, tracked_places

numbers = st.floats(-5.0, 5.0)
vectors = st.tuples(numbers, numbers, numbers)


@pytest.mark.parametrize(
    "wrong",
    [
        {"dwell": 0.0},
        {"pass_energy": -1.0},
        {"step": 0.0},
        {"reach": 0.0},
        {"middle": float("nan")},
        {"dwell": "1"},
    ],
    ids=str,
)
def test_a_cut_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give"):
        Cut(**({"dwell": 0.1, "pass_energy": 20.0} | wrong))


@given(home=vectors, eccentricity=vectors)
def test_at_no_angle_the_axes_are_at_home(home: Any, eccentricity: Any) -> None:
    (place,) = tracked_places([0.0], home=home, eccentricity=eccentricity)
    assert place == pytest.approx(home)


@given(eccentricity=vectors, angle=st.floats(-90.0, 90.0))
def test_the_spot_keeps_its_distance_from_the_axis(eccentricity: Any, angle: float) -> None:
    (place,) = tracked_places([angle], home=(0.0, 0.0, 0.0), eccentricity=eccentricity)
    turned = np.asarray(eccentricity) - place
    assert np.linalg.norm(turned) == pytest.approx(np.linalg.norm(eccentricity), abs=1e-9)
    assert turned[1] == pytest.approx(eccentricity[1])  # along the axis


def test_a_spot_on_the_axis_needs_no_tracking() -> None:
    places = tracked_places([0.0, 40.0], home=(1.0, 2.0, 3.0), eccentricity=(0.0, 0.5, 0.0))
    assert places == pytest.approx(np.array([[1.0, 2.0, 3.0]] * 2))


@pytest.mark.parametrize(
    "wrong",
    [{"home": (0.0, 0.0)}, {"eccentricity": (1.0,)}, {"axis": (0.0, 0.0, 0.0)}],
    ids=["home", "eccentricity", "axis"],
)
def test_vectors_have_three_numbers_and_an_axis_a_direction(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"home": (0.0, 0.0, 0.0), "eccentricity": (1.0, 0.0, 0.0)}
    with pytest.raises(ValueError, match="give three numbers each"):
        tracked_places([1.0], **(given | wrong))
