import time
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr

from nanoterasu.analysis.xmcd import Moments, spectra, sum_rules, xmcd

Make = Callable[..., xr.Dataset]
TRUE = {"orbital": 0.085, "spin": 1.98}


def reduce(run: xr.Dataset, **choices: Any) -> Moments:
    about = {"element": "Fe", "holes": 3.4, "circular_polarisation": 1.0} | choices
    return sum_rules(xmcd(spectra(run), element="Fe"), **about)


def test_without_noise_the_moments_come_back_exactly(make_run: Make) -> None:
    found = reduce(make_run())
    assert found.orbital == pytest.approx(TRUE["orbital"], rel=0.03)
    assert found.spin == pytest.approx(TRUE["spin"], rel=0.01)
    assert found.unit == "mu_B"


@pytest.mark.parametrize(
    "shape",
    [
        pytest.param({"lorentz": (0.8, 0.8)}, id="wide Lorentzian tails"),
        pytest.param({"gaussian": 1.2}, id="coarse resolution"),
        pytest.param({"step_ratio": 1.69}, id="tabulated step ratio"),
        pytest.param({"asymmetry": 0.3}, id="asymmetric lines"),
        pytest.param({"jitter": 0.02}, id="energies of a continuous scan"),
        pytest.param({"drift": 0.03}, id="drifting gain"),
    ],
)
def test_the_truth_lies_within_a_useful_uncertainty(make_run: Make, shape: dict[str, Any]) -> None:
    found = reduce(make_run(noise=0.004, **shape))
    assert abs(found.orbital - TRUE["orbital"]) < 2 * found.orbital_uncertainty
    assert abs(found.spin - TRUE["spin"]) < found.spin_uncertainty
    assert found.spin_uncertainty < 0.1 * found.spin


def test_the_statistical_uncertainty_is_the_scatter_of_repeated_runs(make_run: Make) -> None:
    many = [reduce(make_run(noise=0.02, seed=seed)) for seed in range(12)]
    for name in ("orbital", "spin"):
        scatter = np.std([getattr(m, name) for m in many], ddof=1)
        stated = np.mean([getattr(m, f"{name}_statistical") for m in many])
        assert 0.5 < scatter / stated < 1.6


def test_a_partly_polarised_beam_at_an_angle_is_corrected_for(make_run: Make) -> None:
    run = make_run(polarisation=0.95 * np.cos(np.radians(30.0)))
    found = reduce(run, circular_polarisation=0.95, angle=30.0)
    assert found.spin == pytest.approx(TRUE["spin"], rel=0.01)


def test_no_moment_gives_none(make_run: Make) -> None:
    found = reduce(make_run(orbital=0.0, spin=0.0, noise=0.01))
    assert abs(found.orbital) < 3 * found.orbital_uncertainty < 0.1
    assert abs(found.spin) < 3 * found.spin_uncertainty < 0.1


def test_swapped_helicities_turn_the_moments_over(make_run: Make) -> None:
    run = make_run(noise=0.004)
    swap = {"helicity_plus": "helicity_minus", "helicity_minus": "helicity_plus"}
    names = [swap[name] for name in run["undulator_polarisation"].values]
    found, turned = reduce(run), reduce(run.assign(undulator_polarisation=("time", names)))
    assert turned.spin == pytest.approx(-found.spin, rel=1e-6)
    assert turned.orbital == pytest.approx(-found.orbital, rel=1e-6)


def test_an_unsaturated_sample_gives_its_projection(make_run: Make) -> None:
    assert reduce(make_run(polarisation=0.5)).spin == pytest.approx(0.5 * TRUE["spin"], rel=0.01)


def test_moments_read_as_a_sentence_with_both_uncertainties(make_run: Make) -> None:
    text = str(reduce(make_run(noise=0.004)))
    assert "orbital" in text
    assert "(statistical)" in text
    assert "(systematic) mu_B" in text


def test_one_helicity_at_one_field_is_refused(make_run: Make) -> None:
    with pytest.raises(ValueError, match="only one sense of helicity times field"):
        reduce(make_run(order=(1, 1), fields=(5.0,)))


def test_zero_field_is_refused(make_run: Make) -> None:
    found = spectra(make_run())
    found["magnet_field"][0] = 0.0
    with pytest.raises(ValueError, match="measured at zero field"):
        xmcd(found, element="Fe")


@pytest.mark.parametrize(("low", "high", "name"), [(700, 760, "pre-edge"), (690, 730, "post-edge")])
def test_a_range_too_short_names_what_is_missing(
    make_run: Make, low: float, high: float, name: str
) -> None:
    run = make_run()
    short = run.isel(time=((run.energy > low) & (run.energy < high)).values)
    with pytest.raises(ValueError, match=f"the {name} from"):
        reduce(short)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"holes": 0.0}, "holes in a d shell"),
        ({"circular_polarisation": 0.0}, "degree of circular polarisation"),
        ({"angle": 90.0}, "no dichroism to divide by"),
        ({"cut": 750.0}, "the cut lies between the lines"),
        ({"element": "H"}, "no L2 and L3 edges"),
    ],
)
def test_a_wrong_argument_is_refused(make_run: Make, wrong: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        reduce(make_run(), **wrong)


def test_a_dataset_of_another_kind_is_refused(make_run: Make) -> None:
    with pytest.raises(ValueError, match="what the function xmcd gives"):
        sum_rules(make_run(), element="Fe", holes=3.4, circular_polarisation=1.0)


def test_the_reduction_of_eight_spectra_is_quick(make_run: Make) -> None:
    run = make_run(noise=0.004)
    reduce(run)
    spent = []
    for _ in range(3):
        start = time.process_time()
        reduce(run)
        spent.append(time.process_time() - start)
    assert min(spent) < 0.3  # about 0.06 s; other work on the machine may slow it
