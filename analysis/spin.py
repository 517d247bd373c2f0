"""Spin polarisation from spectra with a detector's target magnetised both ways."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Line", "SpinResolved", "line", "spin_resolved"]


@dataclass(frozen=True, slots=True)
class SpinResolved:
    """Spectra of both spins, with one standard deviation of counting.

    Attributes
    ----------
    polarisation, polarisation_sigma : (n,) arrays [1]
        NaN where nothing was counted.
    up, up_sigma, down, down_sigma : (n,) arrays [counts]
        Electrons with their spin along the axis, and against it.
    """

    polarisation: NDArray[np.float64]
    polarisation_sigma: NDArray[np.float64]
    up: NDArray[np.float64]
    up_sigma: NDArray[np.float64]
    down: NDArray[np.float64]
    down_sigma: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Line:
    """Middle [eV] of a line, and one standard deviation of it."""

    middle: float
    uncertainty: float


def spin_resolved(plus: ArrayLike, minus: ArrayLike, *, sherman: float) -> SpinResolved:
    """Polarisation along an axis, and the spectra of both spins.

    P = (1/S) (N+ - N-) / (N+ + N-), and N (1 ± P) / 2 of the sum N of both (J. Kessler, Polarized
    Electrons, 1985); the standard deviations follow from those of counting.

    Parameters
    ----------
    plus, minus : (n,) arrays [counts]
        With the target magnetised along the axis, and against it, for equal times.
    sherman : float [1]
        Sherman function S of the target.

    >>> float(spin_resolved([130.0], [70.0], sherman=0.3).polarisation[0])
    1.0
    """
    if not 0.0 < sherman <= 1.0:
        raise ValueError(f"sherman={sherman:g}: the Sherman function is above 0 and up to 1.")
    along, against = np.asarray(plus, dtype=float), np.asarray(minus, dtype=float)
    both = along + against
    with np.errstate(divide="ignore", invalid="ignore"):
        polarisation = (along - against) / both / sherman
        sigma = 2.0 * np.sqrt(along * against / both**3) / sherman
    near, far = (1.0 + 1.0 / sherman) / 2, (1.0 - 1.0 / sherman) / 2
    return SpinResolved(
        polarisation=polarisation,
        polarisation_sigma=sigma,
        up=near * along + far * against,
        up_sigma=np.sqrt(near**2 * along + far**2 * against),
        down=far * along + near * against,
        down_sigma=np.sqrt(far**2 * along + near**2 * against),
    )


def line(energy: ArrayLike, counts: ArrayLike, sigma: ArrayLike, *, reach: float = 0.2) -> Line:
    """Middle of the strongest line of a spectrum, by a Lorentzian on a constant.

    Parameters
    ----------
    energy : (n,) array [eV], increasing
    counts, sigma : (n,) arrays [counts]
    reach : float [eV]
        To either side of the highest value, of what is fitted.

    Raises
    ------
    ValueError
        If fewer than five energies are within ``reach``.
    """
    from scipy.optimize import curve_fit

    at, seen, error = (np.asarray(each, dtype=float) for each in (energy, counts, sigma))
    top = float(at[np.argmax(seen)])
    near = np.abs(at - top) <= reach
    if near.sum() < 5:
        raise ValueError(
            f"{near.sum()} energies within {reach:g} eV of the line at {top:g} eV: take a smaller "
            "step or a larger reach."
        )

    def shape(x: NDArray[np.float64], height: float, middle: float, half: float, ground: float):
        return height / (1.0 + ((x - middle) / half) ** 2) + ground

    first = (np.ptp(seen[near]), top, reach / 3, float(seen[near].min()))
    errors = np.maximum(error[near], 1.0)
    best, covariance = curve_fit(shape, at[near], seen[near], first, errors, absolute_sigma=True)
    return Line(float(best[1]), float(np.sqrt(covariance[1, 1])))
