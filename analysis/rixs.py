"""Resonant inelastic scattering: from the frames of a photon counter to spectra of energy loss.

The steps, each a function: `without_cosmics`; `curvature` of an elastic line; `straightened`
spectra; `shifts` between sub-exposures; `calibrate` with an elastic series; `summed`, which joins
them; `fit_lines`.
"""

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from ._rixs_frames import Curvature, curvature, straightened, unrounded, without_cosmics
from ._rixs_lines import Line, Scale, calibrate, fit_lines, lines_at
from ._rixs_shifts import shifts

__all__ = [
    "Curvature",
    "ElasticSeries",
    "Line",
    "Scale",
    "calibrate",
    "curvature",
    "elastic_line",
    "elastic_series",
    "fit_lines",
    "lines_at",
    "shifts",
    "straightened",
    "summed",
    "unrounded",
    "without_cosmics",
]

_AROUND = 15  # columns on each side of an elastic line that are fitted
_WIDTH_KNOWN_TO = 0.01  # by which rounding leaves a width uncertain, at three columns or more


@dataclass(frozen=True, slots=True)
class ElasticSeries:
    """What an elastic series says of the spectrometer.

    Attributes
    ----------
    curvature : Curvature
    scale : Scale
    lines : list of Line
        One an exposure [column].
    """

    curvature: Curvature
    scale: Scale
    lines: list[Line]


def elastic_line(spectrum: ArrayLike, near: float | None = None) -> Line:
    """Elastic line of a spectrum: the highest one, or the one ``near`` a column.

    Parameters
    ----------
    spectrum : (columns,) array [counts]
    near : float [column]

    Returns
    -------
    Line
        In columns; what rounding added is still in the width (see `unrounded`).
    """
    from scipy.ndimage import gaussian_filter1d

    counts = np.asarray(spectrum, dtype=float)
    smooth = gaussian_filter1d(counts, 1.5)
    low, high = (0, len(counts)) if near is None else (int(near) - _AROUND, int(near) + _AROUND)
    peak = max(low, 0) + int(np.argmax(smooth[max(low, 0) : high]))
    first, last = max(peak - _AROUND, 0), min(peak + _AROUND + 1, len(counts))
    seen = counts[first:last]
    edges = np.arange(first, last + 1) - 0.5  # a column's number is its middle
    (line,), _ = fit_lines(edges, seen, [Line(float(peak), 3.0, float(seen.sum()))])
    return line


def elastic_series(
    frames: ArrayLike, energies: ArrayLike, times: ArrayLike | None = None
) -> ElasticSeries:
    """Curvature and energy scale from elastic lines at some incident energies.

    Parameters
    ----------
    frames : (n, rows, columns) array [counts]
        Of carbon tape or a multilayer; one an energy, or more.
    energies : (n,) array [eV]
    times : (n,) array [s]
        As of `calibrate`.
    """
    clean, _ = without_cosmics(frames)
    flat = np.zeros(clean.shape[1])
    # The bow is the same at each energy: all lines together are compared over the rows.
    moved, _ = shifts([straightened(each, flat) for each in clean], reach=clean.shape[2])
    whole = sum(np.roll(each, -round(by), axis=1) for each, by in zip(clean, moved, strict=True))
    bow = curvature(np.asarray(whole))
    displacement = bow.at(clean.shape[1])
    lines = [elastic_line(straightened(each, displacement)) for each in clean]
    scale = calibrate(
        [line.centre for line in lines], [line.centre_error for line in lines], energies, times
    )
    return ElasticSeries(bow, scale, lines)


def summed(
    frames: ArrayLike, i0: ArrayLike, dwell: float, incident: float, series: ElasticSeries
) -> xr.Dataset:
    """Sum of sub-exposures at one incident energy, against the energy loss.

    Hits are taken out, lines straightened, exposures aligned with each other, and the loss is
    counted from the elastic line of the sum.

    Parameters
    ----------
    frames : (n, rows, columns) array [counts]
    i0 : (n,) array, flux monitor [A]
    dwell : float [s]
        Of each exposure.
    incident : float [eV]
    series
        Of the same setting of the spectrometer.

    Returns
    -------
    xarray.Dataset
        Along ``loss`` [eV], rising: ``counts``; ``intensity`` and ``intensity_error``, the counts
        and their standard deviation for each coulomb of the monitor.  Along ``loss_edge`` nothing
        but the edges of the bins.  Along ``exposure``: ``shift`` and ``shift_error`` [column].
        Attributes: ``elastic`` and ``elastic_error`` [column]; ``elastic_width`` and its error
        [eV], without what rounding and the drift within an exposure add; ``cosmic_hits`` [pixel].
    """
    clean, hits = without_cosmics(frames)
    displacement = series.curvature.at(clean.shape[1])
    moved, error = shifts([straightened(each, displacement) for each in clean])
    counts = np.sum(
        [straightened(f, displacement, by) for f, by in zip(clean, moved, strict=True)], axis=0
    )
    scale, columns = series.scale, np.arange(len(counts))
    near = float(columns[np.argmin(np.abs(scale.energy(columns) - incident))])
    elastic = elastic_line(counts, near)
    edges = scale.loss(np.arange(len(counts) + 1) - 0.5, elastic.centre)[::-1]
    charge = float(np.sum(np.asarray(i0, dtype=float) * dwell))
    per_column = abs(scale.per_column(elastic.centre))
    width = unrounded(elastic.width, float(np.sqrt(np.mean(np.gradient(moved) ** 2))))
    return xr.Dataset(
        {
            "counts": ("loss", counts[::-1], {"units": "counts"}),
            "intensity": ("loss", counts[::-1] / charge, {"units": "counts/C"}),
            "intensity_error": ("loss", np.sqrt(counts[::-1]) / charge, {"units": "counts/C"}),
            "shift": ("exposure", moved, {"units": "column"}),
            "shift_error": ("exposure", error, {"units": "column"}),
        },
        coords={
            "loss": ("loss", scale.loss(columns, elastic.centre)[::-1], {"units": "eV"}),
            "loss_edge": ("loss_edge", edges, {"units": "eV"}),
        },
        attrs={
            "elastic": elastic.centre,
            "elastic_error": elastic.centre_error,
            "elastic_width": width * per_column,
            "elastic_width_error": float(
                np.hypot(elastic.width_error * per_column, _WIDTH_KNOWN_TO * width * per_column)
            ),
            "cosmic_hits": int(hits.sum()),
        },
    )
