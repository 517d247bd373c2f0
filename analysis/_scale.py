"""From a signal to the scale of its edge step, and the noise of its points."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

FEWEST_POINTS = 4
"""A straight line and its scatter need at least this many points in a window."""


def window(
    energy: NDArray[np.float64], bounds: tuple[float, float], name: str
) -> NDArray[np.bool_]:
    """Points of ``energy`` (n,) [eV] within ``bounds`` [eV]; ``name`` is for the error.

    Raises
    ------
    ValueError
        If fewer than four points lie within: there is nothing to fit a line to.

    Examples
    --------
    >>> window(np.arange(700.0, 710.0), (702.0, 705.0), "pre-edge").sum()
    np.int64(4)
    """
    low, high = bounds
    inside = (energy >= low) & (energy <= high)
    if inside.sum() < FEWEST_POINTS:
        raise ValueError(
            f"the {name} from {low:.1f} to {high:.1f} eV holds {inside.sum()} points of spectra "
            f"that span {energy.min():.1f} to {energy.max():.1f} eV, and at least {FEWEST_POINTS} "
            f"are needed: measure a wider range, or name a {name} that lies within it."
        )
    return inside


def straight_line(
    energy: NDArray[np.float64], values: NDArray[np.float64], inside: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Least-squares line through the points ``inside``, drawn over all of ``energy``.

    Parameters
    ----------
    energy : (n,) array [eV]
    values : (..., n) array
    inside : (n,) array of bool

    Returns
    -------
    (..., n) array, in the unit of ``values``

    Examples
    --------
    >>> x = np.arange(4.0)
    >>> straight_line(x, np.array([1.0, 2.0, 3.0, 99.0]), x < 2.5)
    array([1., 2., 3., 4.])
    """
    centre = energy[inside].mean()
    x = energy - centre
    level = values[..., inside].mean(axis=-1, keepdims=True)
    slope = (values[..., inside] @ x[inside]) / (x[inside] @ x[inside])
    return level + slope[..., np.newaxis] * x


def edge_scale(
    energy: NDArray[np.float64],
    values: NDArray[np.float64],
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    tails: NDArray[np.float64] | None = None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Spectra of one sample brought to zero before the edge and one after it.

    Gain and offset are each spectrum's own; the slope of the pre-edge line, relative to the step,
    is that of their mean.  Its error, which grows with the distance from the pre-edge, is
    thus common to all and absent from their differences.

    Parameters
    ----------
    energy : (n,) array [eV]
    values : (..., m, n) array
        ``m`` spectra that share a background.
    before, after : (n,) arrays of bool
        Points of pre-edge and post-edge.
    tails : (m, n) array, in the unit of ``values``, optional
        White lines whose tails in the windows are not to be taken for background.

    Returns
    -------
    mu : (..., m, n) array [1]
    step : (..., m, 1) array, in the unit of ``values``

    Examples
    --------
    >>> x = np.arange(6.0)
    >>> y = 10.0 + 2.0 * x + np.array([0.0, 0.0, 0.0, 4.0, 4.0, 4.0])
    >>> mu, step = edge_scale(x, np.stack([y, 3 * y]), x < 2.5, x > 2.5)
    >>> mu[1].round(9), step[:, 0].round(9)
    (array([0., 0., 0., 1., 1., 1.]), array([ 4., 12.]))
    """
    bare = values if tails is None else values - tails
    low = bare[..., before].mean(axis=-1, keepdims=True)
    rise = bare[..., after].mean(axis=-1, keepdims=True) - low
    shared = ((bare - low) / rise).mean(axis=-2, keepdims=True)
    line = straight_line(energy, shared, before)
    left = 1 - line[..., after].mean(axis=-1, keepdims=True)
    return ((values - low) / rise - line) / left, rise * left


def counting_error(energy: ArrayLike, intensity: ArrayLike) -> NDArray[np.float64]:
    """Standard deviation of each point of one spectrum, estimated from the spectrum itself.

    Each point is compared with the straight line through its two neighbours.  The scatter is taken
    to grow like that of counts, as the square root of the intensity, and its one scale is
    the median over the spectrum, which the few points on a curved peak do not move.

    Parameters
    ----------
    energy : (n,) array [eV], increasing
    intensity : (n,) array, positive, any unit

    Returns
    -------
    (n,) array, in the unit of ``intensity``

    Examples
    --------
    >>> counts = np.random.default_rng(1).poisson(10_000, 2000)
    >>> float(np.round(counting_error(np.arange(2000.0), counts).mean(), -1))
    100.0
    """
    x, y = np.asarray(energy, float), np.asarray(intensity, float)
    if x.size < FEWEST_POINTS:
        raise ValueError(
            f"a spectrum of {x.size} points has no scatter to estimate noise from: measure at "
            f"least {FEWEST_POINTS} points."
        )
    right = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    off_line = y[1:-1] - (1 - right) * y[:-2] - right * y[2:]
    level = np.sqrt(np.clip(y, 0, None))
    expected = level[1:-1] * np.sqrt(1 + (1 - right) ** 2 + right**2)
    lit = expected > 0
    scale = np.median(np.abs(off_line[lit]) / expected[lit]) / 0.6745 if lit.any() else 0.0
    return scale * level
