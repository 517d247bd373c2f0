"""Figures for a report: drawn without a screen, labelled with units, safe for the colour-blind."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ._arpes_figure import arpes_figure
from ._integrals import at, reduced, running, with_background
from ._lines import both_sides
from ._moments import Moments
from ._operando_figure import operando_figure
from ._palette import BLUE, GREEN, GREY, ORANGE
from ._rixs_figure import rixs_figure
from ._spin_figure import spin_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["arpes_figure", "operando_figure", "rixs_figure", "spin_figure", "xmcd_figure"]


def xmcd_figure(xmcd: xr.Dataset, moments: Moments, *, title: str = "") -> "Figure":
    """Draw absorption, dichroism, their integrals and the moments that follow.

    Parameters
    ----------
    xmcd
        As the function `nanoterasu.analysis.xmcd.xmcd` gives.
    moments
        As `nanoterasu.analysis.xmcd.sum_rules` gives.
    title
        Printed as given.  A figure travels: in a proprietary run give a code, not a name.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``; no window is opened and no state of pyplot is touched.

    Examples
    --------
    >>> energy = np.linspace(680.0, 780.0, 201)
    >>> lines = [np.exp(-0.5 * (energy - e) ** 2) for e in (706.8, 719.9)]
    >>> step = 0.5 * (np.sign(energy - 706.8) + 1)
    >>> sides = {"mu_plus": step + lines[0] + lines[1], "mu_minus": step + 2 * lines[0]}
    >>> data = xr.Dataset(
    ...     {name: ("energy", mu) for name, mu in sides.items()}
    ...     | {f"{name}_error": ("energy", np.zeros(201)) for name in [*sides, "xmcd"]},
    ...     coords={"energy": energy},
    ...     attrs={"pre_edge": (680.0, 699.0), "post_edge": (732.0, 780.0)},
    ... )
    >>> from nanoterasu.analysis.xmcd import sum_rules
    >>> found = sum_rules(data, element="Fe", holes=3.4, circular_polarisation=1.0)
    >>> [axes.get_xlabel() for axes in xmcd_figure(data, found).axes]
    ['', 'Photon energy (eV)', '']
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.5, 7.0), layout="constrained", dpi=150)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=[1.15, 1.0])
    _absorption(upper, xmcd, moments)
    _dichroism(lower, xmcd, moments)
    for axes in (upper, lower):
        axes.axvline(moments.cut, color=GREY, linewidth=0.8, linestyle=(0, (1, 3)))
        axes.spines["top"].set_visible(False)
        axes.margins(x=0)
    upper.spines["right"].set_visible(False)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold")
    return figure


def _absorption(axes: "Axes", xmcd: xr.Dataset, moments: Moments) -> None:
    energy = xmcd["energy"].values
    plus, minus = xmcd["mu_plus"].values, xmcd["mu_minus"].values
    _, _, background = _reduced(xmcd, moments)
    axes.fill_between(energy, 0, background / 2, color=GREY, alpha=0.12, linewidth=0)
    axes.plot(energy, background / 2, color=GREY, linewidth=1.2, linestyle="--", label="step")
    axes.plot(energy, plus, color=BLUE, linewidth=1.4, label="µ$_+$  helicity along field")
    axes.plot(
        energy, minus, color=ORANGE, linewidth=1.4, linestyle=(0, (5, 1.2)),
        label="µ$_-$  helicity against field",
    )  # fmt: skip
    axes.set_ylabel("Absorption (edge steps)")
    handles, labels = axes.get_legend_handles_labels()
    axes.legend(
        handles[1:] + handles[:1], labels[1:] + labels[:1], frameon=False,
        loc="upper right", bbox_to_anchor=(1.0, 0.74),
        fontsize=9,
    )  # fmt: skip
    axes.text(
        0.985, 0.96, _summary(moments), transform=axes.transAxes, ha="right", va="top",
        fontsize=9.5, linespacing=1.5,
        bbox={"boxstyle": "round,pad=0.5", "facecolor": "white", "edgecolor": "0.8"},
    )  # fmt: skip


def _dichroism(axes: "Axes", xmcd: xr.Dataset, moments: Moments) -> None:
    energy = xmcd["energy"].values
    difference, _, _ = _reduced(xmcd, moments)
    error = xmcd["xmcd_error"].values
    axes.axhline(0, color=GREY, linewidth=0.8)
    axes.fill_between(
        energy, difference - error, difference + error, color=BLUE, alpha=0.3, linewidth=0
    )
    axes.plot(energy, difference, color=BLUE, linewidth=1.4)
    axes.set_ylabel("XMCD  µ$_+$ − µ$_-$ (edge steps)", color=BLUE)
    axes.set_xlabel("Photon energy (eV)")

    right = axes.twinx()
    grown = running(energy, difference)
    shown = energy <= moments.choices.end
    right.plot(energy[shown], grown[shown], color=GREEN, linewidth=1.4, linestyle="-.")
    right.set_ylabel("Integral of XMCD (eV)", color=GREEN)
    right.spines["top"].set_visible(False)
    # Both zeros at the same height, so that one line serves both scales.
    low, high = axes.get_ylim()
    reach = 1.15 * max(-grown.min() / -low if low < 0 else 0, grown.max() / high, 1e-9)
    right.set_ylim(low * reach, high * reach)
    marks = (("p", moments.cut, moments.p), ("q", moments.choices.end, moments.q))
    for name, where, value in marks:
        height = float(at(energy, grown, where))
        right.plot([where], [height], "o", color=GREEN, markersize=6, clip_on=False, zorder=5)
        right.annotate(
            f"{name} = {value:.2f} eV", (where, height), color=GREEN, fontsize=10,
            xytext=(8, -4) if name == "p" else (-8, -16), textcoords="offset points",
            ha="left" if name == "p" else "right", va="top",
        )  # fmt: skip


def _reduced(
    xmcd: xr.Dataset, moments: Moments
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    energy, sides = with_background(xmcd)
    peaks = both_sides(energy, moments.total_lines, moments.difference_lines)
    return reduced(energy, sides, moments.choices, peaks)


def _summary(moments: Moments) -> str:
    lines = [
        f"$m_{{orb}}$ = {_value(moments.orbital, moments.orbital_uncertainty)} µ$_B$",
        f"$m_{{spin}}$ = {_value(moments.spin, moments.spin_uncertainty)} µ$_B$",
    ]
    if np.isfinite(moments.ratio) and abs(moments.spin) > 2 * moments.spin_uncertainty:
        lines.append(f"ratio = {_value(moments.ratio, moments.ratio_uncertainty)}")
    return "\n".join(lines)


def _value(value: float, uncertainty: float) -> str:
    """As many decimals as show two digits of the uncertainty."""
    tidy = np.isfinite(uncertainty) and uncertainty > 0
    digits = int(np.clip(1 - np.floor(np.log10(uncertainty)), 1, 5)) if tidy else 3
    return f"{value:.{digits}f} ± {uncertainty:.{digits}f}"
