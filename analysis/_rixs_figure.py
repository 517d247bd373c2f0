"""Figure of a spectrum of inelastic scattering: the frame, the drift, and the loss."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from ._palette import BLUE, GREEN, GREY, ORANGE
from ._rixs_frames import Curvature
from ._rixs_lines import Line, lines_at

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_PIXELS = 128  # of the image that is drawn, each way


def rixs_figure(
    spectrum: xr.Dataset,
    frame: ArrayLike,
    curvature: Curvature,
    lines: Sequence[Line],
    level: float = 0.0,
    *,
    title: str = "",
) -> "Figure":
    """Draw a frame with its elastic line, the drift of the exposures, and the spectrum.

    Parameters
    ----------
    spectrum
        As `nanoterasu.analysis.rixs.summed` gives.
    frame : (rows, columns) array [counts]
    curvature
        Drawn over the frame, at the elastic line.
    lines
        Fitted to ``spectrum`` [eV], in counts; the elastic one first.
    level : float [counts/eV]
        Of the background.
    title
        Printed as given.  A figure travels: in a proprietary run give a code, not a name.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``; no window is opened and no state of pyplot is touched.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8.0, 7.0), layout="constrained", dpi=150)
    halves: Any = figure.subfigures(2, 1, height_ratios=[1.0, 1.15])
    upper, lower = halves
    image, drift = upper.subplots(1, 2, width_ratios=[1.5, 1.0])
    _image(image, np.asarray(frame, dtype=float), curvature, float(spectrum.attrs["elastic"]))
    _drift(drift, spectrum)
    _loss(lower.subplots(), spectrum, lines, level)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold")
    return figure


def _image(axes: "Axes", frame: np.ndarray, curvature: Curvature, elastic: float) -> None:
    from matplotlib.colors import PowerNorm

    rows, columns = frame.shape
    tall, wide = max(rows // _PIXELS, 1), max(columns // _PIXELS, 1)
    small = frame[: rows // tall * tall, : columns // wide * wide]
    small = small.reshape(rows // tall, tall, columns // wide, wide).sum(axis=(1, 3))
    shown = axes.imshow(
        small, origin="lower", aspect="auto", cmap="cividis", interpolation="nearest",
        extent=(0, columns, 0, rows), norm=PowerNorm(0.4, 0, np.percentile(small, 99.7)),
    )  # fmt: skip
    every = np.arange(0, rows, max(rows // 64, 1))
    at = elastic + curvature.at(rows)[every] + 0.012 * columns
    axes.plot(at, every, color="white", linewidth=1.0, linestyle="--", label="curvature")
    axes.legend(loc="upper left", fontsize=8, framealpha=0.4, labelcolor="white", facecolor="black")
    axes.set(xlabel="Column (energy →)", ylabel="Row", title="Frame")
    axes.figure.colorbar(shown, ax=axes, label=f"Counts per {tall} × {wide} pixels")


def _drift(axes: "Axes", spectrum: xr.Dataset) -> None:
    shift, error = spectrum["shift"].values, spectrum["shift_error"].values
    axes.errorbar(np.arange(1, len(shift) + 1), shift, error, fmt="o-", color=ORANGE, capsize=3)
    axes.set(xlabel="Sub-exposure", ylabel="Drift (columns)", title="Alignment")
    axes.spines[["top", "right"]].set_visible(False)


def _loss(axes: "Axes", spectrum: xr.Dataset, lines: Sequence[Line], level: float) -> None:
    loss, edges = spectrum["loss"].values, spectrum["loss_edge"].values
    nano = 1e-9
    seen, error = spectrum["intensity"].values * nano, spectrum["intensity_error"].values * nano
    counts = spectrum["counts"].values
    lit = counts > 0
    scale = float(np.median(seen[lit] / counts[lit]))
    axes.fill_between(loss, seen - error, seen + error, color=BLUE, alpha=0.35, linewidth=0)
    axes.plot(loss, seen, color=BLUE, linewidth=0.9, label="measured")
    model = lines_at(edges, lines, level) * scale
    axes.plot(loss, model, color=ORANGE, linewidth=1.1, linestyle="--", label="fit")
    first, last = -0.25, min(float(edges[-1]), 4.9)
    inelastic = seen[(loss > 0.3) & (loss < last)]
    top = 1.5 * float(np.percentile(inelastic, 99.8)) if inelastic.size else float(seen.max())
    axes.set(xlim=(first, last), ylim=(0, top), xlabel="Energy loss (eV)")
    axes.set_ylabel("Intensity (counts/nC of I0)")
    width, spread = (1e3 * float(spectrum.attrs[f"elastic_width{of}"]) for of in ("", "_error"))
    for number, line in enumerate(lines):
        if line.width > 1.0:
            continue  # fluorescence, and other continua
        height = float(np.interp(line.centre, loss, model))
        text = f"{line.centre:.3f} eV" if number else f"elastic\n{width:.1f} ± {spread:.1f} meV"
        axes.annotate(
            text, (line.centre, min(height, 0.93 * top)), color=GREEN, fontsize=9,
            xytext=(8, 0) if not number else (0, 8), textcoords="offset points",
            ha="left" if not number else "center", va="top" if not number else "bottom",
        )  # fmt: skip
    axes.axvline(0, color=GREY, linewidth=0.8, linestyle=(0, (1, 3)))
    axes.legend(frameon=False, loc="upper right", fontsize=9)
    axes.spines[["top", "right"]].set_visible(False)
