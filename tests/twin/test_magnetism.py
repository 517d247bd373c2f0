from dataclasses import replace

import numpy as np
import pytest

from nanoterasu.twin.physics import SAMPLES, follow, loop, magnetisation, thermal_factor

IRON = SAMPLES["Fe"]


def test_the_loop_crosses_zero_at_the_coercive_field_on_both_branches() -> None:
    down = np.linspace(2.0, -2.0, 4001)
    falling = loop(down, IRON)
    rising = loop([*down, *down[::-1]], IRON)[4001:]
    assert down[np.argmin(np.abs(falling))] == pytest.approx(-IRON.coercive_field, abs=2e-3)
    assert down[::-1][np.argmin(np.abs(rising))] == pytest.approx(IRON.coercive_field, abs=2e-3)


def test_the_same_field_gives_another_magnetisation_after_another_history() -> None:
    after_up, after_down = loop([2.0, 0.0], IRON)[-1], loop([-2.0, 0.0], IRON)[-1]
    assert after_up == pytest.approx(-after_down)
    assert after_up > 0.1


def test_a_virgin_sample_has_no_moment() -> None:
    assert loop([0.0], IRON)[0] == 0.0


def test_it_saturates_and_stays_within_saturation() -> None:
    walked = loop([7.0, -7.0], IRON)
    assert walked == pytest.approx([1.0, -1.0], abs=1e-6)


def test_a_minor_loop_ends_on_the_branch_it_left() -> None:
    major = loop([2.0, -0.3], IRON)[-1]
    assert loop([2.0, -0.2, -0.15, -0.3], IRON)[-1] == pytest.approx(major)


def test_a_ramp_may_be_walked_in_one_step_or_in_many() -> None:
    steps = np.linspace(2.0, -0.4, 100)
    assert loop([2.0, *steps], IRON)[-1] == pytest.approx(loop([2.0, -0.4], IRON)[-1])


def test_without_coercivity_there_is_no_memory() -> None:
    soft = replace(IRON, coercive_field=0.0)
    assert loop([2.0, 0.1], soft)[-1] == pytest.approx(loop([-2.0, 0.1], soft)[-1])


def test_following_an_array_starts_each_time_from_the_same_state() -> None:
    assert follow(0.5, np.array([1.0, 0.0]), 0.1).tolist() == pytest.approx([0.9, 0.1])
    assert magnetisation(0.0, IRON) == 0.0


@pytest.mark.parametrize("element", sorted(SAMPLES))
def test_heat_takes_magnetisation_away_and_the_curie_temperature_all_of_it(element: str) -> None:
    sample = SAMPLES[element]
    factors = thermal_factor([4.0, 300.0, 400.0, sample.curie_temperature], sample)
    assert factors[1] == pytest.approx(1.0)
    assert np.all(np.diff(factors) < 0)
    assert factors[0] < 1.1
    assert factors[-1] == 0.0
