"""A metal film with a pattern of oxide on it, as lithography makes it; all assumed."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

SQUARE = 2.0  # um, side of the squares of a chequerboard
BARE, GROWN = 0.1, 0.8  # oxidised share on the two kinds of square
# um (rms); 70 nm full width, of the NanoESCA that was at SPring-8 (facts, part B; recalled).
PATTERN_SPOT = 0.030
PATTERN_SHARE = 0.1  # of the light that a zone plate brings to its focus


def pattern_oxide(x: ArrayLike, y: ArrayLike, sigma: float = PATTERN_SPOT) -> NDArray[np.float64]:
    """Oxidised share [1] of what a spot sees; the square from 0 to `SQUARE` in both is grown.

    Parameters
    ----------
    x, y : float or (n,) arrays [um]
        Middle of the spot on the film.
    sigma : float [um]
        Rms size of the spot, small against the squares.

    >>> pattern_oxide([1.0, 3.0, 3.0, 2.0], [1.0, 1.0, 3.0, 1.0]).round(3)
    array([0.8 , 0.1 , 0.8 , 0.45])
    """
    chequer = _wave(x, sigma) * _wave(y, sigma)
    return (GROWN + BARE) / 2 + (GROWN - BARE) / 2 * chequer


def _wave(along: ArrayLike, sigma: float) -> NDArray[np.float64]:
    """1 and -1 in turn, smoothed at the edges."""
    from scipy.special import erf

    at = np.asarray(along, dtype=float) / SQUARE
    nearest = np.round(at)
    rising = 1.0 - 2.0 * (nearest % 2)
    return rising * erf((at - nearest) * SQUARE / (np.sqrt(2.0) * sigma))
