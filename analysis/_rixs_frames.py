"""Frames of a photon counter: cosmic hits, the bow of a line of one energy, and spectra."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._rixs_shifts import shifts

_BLOCKS = 32  # of rows, whose lines are compared


@dataclass(frozen=True, slots=True)
class Curvature:
    """Columns by which a line of one energy is displaced over the rows.

    Attributes
    ----------
    coefficients, errors : (degree,) arrays [column]
        Of the powers 1, 2, … of the row, counted from the middle in units of half the rows.
    """

    coefficients: NDArray[np.float64]
    errors: NDArray[np.float64]

    def at(self, rows: int) -> NDArray[np.float64]:
        """Displacement [column], shape (rows,), with the middle at zero.

        >>> Curvature(np.array([0.0, 4.0]), np.zeros(2)).at(4).tolist()
        [2.25, 0.25, 0.25, 2.25]
        """
        across = _across(np.arange(rows), rows)
        return across[:, None] ** np.arange(1, len(self.coefficients) + 1) @ self.coefficients


def _across(row: ArrayLike, rows: int) -> NDArray[np.float64]:
    return (np.asarray(row, dtype=float) - (rows - 1) / 2) / (rows / 2)


def without_cosmics(frames: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Frames without what is no light.

    A pixel with far more counts than those around it, along the line, was hit by a particle: more
    than twice the mean of its surroundings, with six standard deviations and five counts to spare.
    Twice, because a bent line is sharper than the mean of its surroundings.

    Parameters
    ----------
    frames : (n, rows, columns) array [counts]

    Returns
    -------
    frames : (n, rows, columns) array [counts]
        With the mean of the surroundings where there was a hit.
    hits : (n, rows, columns) array of bool

    >>> frame = np.zeros((1, 64, 64))
    >>> frame[0, 5, 7] = 900
    >>> clean, hits = without_cosmics(frame)
    >>> int(hits.sum()), float(clean.max())
    (1, 0.0)
    """
    from scipy.ndimage import uniform_filter

    counts = np.asarray(frames, dtype=np.float32)
    hits = np.zeros(counts.shape, dtype=bool)
    size: Any = (1, max(3, min(33, counts.shape[1] // 4)), 3)
    mean = counts
    found = -1
    while found < (found := int(hits.sum())):  # a strong hit hides weak ones beside it
        lit = uniform_filter(np.where(hits, 0.0, counts), size=size, mode="nearest")
        mean = np.maximum(lit, 0.0)
        if found:
            share = uniform_filter((~hits).astype(np.float32), size=size, mode="nearest")
            mean /= np.maximum(share, 1e-3)
        hits |= counts > 2.0 * mean + 6.0 * np.sqrt(mean) + 5.0
    return np.where(hits, np.rint(mean), counts).astype(float), hits


def straightened(
    frame: ArrayLike, displacement: ArrayLike, shift: float = 0.0
) -> NDArray[np.float64]:
    """Spectrum of a frame: each row moved back by its displacement, then added up.

    Rows move by whole columns, so that counts stay counts, each with its own noise.  It widens a
    line by the rounding: a box of one column (see `unrounded`).

    Parameters
    ----------
    frame : (rows, columns) array [counts]
    displacement : (rows,) array [column]
        As of `Curvature.at`.
    shift : float [column]
        By which the frame is displaced as a whole.

    Returns
    -------
    (columns,) array [counts]
        What would be moved beyond the edges is left out.

    >>> straightened([[0, 5, 0], [0, 0, 5]], [0.0, 1.0]).tolist()
    [0.0, 10.0, 0.0]
    """
    counts = np.asarray(frame, dtype=float)
    rows, columns = np.nonzero(counts)
    moves = np.rint(np.asarray(displacement, dtype=float) + shift).astype(int)
    to = columns - moves[rows]
    inside = (to >= 0) & (to < counts.shape[1])
    spectrum = np.bincount(to[inside], counts[rows, columns][inside], minlength=counts.shape[1])
    return spectrum.astype(float)


def unrounded(width: float, drifted: float = 0.0) -> float:
    """Full width [column] of a Gaussian line, without the boxes that it was folded with.

    Parameters
    ----------
    width : float [column]
        As fitted to a spectrum whose rows were moved by whole columns.
    drifted : float [column]
        By which the line moved within an exposure.

    >>> round(unrounded(2.0), 3)
    1.881
    """
    boxes = 8.0 * np.log(2.0) / 12.0 * (1.0 + drifted**2)  # a box's variance is its square / 12
    return float(np.sqrt(max(width**2 - boxes, 0.0)))


def curvature(frame: ArrayLike, degree: int = 2) -> Curvature:
    """Bow and tilt of a line of one energy, over the rows of a frame.

    Parameters
    ----------
    frame : (rows, columns) array [counts]
        With an elastic line; several frames at one energy may be added up.
    degree
        Of the polynomial.

    Raises
    ------
    ValueError
        If too few rows hold light.
    """
    counts = np.asarray(frame, dtype=float)
    rows = counts.shape[0]
    found = Curvature(np.zeros(degree), np.zeros(degree))
    # Twice: within a block of rows, a line that is not yet straight is smeared.
    for _ in range(2):
        found = _bow(counts, np.rint(found.at(rows)).astype(int), degree)
    return found


def _bow(counts: np.ndarray, moves: np.ndarray, degree: int) -> Curvature:
    """Curvature of counts whose rows are moved back by whole columns first."""
    rows, columns = np.nonzero(counts)
    weight, to = counts[rows, columns], columns - moves[rows]
    inside = (to >= 0) & (to < counts.shape[1])
    rows, weight, to = rows[inside], weight[inside], to[inside]
    block = rows * _BLOCKS // counts.shape[0]
    profiles = np.bincount(
        block * counts.shape[1] + to, weight, minlength=_BLOCKS * counts.shape[1]
    ).reshape(_BLOCKS, -1)
    total = profiles.sum(axis=1)
    lit = total > 20
    if lit.sum() < degree + 2:
        raise ValueError(
            f"only {int(lit.sum())} of {_BLOCKS} blocks of rows hold more than 20 counts: "
            "expose the elastic line longer, or on a stronger scatterer."
        )

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(block, weight * values[rows], minlength=_BLOCKS)[lit] / total[lit]

    across = _across(np.arange(counts.shape[0]), counts.shape[0])
    moved, error = shifts(profiles[lit])
    powers = np.array([mean(across**power) for power in range(degree + 1)]).T
    weighted = powers / error[:, None]
    covariance = np.linalg.inv(weighted.T @ weighted)
    found = covariance @ (weighted.T @ ((moved + mean(moves.astype(float))) / error))
    return Curvature(found[1:], np.sqrt(np.diag(covariance))[1:])
