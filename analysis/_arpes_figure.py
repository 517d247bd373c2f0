"""The figure of a session of nano-ARPES."""

from typing import TYPE_CHECKING

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ._cuts import Crossing, parallel_momentum
from ._fermi_edge import FermiEdge
from ._palette import BLUE, GREEN, GREY, ORANGE
from ._places import Boundary, Focus

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

Array = NDArray[np.float64]


def arpes_figure(
    *,
    focus: Focus,
    edges: xr.Dataset,
    fits: list[FermiEdge],
    raster: tuple[Array, Array, Array],
    boundary: Boundary,
    cuts: xr.Dataset,
    sides: list[Crossing],
    surface: xr.Dataset,
    title: str = "",
) -> "Figure":
    """Draw focus, Fermi edges, the map of domains, both bands and a Fermi surface.

    Parameters
    ----------
    focus, fits, boundary, sides
        As the functions of `nanoterasu.analysis.arpes` give them; ``fits`` one a temperature.
    edges, cuts, surface
        Streams of a temperature series, of a frame in the first domain and one in the second, and
        of a Fermi surface.
    raster
        x [um], y [um] and contrast [1] of each point of a map.
    title
        Printed as given.

    Returns
    -------
    matplotlib.figure.Figure
    """
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11.0, 6.6), layout="constrained")
    upper, lower = figure.subplots(2, 3)
    level = fits[-1].position
    _focus(upper[0], focus)
    _edges(upper[1], edges, fits)
    _domains(upper[2], raster, boundary)
    for number, name in enumerate(("first", "second")):
        _cut(lower[number], cuts.isel(time=number), sides[number], level)
        lower[number].set_title(f"Band in the {name} domain", fontsize=10)
    _surface(lower[2], surface, level)
    if title:
        figure.suptitle(title, fontsize=12, fontweight="bold")
    return figure


def _focus(axes: "Axes", focus: Focus) -> None:
    axes.errorbar(
        focus.depths, focus.widths, focus.width_uncertainties, fmt="o", color=BLUE, markersize=4
    )
    axes.axvline(focus.place, color=ORANGE, linewidth=1.2)
    axes.set(xlabel="Focusing optic z (µm)", ylabel="Rms width of the edge (µm)")
    axes.set_title(f"Focus at {focus.place:.1f} ± {focus.place_uncertainty:.1f} µm", fontsize=10)
    axes.set_ylim(bottom=0)


def _edges(axes: "Axes", edges: xr.Dataset, fits: list[FermiEdge]) -> None:
    level = fits[-1].position
    styles = zip((ORANGE, GREEN, BLUE), ("s", "^", "o"), strict=True)
    rows = zip(
        edges["analyser_energies"].values,
        edges["analyser_spectrum"].values,
        edges["sample_temperature"].values,
        styles,
        strict=False,
    )
    for energies, counts, kelvin, (colour, marker) in rows:
        axes.plot(
            1e3 * (energies - level), counts / counts[: len(counts) // 8].mean(), marker,
            color=colour, markersize=3, label=f"{kelvin:.0f} K", markerfacecolor="none",
        )  # fmt: skip
    axes.axvline(0.0, color=GREY, linewidth=0.8)
    axes.set(xlabel="Energy from the Fermi level (meV)", ylabel="Counts on gold (of the top)")
    axes.set_title(f"Resolution {1e3 * fits[-1].resolution:.1f} meV", fontsize=10)
    axes.legend(frameon=False, fontsize=9)


def _domains(axes: "Axes", raster: tuple[Array, Array, Array], boundary: Boundary) -> None:
    x, y, contrast = raster
    columns, rows = np.unique(x.round(2)), np.unique(y.round(2))
    image = np.full((len(rows), len(columns)), np.nan)
    image[np.searchsorted(rows, y.round(2)), np.searchsorted(columns, x.round(2))] = contrast
    shown = axes.pcolormesh(columns, rows, image, cmap="cividis", shading="nearest")
    angle = np.radians(boundary.direction)
    along = np.array([-np.sin(angle), np.cos(angle)]) * 2 * np.ptp(y)
    foot = boundary.distance * np.array([np.cos(angle), np.sin(angle)])
    ends = np.stack([foot - along, foot + along])
    axes.plot(ends[:, 0], ends[:, 1], color=ORANGE, linewidth=2)
    axes.set(xlabel="x (µm)", ylabel="y (µm)", aspect="equal")
    axes.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    axes.set_title("Domains and their boundary", fontsize=10)
    axes.figure.colorbar(shown, ax=axes, label="Contrast of wave vectors", shrink=0.85)


def _cut(axes: "Axes", cut: xr.Dataset, side: Crossing, level: float) -> None:
    k = parallel_momentum(level, cut["analyser_angles"].values)
    energy = cut["analyser_energies"].values - level
    frame = cut["analyser"].values.T
    axes.pcolormesh(k, energy, frame, cmap="Greys", shading="nearest", rasterized=True)
    for sign in (-1, 1):
        axes.plot(sign * side.momenta, side.energies, ".", color=ORANGE, markersize=4)
    axes.axhline(0.0, color=BLUE, linewidth=0.8)
    axes.set(xlabel="k along y (1/Å)", ylabel="E - E$_F$ (eV)", ylim=(-1.2, 0.2))


def _surface(axes: "Axes", surface: xr.Dataset, level: float) -> None:
    kinetic = surface["analyser_energies"].values[0]
    near = np.abs(kinetic - level) < 0.03
    seen = surface["analyser"].isel({surface["analyser"].dims[-1]: near}).values.sum(axis=-1)
    up = surface["analyser_angles"].values[0]
    aside = surface["analyser_deflector"].values
    across = parallel_momentum(level, aside)[:, None] * np.ones_like(up)
    # What is seen at an angle along the slit is foreshortened by the deflection across it.
    along = parallel_momentum(level, up)[None, :] * np.cos(np.radians(aside))[:, None]
    axes.pcolormesh(across, along, seen, cmap="Greys", shading="gouraud", rasterized=True)
    axes.set(xlabel="k along x (1/Å)", ylabel="k along y (1/Å)", aspect="equal")
    axes.set_title("Fermi surface, first domain", fontsize=10)
