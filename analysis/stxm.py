"""Scanning transmission X-ray microscopy: from pixels in time order to optical density.

Four steps: `images` puts rows on a grid, `optical_density` divides by what an empty area lets
through, `align` takes away what the sample moved between energies, `magnetic` subtracts the
helicities.
"""

from collections.abc import Mapping

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ._alignment import align, shifts
from ._widths import best_focus, edge_place

__all__ = ["align", "best_focus", "edge_place", "images", "magnetic", "optical_density", "shifts"]

Area = Mapping[str, tuple[float, float]]
"""Range of x and of y [um], as ``{"x": (-3.0, -2.5)}``; an axis left out is taken whole."""


def images(rows: xr.Dataset) -> xr.Dataset:
    """Put the pixels of a run on a grid, image by image.

    Parameters
    ----------
    rows
        ``primary`` of a run: ``fine_x``, ``fine_y`` [um], ``energy`` [eV], ``zone_plate_z`` [um],
        ``i0``, ``transmission`` [A], ``helicity`` and ``image`` [1], each (n,), in the order of
        time; lines run upward in x.

    Returns
    -------
    xarray.Dataset
        ``intensity`` (image, y, x), transmission over I0 [1], with ``x`` and ``y`` [um], and
        ``energy`` [eV], ``zone_plate_z`` [um] and ``helicity`` of each image.

    Raises
    ------
    ValueError
        If an image is not complete.

    Examples
    --------
    >>> x, y = np.meshgrid([0.0, 1.0, 2.0], [0.0, 1.0])
    >>> one = dict.fromkeys(("i0", "transmission", "helicity", "energy", "zone_plate_z"), 1.0)
    >>> columns = {k: 0 * x + v for k, v in one.items()}
    >>> columns |= {"fine_x": x, "fine_y": y, "image": 0 * x}
    >>> grid = images(xr.Dataset({k: ("time", v.ravel()) for k, v in columns.items()}))
    >>> dict(grid.sizes)
    {'image': 1, 'y': 2, 'x': 3}
    """
    number = rows["image"].values
    x = rows["fine_x"].values
    first = number == number[0]
    back = np.flatnonzero(np.diff(x[first]) < 0)
    columns = int(back[0]) + 1 if back.size else int(first.sum())
    every, counts = np.unique(number, return_counts=True)
    if np.any(counts != counts[0]) or counts[0] % columns:
        raise ValueError(
            f"the images of this run have {sorted(set(counts.tolist()))} pixels in lines of "
            f"{columns}: one of them is not complete. Leave it out, by its number in 'image'."
        )
    shape = (every.size, int(counts[0]) // columns, columns)
    order = np.argsort(number, kind="stable")

    def grid(name: str) -> NDArray[np.float64]:
        return np.asarray(rows[name].values, dtype=float)[order].reshape(shape)

    of_image = {
        name: ("image", np.median(grid(name), axis=(1, 2)), {"units": units})
        for name, units in (("energy", "eV"), ("zone_plate_z", "um"), ("helicity", "1"))
    }
    intensity = grid("transmission") / grid("i0")
    return xr.Dataset(
        {"intensity": (("image", "y", "x"), intensity, {"units": "1"})},
        coords={
            "x": ("x", grid("fine_x").mean(axis=(0, 1)), {"units": "um"}),
            "y": ("y", grid("fine_y").mean(axis=(0, 2)), {"units": "um"}),
            "image": ("image", every),
            **of_image,
        },
    )


def optical_density(stack: xr.Dataset, empty: Area) -> xr.Dataset:
    """Optical density -ln(I / I0), with I0 from an ``empty`` area of each image.

    Parameters
    ----------
    stack
        As `images` gives.
    empty
        Where there is no sample.

    Returns
    -------
    xarray.Dataset
        ``stack`` with ``od`` and ``od_error`` [1] (image, y, x).  The error is that of counting:
        the relative scatter in the empty area, which grows as one over the root of the intensity.

    Raises
    ------
    ValueError
        If fewer than ten pixels are in the empty area.
    """
    nothing = _within(stack["intensity"], empty)
    pixels = nothing.sizes["x"] * nothing.sizes["y"]
    if pixels < 10:
        raise ValueError(
            f"the empty area {dict(empty)} holds {pixels} pixels: give a larger one, where there "
            "is no sample."
        )
    without = nothing.mean(("y", "x"))
    scatter = nothing.std(("y", "x"), ddof=1) / without
    share = (stack["intensity"] / without).clip(min=1e-9)
    od = xr.apply_ufunc(lambda passed: -np.log(passed), share)
    error = scatter * np.sqrt(1.0 / share + 1.0 / pixels)
    units = {"units": "1"}
    return stack.assign(od=od.assign_attrs(units), od_error=error.assign_attrs(units))


def magnetic(stack: xr.Dataset) -> xr.Dataset:
    """Mean and difference of the optical densities of both helicities, at one energy.

    Returns
    -------
    xarray.Dataset
        ``od``, mean of both helicities, and ``xmcd``, plus less minus, each with its
        ``..._error`` [1] (y, x).

    Raises
    ------
    ValueError
        If a helicity is missing, or the images are of several energies.
    """
    helicity, energy = stack["helicity"].values, stack["energy"].values
    if not (np.any(helicity > 0) and np.any(helicity < 0)) or np.ptp(energy) > 0.1:
        raise ValueError(
            f"images at {np.unique(energy.round(2))} eV of helicities {np.unique(helicity)}: a "
            "difference needs both helicities at one energy; select these first."
        )
    sides, errors = [], []
    for side in (helicity > 0, helicity < 0):
        sides.append(stack["od"].values[side].mean(axis=0))
        errors.append(np.sqrt((stack["od_error"].values[side] ** 2).sum(axis=0)) / side.sum())
    error = np.hypot(*errors)
    maps = {
        "od": (sides[0] + sides[1]) / 2,
        "od_error": error / 2,
        "xmcd": sides[0] - sides[1],
        "xmcd_error": error,
    }
    return xr.Dataset(
        {name: (("y", "x"), values, {"units": "1"}) for name, values in maps.items()},
        coords={axis: stack[axis] for axis in ("x", "y")},
    )


def _within(data: xr.DataArray, area: Area) -> xr.DataArray:
    for axis, (low, high) in area.items():
        data = data.isel({axis: (data[axis].values >= low) & (data[axis].values <= high)})
    return data
