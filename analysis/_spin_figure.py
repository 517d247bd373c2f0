"""Figure of spin-resolved photoemission: a frame, the spectra of both spins, the polarisation."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from ._palette import BLUE, GREY, ORANGE
from .spin import Line, SpinResolved

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def spin_figure(
    frame: ArrayLike,
    angles: ArrayLike,
    frame_energy: ArrayLike,
    energy: ArrayLike,
    resolved: SpinResolved,
    lines: Sequence[Line],
    *,
    title: str = "",
) -> "Figure":
    """Draw a frame of both spins, the spectra at normal emission, and their polarisation.

    Parameters
    ----------
    frame : (m, n) array [counts]
    angles : (m,) array [deg]
    frame_energy : (n,) array [eV]
        From the Fermi level, as all energies here.
    energy : (k,) array [eV]
    resolved
        As `nanoterasu.analysis.spin.spin_resolved` gives, at ``energy``.
    lines
        Of the spins along the axis and against it.
    title
        Printed as given.  A figure travels: in a proprietary run give a code, not a name.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``; no window is opened and no state of pyplot is touched.
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9.0, 4.8), layout="constrained")
    grid = figure.add_gridspec(2, 2, width_ratios=(1.0, 1.2), height_ratios=(1.4, 1.0))
    image = figure.add_subplot(grid[:, 0])
    spectra, below = figure.add_subplot(grid[0, 1]), figure.add_subplot(grid[1, 1])
    at = np.asarray(energy, dtype=float)

    shown = image.pcolormesh(angles, frame_energy, np.asarray(frame).T, cmap="cividis")
    image.axhline(0.0, color="white", linewidth=0.8, linestyle="--")
    image.axvline(0.0, color="white", linewidth=0.8, linestyle=":")
    image.set(xlabel="Emission angle (deg)", ylabel="E − E$_F$ (eV)", title="Both spins")
    figure.colorbar(shown, ax=image, label="Counts")

    drawn = (
        (resolved.up, resolved.up_sigma, "^", BLUE, "spin along the axis"),
        (resolved.down, resolved.down_sigma, "v", ORANGE, "spin against it"),
    )
    for (counts, sigma, marker, colour, label), line in zip(drawn, lines, strict=True):
        spectra.errorbar(at, counts, sigma, fmt=marker, color=colour, markersize=4, label=label)
        spectra.axvline(line.middle, color=colour, linewidth=0.9, linestyle="--")
    spectra.set(ylabel="Counts", title="Normal emission")
    spectra.set_ylim(bottom=0.0)
    spectra.legend(frameon=False, fontsize=8, loc="upper right")

    # Above the Fermi level too little is counted for a polarisation.
    told = resolved.polarisation_sigma < 0.3
    below.errorbar(
        at[told],
        resolved.polarisation[told],
        resolved.polarisation_sigma[told],
        fmt="o",
        color=GREY,
        markersize=3.5,
    )
    below.axhline(0.0, color=GREY, linewidth=0.8)
    below.set(xlabel="E − E$_F$ (eV)", ylabel="Polarisation", ylim=(-1.1, 1.1))
    below.set_xlim(spectra.get_xlim())
    for axes in (spectra, below):
        axes.spines[["top", "right"]].set_visible(False)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold")
    return figure
