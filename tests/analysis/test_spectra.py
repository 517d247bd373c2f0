from collections.abc import Callable

import numpy as np
import pytest
import xarray as xr

from nanoterasu.analysis.xmcd import spectra

Make = Callable[..., xr.Dataset]


@pytest.mark.parametrize("jitter", [0.0, 0.02])
@pytest.mark.parametrize("back_and_forth", [False, True])
def test_a_run_splits_into_its_spectra(make_run: Make, jitter: float, back_and_forth: bool) -> None:
    found = spectra(make_run(jitter=jitter, back_and_forth=back_and_forth))
    assert found.helicity.values.tolist() == [1, -1, -1, 1] * 2
    np.testing.assert_allclose(found.magnet_field, [5] * 4 + [-5] * 4, atol=0.01)
    assert found.attrs["dropped"] == []


def test_repeats_of_one_helicity_are_told_apart(make_run: Make) -> None:
    assert spectra(make_run(order=(1, 1, 1), fields=(5.0,))).sizes["spectrum"] == 3


def test_helicities_that_alternate_from_row_to_row_are_taken_apart(make_run: Make) -> None:
    run = make_run(order=(1, -1), fields=(5.0,))
    half = run.sizes["time"] // 2
    mixed = run.isel(time=np.arange(2 * half).reshape(2, half).T.ravel())
    xr.testing.assert_allclose(spectra(mixed), spectra(run))


def test_an_unfinished_last_spectrum_is_dropped_with_its_reason(make_run: Make) -> None:
    run = make_run()
    found = spectra(run.isel(time=slice(0, run.sizes["time"] - 100)))
    assert found.sizes["spectrum"] == 7
    assert len(found.attrs["dropped"]) == 1
    assert "incomplete" in found.attrs["dropped"][0]


def test_missing_readings_and_lost_beam_leave_the_spectrum_whole(make_run: Make) -> None:
    run, whole = make_run(), spectra(make_run())
    run["tey"][50] = np.nan
    run["i0"][60:63] = 1e-13
    run["tey"][60:63] = 0.0
    found = spectra(run)
    assert found.sizes["spectrum"] == 8
    np.testing.assert_allclose(found.intensity, whole.intensity, rtol=0.03)


def test_linear_light_is_left_out_with_its_reason(make_run: Make) -> None:
    run = make_run()
    size = run.sizes["time"] // 8
    names = run["undulator_polarisation"].values.astype("U20")
    names[:size] = "linear_horizontal"
    found = spectra(run.assign(undulator_polarisation=("time", names)))
    assert found.sizes["spectrum"] == 7
    assert "not circular" in found.attrs["dropped"][0]


def test_a_missing_variable_is_named(make_run: Make) -> None:
    with pytest.raises(ValueError, match=r"has no 'magnet_field'.*whole"):
        spectra(make_run().drop_vars("magnet_field"))
    with pytest.raises(ValueError, match="has no 'tfy'"):
        spectra(make_run(), signal="tfy")


def test_a_run_without_light_is_refused(make_run: Make) -> None:
    run = make_run()
    with pytest.raises(ValueError, match="no complete circularly polarised spectrum"):
        spectra(run.assign(tey=run.tey * np.nan))
