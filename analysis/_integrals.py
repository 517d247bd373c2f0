"""The integrals p, q, r of the sum rules, and the choices they hang on."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ._scale import edge_scale, straight_line, window
from .xas import two_step

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a person chooses in a sum-rule analysis, and could have chosen otherwise.

    Attributes
    ----------
    cut
        Energy between L3 and L2 where ``p`` ends [eV].
    end
        Energy where ``q`` and ``r`` end [eV].
    step_l3, step_l2
        Middle of the two steps [eV].
    step_width
        Half width of the arctan steps [eV].
    step_ratio
        Height of the L3 step over that of the L2 step [1].
    pre_edge, post_edge
        Windows [eV] of background and step height.
    """

    cut: float
    end: float
    step_l3: float
    step_l2: float
    step_width: float
    step_ratio: float
    pre_edge: tuple[float, float]
    post_edge: tuple[float, float]


def reduced(energy: Array, sides: Array, c: Choices, tails: Array) -> tuple[Array, Array, Array]:
    """Difference, sum, and the stepped background of the sum.

    Both spectra are brought to zero before and to one after the edge.  The background is
    the step function times the straight line through the post-edge of the sum, since
    a continuum falls with energy.

    Parameters
    ----------
    energy : (n,) array [eV]
    sides : (..., 2, n) array [1]
        ``mu_plus`` and ``mu_minus``, with the slope of their background.
    c : Choices
    tails : (2, n) array, in the unit of ``sides``
        White lines of both, which are not to be taken for background.

    Returns
    -------
    difference, total, background : three (..., n) arrays [1]
    """
    before = window(energy, c.pre_edge, "pre-edge")
    after = window(energy, c.post_edge, "post-edge")
    mu, scale = edge_scale(energy, sides, before, after, tails)
    total = mu.sum(axis=-2)
    step = two_step(energy, l3=c.step_l3, l2=c.step_l2, width=c.step_width, ratio=c.step_ratio)
    level = straight_line(energy, (total - (tails / scale).sum(axis=-2)) / step, after)
    return mu[..., 0, :] - mu[..., 1, :], total, step * level


def with_background(xmcd: xr.Dataset) -> tuple[Array, Array]:
    """Energy (n,) [eV] and both spectra (2, n) [1] with the slope that was taken from them.

    Their slopes are equal, relative to their steps, only before anything was taken away.
    """
    energy = np.asarray(xmcd["energy"].values, float)
    sides = np.stack([np.asarray(xmcd[n].values, float) for n in ("mu_plus", "mu_minus")])
    return energy, sides + xmcd.attrs.get("background_slope", 0.0) * (energy - energy[0])


def running(energy: Array, values: Array) -> Array:
    """Integral of ``values`` (..., n) from the first energy to each, by trapezia [eV].

    Examples
    --------
    >>> running(np.array([0.0, 1.0, 3.0]), np.ones(3))
    array([0., 1., 3.])
    """
    area = 0.5 * (values[..., 1:] + values[..., :-1]) * np.diff(energy)
    start = np.zeros((*values.shape[:-1], 1))
    return np.concatenate([start, np.cumsum(area, axis=-1)], axis=-1)


def integrals(energy: Array, sides: Array, c: Choices, tails: Array) -> Array:
    """The integrals p, q and r of Chen et al. as (..., 3) [eV].

    ``p`` is that of the difference over L3 (up to ``c.cut``), ``q`` that over L3 and L2 (up to
    ``c.end``), ``r`` that of the sum less its background, up to ``c.end``; arguments as those
    of `reduced`.
    """
    difference, total, background = reduced(energy, sides, c, tails)
    grown, white = running(energy, difference), running(energy, total - background)
    return np.stack(
        [at(energy, grown, c.cut), at(energy, grown, c.end), at(energy, white, c.end)], axis=-1
    )


def at(energy: Array, values: Array, where: float) -> Array:
    """Value of (..., n) ``values`` at one energy, by linear interpolation."""
    right = int(np.clip(np.searchsorted(energy, where), 1, energy.size - 1))
    part = np.clip((where - energy[right - 1]) / (energy[right] - energy[right - 1]), 0.0, 1.0)
    return (1 - part) * values[..., right - 1] + part * values[..., right]


def alternatives(c: Choices, element: str) -> dict[str, list[Choices]]:
    """Choices that another careful person could have made, one kind at a time."""
    before, after = c.pre_edge, c.post_edge
    moved = [replace(c, step_l3=c.step_l3 + s, step_l2=c.step_l2 + s) for s in (-0.3, 0.3)]
    return {
        "cut": [replace(c, cut=c.cut - 1.0), replace(c, cut=c.cut + 1.0)],
        "range end": [replace(c, end=c.end - (c.end - after[0]) / 3)],
        "step position": moved,
        "step width": [replace(c, step_width=c.step_width * f) for f in (0.5, 2.0)],
        "step ratio": [replace(c, step_ratio=_tabulated_ratio(element))],
        "step height": [replace(c, post_edge=(after[0] + (after[1] - after[0]) / 4, after[1]))],
        "background": [replace(c, pre_edge=(before[0], before[1] - (before[1] - before[0]) / 4))],
    }


def _tabulated_ratio(element: str) -> float:
    """Height of the L3 over the L2 step from the tabulated jump ratios [1]."""
    import xraydb

    edges = xraydb.xray_edges(element)
    l3, l2 = edges["L3"].jump_ratio, edges["L2"].jump_ratio
    return (l3 - 1) / (l3 * (l2 - 1))
