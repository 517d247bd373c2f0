"""Which energies a spectrum is measured at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.plans import Region, Sweep, joined

STARTS = st.floats(180.0, 3000.0)
WIDTHS = st.floats(0.1, 100.0)
STEPS = st.floats(0.01, 50.0)


@given(start=STARTS, width=WIDTHS, step=STEPS)
def test_a_region_has_both_ends_and_no_step_longer_than_asked(
    start: float, width: float, step: float
) -> None:
    region = Region(start, start + width, step)
    points = region.points()
    assert points[0] == pytest.approx(start, abs=1e-6)
    assert points[-1] == pytest.approx(start + width, abs=2e-6)
    assert np.all(np.diff(points) > 0)
    assert np.diff(points).max() <= step + 2e-6


@given(start=STARTS, first=WIDTHS, second=WIDTHS, steps=st.tuples(STEPS, STEPS))
def test_regions_that_meet_share_one_point(
    start: float, first: float, second: float, steps: tuple[float, float]
) -> None:
    middle = start + first
    regions = [Region(start, middle, steps[0]), Region(middle, middle + second, steps[1])]
    points = joined(regions)
    assert np.all(np.diff(points) > 0)
    assert len(points) == sum(len(region.points()) for region in regions) - 1


def test_a_step_of_a_tenth_meets_its_end() -> None:
    assert Region(700.0, 701.0, 0.1).points().tolist() == [700 + n / 10 for n in range(11)]


def test_the_order_in_which_regions_are_given_does_not_matter() -> None:
    one, two = Region(1.0, 2.0, 0.5), Region(2.0, 4.0, 1.0)
    assert joined([two, one]).tolist() == joined([one, two]).tolist()


@pytest.mark.parametrize(
    "values", [(2.0, 1.0, 0.1), (1.0, 1.0, 0.1), (1.0, 2.0, 0.0), (1.0, 2.0, -1.0)]
)
def test_a_region_runs_upward(values: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="give start < stop and step > 0"):
        Region(*values)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "700"], ids=repr)
def test_a_region_is_made_of_numbers(value: float) -> None:
    for values in ((value, 2.0, 0.1), (1.0, value, 0.1), (1.0, 2.0, value)):
        with pytest.raises(ValueError, match=r"energies \[eV\]; give numbers"):
            Region(*values)


def test_a_spectrum_needs_a_region() -> None:
    with pytest.raises(ValueError, match="needs at least one Region"):
        joined([])


@given(start=STARTS, width=WIDTHS, points=st.integers(2, 20_000), dwell=st.floats(1e-3, 10.0))
def test_a_sweep_goes_from_middle_to_middle(
    start: float, width: float, points: int, dwell: float
) -> None:
    sweep = Sweep(start, start + width, points, dwell)
    assert sweep.duration == pytest.approx(points * dwell)
    assert sweep.speed * dwell * (points - 1) == pytest.approx(width)
