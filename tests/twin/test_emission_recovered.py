"""The reduction of inelastic scattering finds what the twin put there, whatever the dice say."""

from __future__ import annotations

import numpy as np
import pytest

from nanoterasu.analysis import rixs as reduction
from nanoterasu.twin.physics import FINER, resolution, rixs, spectrometer

from .test_emission import BINNING, INCIDENT, OXIDE, TAPE, Twin, pitch

SLIT = 40.0  # um: a line of three binned columns
OFFSETS = (-3.4, -2.2, -1.0, 0.0)  # eV


@pytest.mark.parametrize("seed", range(3))
def test_energies_width_and_bow_are_the_twins_within_their_uncertainties(seed: int) -> None:
    twin = Twin(seed).at(slit=SLIT, y=TAPE, pitch=pitch(INCIDENT - 1.9))
    energies = [INCIDENT + offset for offset in (*OFFSETS, *OFFSETS[::-1])]
    times = 12.0 * np.arange(len(energies))
    frames = [
        twin.at(energy=energy).frame(float(t), 10.0)
        for energy, t in zip(energies, times, strict=True)
    ]
    series = reduction.elastic_series(np.array(frames), energies, times)
    bow = np.array([spectrometer.TILT, spectrometer.BOW]) / BINNING
    assert np.all(np.abs(series.curvature.coefficients - bow) < 4 * series.curvature.errors)

    twin.at(energy=INCIDENT, y=OXIDE)
    exposures = np.array([twin.frame(100.0 + 32.0 * i, 30.0) for i in range(4)])
    sample = reduction.summed(exposures, np.full(4, 1e-9), 30.0, INCIDENT, series)
    assert np.all(np.diff(sample["shift"]) > 0)  # it drifts upward at first

    about = sample.attrs
    edges = sample["loss_edge"].values
    within = (edges > -0.4) & (edges < 4.5)
    guesses = [
        reduction.Line(at, width, 1e4)
        for at, width in ((0.0, 0.04), (1.1, 0.1), (1.75, 0.15), (2.95, 0.2), (4.5, 2.0))
    ]
    counts = sample["counts"].values[within[1:] & within[:-1]]
    lines, _ = reduction.fit_lines(edges[within], counts, guesses)
    q = float(rixs.momentum(INCIDENT, 0.0, 150.0))
    true = rixs.emission(INCIDENT, "Ni", q=q).loss
    per_column = abs(series.scale.per_column(about["elastic"]))
    for line, energy in zip(lines[1:4], true[1:4], strict=True):
        at = about["elastic"] - line.centre / per_column
        of_scale = series.scale.loss_error(at, about["elastic"])
        of_zero = about["elastic_error"] * per_column
        uncertainty = float(np.sqrt(line.centre_error**2 + of_scale**2 + of_zero**2))
        assert abs(line.centre - energy) < 4 * uncertainty
        assert uncertainty < 5e-3

    of_grating = float(spectrometer.point_spread(spectrometer.FOCUS)) * per_column / BINNING
    width = np.hypot(float(resolution(INCIDENT, SLIT, *FINER["BL02U"])), of_grating)
    assert abs(about["elastic_width"] - width) < 4 * about["elastic_width_error"]
    assert about["elastic_width_error"] < 0.05 * width
