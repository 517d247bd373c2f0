import numpy as np
import pytest

from nanoterasu.twin.physics import (
    ELECTROMETERS,
    ELEMENTARY_CHARGE,
    SAMPLES,
    Counter,
    Ring,
    absorption,
    circular_degree,
    currents,
    harmonic_peak,
    illuminated,
    resolution,
    slit_transmission,
)


def test_the_ring_decays_and_is_topped_up() -> None:
    ring = Ring()
    before, after = ring.current([ring.interval - 0.01, ring.interval + 0.01])
    assert before < after == pytest.approx(ring.design_current, rel=1e-6)


def test_a_top_up_dips_the_beam_for_a_moment() -> None:
    ring = Ring()
    during, later = ring.steadiness([ring.interval + 0.01, ring.interval + 1.0])
    assert during < later == 1.0


def test_a_gap_left_behind_gives_almost_no_light() -> None:
    energy = np.array([700.0, 710.0, 730.0])
    left_behind = harmonic_peak(energy, 700.0)
    assert left_behind[0] == 1.0
    assert left_behind[1] < 0.3
    assert left_behind[2] < 1e-5


def test_light_is_circular_at_a_quarter_period_and_linear_at_none_and_a_half() -> None:
    plus, none, half, minus = circular_degree([14.0, 0.0, 28.0, -14.0], 14.0)
    assert plus == -minus > 0.9
    assert [none, half] == pytest.approx([0.0, 0.0], abs=1e-12)


def test_a_wider_exit_slit_lets_more_light_through_and_resolves_less() -> None:
    gaps = np.array([0.0, 10.0, 50.0, 200.0])
    assert np.all(np.diff(slit_transmission(gaps, sigma=20.0)) > 0)
    widths = resolution(700.0, gaps)
    assert widths[0] > 0
    assert np.all(np.diff(widths) > 0)
    assert widths[2] == pytest.approx(np.hypot(widths[0], 700.0 * 4e-6 * 50.0))


def test_slits_off_centre_cut_the_beam() -> None:
    assert slit_transmission(2.0, 3.0) < 1e-3 < slit_transmission(2.0, 0.0)


def test_off_the_sample_there_is_no_yield_but_still_light_on_the_mesh() -> None:
    iron = SAMPLES["Fe"]
    on, edge, off = illuminated([0.0, iron.width / 2, iron.width], 0.0, 0.0, iron)
    assert [on, edge, off] == pytest.approx([1.0, 0.5, 0.0], abs=1e-6)
    seen = currents(1e12, absorption(706.8, iron), off)
    assert seen["tey"] == pytest.approx(0.0, abs=1e-20)
    assert seen["i0"] > 1e-10


def test_turning_the_sample_foreshortens_it() -> None:
    iron = SAMPLES["Fe"]
    assert illuminated(2.5, 0.0, 0.0, iron) > 0.99
    assert illuminated(2.5, 0.0, 60.0, iron) < 0.01


def test_fluorescence_grows_less_than_absorption_does() -> None:
    low, high = currents(1e12, np.array([1e4, 1e5]))["tfy"]
    assert 1.0 < high / low < 10.0


def test_currents_are_nanoamperes_to_picoamperes() -> None:
    seen = currents(1e12, absorption(706.8, SAMPLES["Fe"]))
    assert 1e-10 < seen["i0"] < 1e-8
    assert 1e-10 < seen["tey"] < 1e-7
    assert 1e-12 < seen["tfy"] < 1e-9


@pytest.mark.parametrize("dwell", [0.1, 10.0])
def test_shot_noise_is_the_square_root_of_the_number_of_events(dwell: float) -> None:
    current, silent = 1e-12, Counter(electrons_per_event=1.0, noise=0.0)
    readings = silent.measure(np.full(4000, current), dwell, np.random.default_rng(1))
    events = current * dwell / ELEMENTARY_CHARGE
    assert readings.mean() == pytest.approx(current, rel=5 / np.sqrt(4000 * events))
    assert readings.std() == pytest.approx(current / np.sqrt(events), rel=0.05)


def test_the_same_seed_gives_the_same_numbers_and_another_seed_others() -> None:
    counter, true = ELECTROMETERS["tey"], np.full(10, 1e-10)
    first, again, other = (
        counter.measure(true, 0.1, np.random.default_rng(seed)).tolist() for seed in (1, 1, 2)
    )
    assert first == again != other


def test_in_the_dark_only_the_amplifier_is_read() -> None:
    counter = Counter(noise=1e-15, dark=2e-14)
    readings = counter.measure(np.zeros(1000), 1.0, np.random.default_rng(0))
    assert readings.mean() == pytest.approx(2e-14, abs=1e-16)
    assert readings.std() == pytest.approx(1e-15, rel=0.1)
