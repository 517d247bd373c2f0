"""Angle-resolved photoemission: Fermi level, momenta, bands, focus and domains."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._cuts import MOMENTUM, Crossing, crossing, parallel_momentum
from ._fermi_edge import FermiEdge, edge_shape, fermi_edge
from ._places import Boundary, Focus, boundary, focus

__all__ = [
    "MOMENTUM",
    "Boundary",
    "Crossing",
    "FermiEdge",
    "Focus",
    "boundary",
    "contrast",
    "crossing",
    "edge_shape",
    "fermi_edge",
    "focus",
    "parallel_momentum",
]


def contrast(
    counts: ArrayLike,
    angles: ArrayLike,
    kinetic: ArrayLike,
    *,
    fermi_level: float,
    momenta: tuple[float, float],
    half_width: float = 0.03,
    depth: float = 0.05,
) -> NDArray[np.float64]:
    """Contrast [1] of each frame between two wave vectors at the Fermi level, (b - a) / (b + a).

    Parameters
    ----------
    counts : (..., m, n) array [counts]
        Frames of angles by energies.
    angles : (m,) array [deg]
    kinetic : (n,) array [eV]
    fermi_level : float [eV]
        Kinetic.
    momenta : (2,) tuple [1/Angstrom]
        a and b, looked at on both sides of normal emission.
    half_width : float [1/Angstrom]
    depth : float [eV]
        Below the Fermi level, from where counts are summed.

    Returns
    -------
    (...,) array
        1 where only the second is seen, -1 where only the first is.
    """
    frames, at = np.asarray(counts, dtype=float), np.asarray(kinetic, dtype=float)
    columns = (at > fermi_level - depth) & (at < fermi_level)
    k = np.abs(parallel_momentum(fermi_level, angles))
    sums = [
        frames[..., np.abs(k - momentum) < half_width, :][..., columns].sum(axis=(-2, -1))
        for momentum in momenta
    ]
    return (sums[1] - sums[0]) / np.maximum(sums[0] + sums[1], 1.0)
