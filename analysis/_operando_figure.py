"""Figure of an operando series: spectra, shares of the states, and the environment below."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# Okabe and Ito's palette, which stays distinct for all common colour vision.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
_STYLES = ("-", "--", "-.", ":")
_GREY = "#595959"


def operando_figure(
    spectra: xr.DataArray,
    found: xr.Dataset,
    environment: Mapping[str, tuple[ArrayLike, ArrayLike | Mapping[str, ArrayLike]]],
    *,
    expected: tuple[ArrayLike, ArrayLike] | None = None,
    title: str = "",
) -> "Figure":
    """Draw a series against time, with the environment below it.

    Parameters
    ----------
    spectra
        Counts (spectrum, binding), with coordinates ``minutes`` of each spectrum and ``binding``
        [eV].
    found
        As `nanoterasu.analysis.xps.component_fractions` gives.
    environment
        By label with unit, as "Temperature (K)": minutes and values, one panel each; or values
        by name, where a panel holds several.
    expected
        Minutes and shares of the last component that are known otherwise.
    title
        Printed as given.  A figure travels: in a proprietary run give a code, not a name.

    Returns
    -------
    matplotlib.figure.Figure
        Ready for ``savefig``; no window is opened.

    Examples
    --------
    >>> binding = np.linspace(700.0, 716.0, 81)
    >>> counts = 10.0 + 90.0 * np.exp(-((binding - [[707.0], [711.0]]) ** 2))
    >>> spectra = xr.DataArray(
    ...     counts,
    ...     dims=("spectrum", "binding"),
    ...     coords={"binding": binding, "minutes": ("spectrum", [0.0, 1.0])},
    ... )
    >>> from nanoterasu.analysis.xps import Component, component_fractions
    >>> states = [Component("metal", 707.0, 0.1, 1.6), Component("oxide", 711.0, 0.1, 1.6)]
    >>> found = component_fractions(binding, counts, states)
    >>> figure = operando_figure(spectra, found, {"Temperature (K)": ([0, 1], [300, 600])})
    >>> [axes.get_ylabel() for axes in figure.axes]
    ['Counts', 'Binding energy (eV)', 'Fraction', 'Temperature (K)', 'Counts']
    """
    from matplotlib.colors import PowerNorm
    from matplotlib.figure import Figure

    height = 5.2 + 1.1 * len(environment)
    figure = Figure(figsize=(7.5, height + 1.6), layout="constrained", dpi=150)
    grid = figure.add_gridspec(
        3 + len(environment), 1, height_ratios=[1.7, 1.5, 1.5, *[0.8] * len(environment)]
    )
    single = figure.add_subplot(grid[0])
    series = figure.add_subplot(grid[1])
    shares = figure.add_subplot(grid[2], sharex=series)
    below = [
        figure.add_subplot(grid[3 + place], sharex=series) for place in range(len(environment))
    ]
    _ends_of_the_series(single, spectra, found)
    minutes, binding = spectra["minutes"].values, spectra["binding"].values
    counts = np.maximum(spectra.values.T, 0.0)
    image = series.pcolormesh(
        minutes, binding, counts, cmap="cividis", shading="nearest", norm=PowerNorm(0.5)
    )
    series.set_ylabel("Binding energy (eV)")
    figure.colorbar(image, ax=series, label="Counts", pad=0.01)
    _shares(shares, minutes, found, expected)
    for axes, (label, (times, values)) in zip(below, environment.items(), strict=True):
        _environment(axes, times, values)
        axes.set_ylabel(label, fontsize=9)
    for axes in (series, shares, *below[:-1]):
        axes.tick_params(labelbottom=False)
    shares.set_xlim(minutes.min(), minutes.max())
    (below or [shares])[-1].set_xlabel("Time (min)")
    for axes in (single, shares, *below):
        axes.spines[["top", "right"]].set_visible(False)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold")
    return figure


def _environment(
    axes: "Axes", times: ArrayLike, values: ArrayLike | Mapping[str, ArrayLike]
) -> None:
    named = values if isinstance(values, Mapping) else {"": values}
    for place, (name, column) in enumerate(named.items()):
        axes.plot(
            times, column, color=COLOURS[(2 + place) % 4], linewidth=1.4, label=name,
            linestyle=_STYLES[place % 4],
        )  # fmt: skip
    if len(named) > 1:
        axes.legend(frameon=False, fontsize=9, loc="center left")


def _ends_of_the_series(axes: "Axes", spectra: xr.DataArray, found: xr.Dataset) -> None:
    """First spectrum and the one most unlike it, with what was fitted."""
    last = found["fraction"].isel(component=-1).values
    other = int(np.argmax(np.abs(last - last[0])))
    for number, colour in ((0, COLOURS[0]), (other, COLOURS[1])):
        minutes = float(spectra["minutes"][number])
        counts = spectra.isel(spectrum=number)
        axes.plot(counts["binding"], counts, ".", markersize=3, color=colour)
        axes.plot(
            found["binding"], found["model"].isel(spectrum=number), color=colour, linewidth=1.2,
            label=f"after {minutes:.1f} min",
        )  # fmt: skip
        behind = found["background"].isel(spectrum=number)
        axes.plot(found["binding"], behind, color=colour, linewidth=0.8, linestyle=":")
    axes.set_xlabel("Binding energy (eV)")
    axes.set_ylabel("Counts")
    axes.margins(x=0)
    axes.invert_xaxis()
    axes.legend(frameon=False, fontsize=9, loc="upper left")


def _shares(
    axes: "Axes",
    minutes: ArrayLike,
    found: xr.Dataset,
    expected: tuple[ArrayLike, ArrayLike] | None,
) -> None:
    for place, name in enumerate(found["component"].values):
        share = found.isel(component=place)
        axes.errorbar(
            minutes, share["fraction"], share["fraction_error"], fmt="os^D"[place % 4],
            markersize=3.5, color=COLOURS[place % 4], linewidth=1.0, label=str(name),
        )  # fmt: skip
    if expected is not None:
        name = str(found["component"].values[-1])
        axes.plot(
            *expected, color=_GREY, linewidth=1.2, linestyle=_STYLES[1], label=f"{name}, expected"
        )  # fmt: skip
    axes.set_ylabel("Fraction")
    axes.set_ylim(-0.03, 1.03)
    axes.legend(frameon=False, fontsize=9, loc="center left")
