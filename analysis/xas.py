"""X-ray absorption: tabulated edges, normalised spectra, and the step under the white lines."""

from typing import Literal

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ._scale import counting_error, edge_scale, window

__all__ = ["counting_error", "edge_energies", "normalise", "two_step"]


def edge_energies(element: str) -> dict[str, float]:
    """Tabulated L3 and L2 absorption edges of an element.

    Parameters
    ----------
    element
        Chemical symbol, such as ``"Fe"``.

    Returns
    -------
    dict
        ``{"L3": energy, "L2": energy}`` [eV], as xraydb tabulates them (Elam, Ravel and Sieber,
        Radiat. Phys. Chem. 63, 121 (2002)).

    Raises
    ------
    ValueError
        If the element is unknown or has no L2 and L3 edges in the tables.

    Examples
    --------
    >>> edge_energies("Fe")
    {'L3': 706.8, 'L2': 719.9}
    """
    import xraydb

    try:
        edges = xraydb.xray_edges(element)
    except (ValueError, AttributeError) as error:
        raise ValueError(
            f"{element!r} is not an element of the absorption tables: give a chemical symbol "
            "such as 'Fe'."
        ) from error
    if not edges or "L3" not in edges or "L2" not in edges:
        raise ValueError(
            f"{element} has no L2 and L3 edges in the absorption tables: this reduction is for "
            "elements measured at their L2,3 edges, such as 'Fe', 'Co' or 'Ni'."
        )
    return {"L3": float(edges["L3"].energy), "L2": float(edges["L2"].energy)}


def normalise(
    energy: ArrayLike,
    intensity: ArrayLike,
    i0: ArrayLike = 1.0,
    *,
    pre_edge: tuple[float, float],
    post_edge: tuple[float, float],
) -> xr.Dataset:
    """Absorption on the scale of its edge: zero before the edge, one after it.

    ``intensity / i0``, less a straight line through the pre-edge, divided by its mean over the
    post-edge.  Several spectra share the slope of that line, relative to their steps.

    Parameters
    ----------
    energy : (n,) array [eV], increasing
    intensity : (n,) or (m, n) array, drain current or fluorescence [A]
    i0 : same shape or a number, flux monitor [A]
    pre_edge, post_edge
        First and last energy [eV] of the two windows.

    Returns
    -------
    xarray.Dataset
        ``mu`` and ``mu_error`` [1] along ``energy`` [eV] (after ``spectrum`` if there were
        several), and ``step``, the signal that is one.  ``mu_error`` is the counting noise of each
        point alone (see `counting_error`); the common uncertainty of line and step is not in it.
        The attribute ``background_slope`` is that of the line taken away, in steps [1/eV].

    Raises
    ------
    ValueError
        If a window holds too few points, if shapes differ, or if there is no step.

    Examples
    --------
    >>> energy = np.arange(700.0, 710.0)
    >>> tey = np.where(energy < 705, 2.0, 5.0)
    >>> normalise(energy, tey, pre_edge=(700, 704), post_edge=(705, 709)).mu.values
    array([0., 0., 0., 0., 0., 1., 1., 1., 1., 1.])
    """
    x, y = np.asarray(energy, float), np.asarray(intensity, float) / np.asarray(i0, float)
    if x.ndim != 1 or y.shape[-1:] != x.shape or y.ndim > 2:
        raise ValueError(
            f"intensity {y.shape} does not lie along energy {x.shape}: give energy as (n,) and "
            "intensity as (n,) or (m, n)."
        )
    before, after = window(x, pre_edge, "pre-edge"), window(x, post_edge, "post-edge")
    mu, step = edge_scale(x, np.atleast_2d(y), before, after)
    removed = np.atleast_2d(y)[0] / step[0] - mu[0]
    slope = float((removed[-1] - removed[0]) / (x[-1] - x[0]))
    mu, step = mu.reshape(y.shape), step.reshape(*y.shape[:-1], 1)
    if not np.all(step > 1e-6 * np.abs(y).mean()):
        raise ValueError(
            f"the signal does not rise from the pre-edge {pre_edge} to the post-edge {post_edge} "
            "eV: check that the windows stand on either side of the edge, and the sign of the "
            "signal and of i0."
        )
    error = np.apply_along_axis(lambda row: counting_error(x, row), -1, y)
    dims = ("energy",) if y.ndim == 1 else ("spectrum", "energy")
    return xr.Dataset(
        {
            "mu": (dims, mu, {"units": "1", "long_name": "normalised absorption"}),
            "mu_error": (dims, error / step, {"units": "1", "long_name": "counting noise"}),
            "step": (dims[:-1], step[..., 0], {"units": "1", "long_name": "signal of the step"}),
        },
        coords={"energy": ("energy", x, {"units": "eV", "long_name": "photon energy"})},
        attrs={
            "pre_edge": tuple(pre_edge),
            "post_edge": tuple(post_edge),
            "background_slope": slope,
        },
    )


def two_step(
    energy: ArrayLike,
    *,
    l3: float,
    l2: float,
    width: float,
    ratio: float = 2.0,
    shape: Literal["arctan", "erf"] = "arctan",
) -> NDArray[np.float64]:
    """Step function under the L3 and L2 white lines, from 0 to 1.

    Transitions into unoccupied states other than d make two steps, whose heights are as the
    number of core electrons, 4 : 2 (Chen et al., Phys. Rev. Lett. 75, 152 (1995)).

    Parameters
    ----------
    energy : (n,) array [eV]
    l3, l2
        Middle of the two steps [eV], usually the maxima of the white lines.
    width
        Half width [eV] of the steps: of the Lorentzian whose integral is the arctan, or standard
        deviation of the Gaussian whose integral is the erf.
    ratio
        Height of the L3 step over that of the L2 step [1].
    shape
        ``"arctan"`` for life-time broadening, ``"erf"`` for instrumental broadening.

    Returns
    -------
    (n,) array [1]

    Raises
    ------
    ValueError
        If ``width`` or ``ratio`` is not positive, or the edges are in the wrong order.

    Examples
    --------
    >>> two_step([600.0, 713.0, 900.0], l3=707.0, l2=720.0, width=0.1, shape="erf").round(3)
    array([0.   , 0.667, 1.   ])
    """
    if not (width > 0 and ratio > 0 and l3 < l2):
        raise ValueError(
            f"no step function with width {width} eV, ratio {ratio}, L3 at {l3} eV and L2 at "
            f"{l2} eV: width and ratio must be positive and L3 below L2."
        )
    x = np.asarray(energy, float)

    def step(edge: float) -> NDArray[np.float64]:
        if shape == "arctan":
            return 0.5 + np.arctan((x - edge) / width) / np.pi
        from scipy.special import erf

        return 0.5 * (1 + erf((x - edge) / (np.sqrt(2) * width)))

    return (ratio * step(l3) + step(l2)) / (ratio + 1)
