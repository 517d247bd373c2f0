"""Reduction of inelastic scattering against known answers."""

import numpy as np
import pytest
import xarray as xr

from nanoterasu.analysis import figures, rixs

ROWS, COLUMNS = 256, 300
BOW = np.array([3.0, -8.0])  # columns


def displacement() -> np.ndarray:
    return rixs.Curvature(BOW, np.zeros(2)).at(ROWS)


def frame(centre: float, photons: int, seed: int, width: float = 4.0) -> np.ndarray:
    """Return a line of one energy, bent over the rows, photon by photon."""
    generator = np.random.default_rng(seed)
    rows = generator.integers(0, ROWS, photons)
    places = centre + displacement()[rows] + generator.normal(0.0, width / 2.3548, photons)
    columns = np.floor(places + 0.5).astype(int)
    counted = np.bincount(rows * COLUMNS + columns, minlength=ROWS * COLUMNS)
    return counted.reshape(ROWS, COLUMNS).astype(float)


@pytest.mark.parametrize("seed", range(5))
def test_a_bow_is_found_within_its_uncertainty(seed: int) -> None:
    found = rixs.curvature(frame(150.0, 20_000, seed))
    assert np.all(np.abs(found.coefficients - BOW) < 3.5 * found.errors)
    assert np.all(found.errors < 0.1)


def test_a_bow_needs_light() -> None:
    with pytest.raises(ValueError, match="expose the elastic line longer"):
        rixs.curvature(frame(150.0, 50, 0))


def test_a_straightened_line_has_all_its_counts_and_its_width() -> None:
    bent = frame(150.0, 50_000, 1)
    spectrum = rixs.straightened(bent, displacement())
    assert spectrum.sum() == bent.sum()
    line = rixs.elastic_line(spectrum)
    assert line.centre == pytest.approx(150.0, abs=4 * line.centre_error)
    assert rixs.unrounded(line.width) == pytest.approx(4.0, rel=0.02)


@pytest.mark.parametrize("seed", range(5))
def test_displacements_are_found_within_their_uncertainties(seed: int) -> None:
    true = np.array([-2.3, -0.6, 0.0, 0.9, 2.0])
    spectra = [
        rixs.straightened(frame(150.0 + by, 2_000, 10 * seed + i), displacement())
        for i, by in enumerate(true)
    ]
    found, error = rixs.shifts(spectra)
    assert np.sum(((found - true) / error) ** 2) < 18.5  # of 4 free ones, one in a thousand
    assert np.all(error < 0.1)


def test_displacements_need_counts() -> None:
    with pytest.raises(ValueError, match="leave the empty ones out"):
        rixs.shifts([np.ones(10), np.zeros(10)])


@pytest.mark.parametrize("photons", [500, 50_000])
def test_particles_are_taken_out_and_photons_are_left(photons: int) -> None:
    light = frame(150.0, photons, 3)
    hit = light.copy()
    track = (np.arange(40, 46), np.arange(146, 152))  # across the line
    hit[track] += [120, 900, 3000, 2500, 400, 150]
    clean, hits = rixs.without_cosmics(hit[None])
    assert np.all(hits[0][track])
    assert hits.sum() < 10
    assert clean.sum() == pytest.approx(light.sum(), rel=0.01)
    untouched, none = rixs.without_cosmics(light[None])
    assert none.sum() <= 1
    assert untouched.sum() == pytest.approx(light.sum(), rel=1e-3)


def scale() -> rixs.Scale:
    return rixs.Scale(np.array([850.0, 0.01, -2e-6]), np.zeros((3, 3)), 150.0)


def test_a_scale_is_found_with_its_bend_though_everything_drifts() -> None:
    at = np.array([50.0, 120.0, 180.0, 250.0])
    energies, times = scale().energy([*at, *at[::-1]]), np.arange(8.0)
    drifted = np.array([*at, *at[::-1]]) + 0.5 * times
    found = rixs.calibrate(drifted, np.full(8, 0.02), energies, times)
    assert found.loss([60.0, 240.0], 150.0) == pytest.approx(
        scale().loss([60.0, 240.0], 150.0), abs=5e-3
    )
    without = rixs.calibrate(drifted, np.full(8, 0.02), energies)
    assert found.per_column(150.0) == pytest.approx(0.01, rel=0.01)
    assert 0 < found.loss_error(60.0, 150.0) < 1e-3 < abs(without.energy(50.0) - 848.98)


def test_a_scale_needs_enough_energies() -> None:
    with pytest.raises(ValueError, match="expose at 3 energies or more"):
        rixs.calibrate([10.0, 20.0], [0.1, 0.1], [850.0, 851.0])


@pytest.mark.parametrize("seed", range(3))
def test_lines_are_found_within_their_uncertainties(seed: int) -> None:
    edges = np.linspace(-0.5, 4.5, 501)
    true = [rixs.Line(0.0, 0.05, 3e3), rixs.Line(1.1, 0.12, 8e3), rixs.Line(1.7, 0.3, 4e3)]
    counts = np.random.default_rng(seed).poisson(rixs.lines_at(edges, true, level=400.0))
    guesses = [rixs.Line(at, 0.15, 1e3) for at in (0.02, 1.15, 1.6)]
    found, level = rixs.fit_lines(edges, counts, guesses)
    for line, there in zip(found, true, strict=True):
        assert abs(line.centre - there.centre) < 3.5 * line.centre_error
        assert abs(line.width - there.width) < 3.5 * line.width_error
        assert abs(line.area - there.area) < 3.5 * line.area_error
    assert level == pytest.approx(400.0, rel=0.1)


@pytest.fixture(scope="module")
def spectrum() -> xr.Dataset:
    """Two lines, in exposures that drift, of a scale that an elastic series gave."""
    at = [60.0, 120.0, 180.0, 240.0]
    energies = [float(scale().energy(each)) for each in at]
    lines = np.array([frame(each, 20_000, i) for i, each in enumerate(at)])
    series = rixs.elastic_series(lines, energies)
    exposures = [
        frame(200.0 + 0.5 * i, 4_000, 20 + i) + frame(120.0 + 0.5 * i, 2_000, 40 + i)
        for i in range(4)
    ]
    incident = float(scale().energy(200.75))
    return rixs.summed(np.array(exposures), np.full(4, 2e-9), 10.0, incident, series)


def test_a_sum_knows_the_drift_and_the_loss(spectrum: xr.Dataset) -> None:
    assert spectrum["shift"].values == pytest.approx([-0.75, -0.25, 0.25, 0.75], abs=0.15)
    seen = spectrum["counts"].values
    lost = spectrum["loss"].values
    inelastic = np.abs(lost - 0.8) < 0.2
    mean = np.average(lost[inelastic], weights=seen[inelastic])
    true = float(scale().energy(200.0) - scale().energy(120.0))
    assert mean == pytest.approx(true, abs=0.004)
    assert np.all(np.diff(lost) > 0)


def test_a_sum_is_normalised_to_the_charge_with_counting_errors(spectrum: xr.Dataset) -> None:
    counts, charge = spectrum["counts"].values, 4 * 2e-9 * 10.0
    assert counts.sum() == pytest.approx(24_000, rel=0.01)
    assert spectrum["intensity"].values == pytest.approx(counts / charge)
    assert spectrum["intensity_error"].values == pytest.approx(np.sqrt(counts) / charge)


def test_the_elastic_width_is_that_of_the_line(spectrum: xr.Dataset) -> None:
    per_column = 0.01 - 4e-6 * 50.0
    width, error = (spectrum.attrs[f"elastic_width{of}"] for of in ("", "_error"))
    assert abs(width - 4.0 * per_column) < 3 * error
    assert error < 0.05 * width


def test_a_figure_has_its_axes_named(spectrum: xr.Dataset) -> None:
    bow = rixs.Curvature(BOW, np.zeros(2))
    lines = [rixs.Line(0.0, 0.04, 16_000.0), rixs.Line(0.8, 0.04, 8_000.0)]
    figure = figures.rixs_figure(spectrum, frame(200.0, 5000, 1), bow, lines, title="RIXS")
    labels = {axes.get_xlabel() for axes in figure.axes}
    assert {"Column (energy →)", "Sub-exposure", "Energy loss (eV)"} <= labels
