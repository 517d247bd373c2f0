import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nanoterasu.twin._motion import Rest, Tabulated, Trapezoid

positions = st.floats(-1e3, 1e3)


@given(positions, positions, st.floats(0.01, 1e3), st.floats(0.0, 10.0))
def test_a_move_begins_at_its_start_and_ends_exactly_at_its_target(
    start: float, target: float, velocity: float, ramp: float
) -> None:
    move = Trapezoid(5.0, start, target, velocity, ramp)
    assert move.end >= 5.0
    assert float(move.at(5.0 - 1.0)) == start
    assert float(move.at(move.end)) == target


@given(positions, positions, st.floats(0.01, 1e3), st.floats(0.0, 10.0))
@example(0.0, 2.8e-254, 2.0, 2.8e-254)
def test_a_move_is_never_faster_than_its_velocity_and_never_turns_back(
    start: float, target: float, velocity: float, ramp: float
) -> None:
    move = Trapezoid(0.0, start, target, velocity, ramp)
    t = np.linspace(0.0, move.end, 101)
    steps = np.diff(move.at(t)) * np.sign(target - start)
    rounding = 1e-9 * max(1.0, abs(start), abs(target))
    assert np.all(steps >= -rounding)
    assert np.all(steps <= velocity * np.diff(t) + rounding)


def test_a_long_move_takes_distance_by_velocity_and_one_ramp() -> None:
    assert Trapezoid(0.0, 0.0, 10.0, 2.0, 1.0).end == 6.0


def test_a_short_move_keeps_the_acceleration() -> None:
    move = Trapezoid(0.0, 0.0, 0.5, 2.0, 1.0)  # 2 per second squared: half way after 0.5 s
    assert move.end == pytest.approx(1.0)
    assert float(move.at(0.5)) == pytest.approx(0.25)


def test_a_move_to_the_same_place_takes_no_time() -> None:
    move = Trapezoid(3.0, 7.0, 7.0, 1.0, 1.0)
    assert move.end == 3.0
    assert move.at([0.0, 3.0, 9.0]).tolist() == [7.0, 7.0, 7.0]


def test_what_rests_stays_and_what_is_tabulated_is_joined_by_lines() -> None:
    assert Rest(2.0).at([0.0, 1.0]).tolist() == [2.0, 2.0]
    drawn = Tabulated(np.array([0.0, 1.0]), np.array([10.0, 20.0]))
    assert drawn.at([-1.0, 0.5, 3.0]).tolist() == [10.0, 15.0, 20.0]
    assert drawn.end == 1.0
