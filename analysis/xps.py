"""Photoelectron spectra: binding energies, backgrounds, and the shares of chemical states."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import curve_fit

from ._components import component_fractions
from ._photolines import Component, line

__all__ = [
    "Component",
    "Peak",
    "binding_energy",
    "component_fractions",
    "peak_position",
    "shirley",
]


def binding_energy(kinetic: ArrayLike, photon_energy: float, work_function: float) -> NDArray:
    """Binding energies from the Fermi level [eV], in the shape of ``kinetic`` [eV].

    Parameters
    ----------
    kinetic : (n,) array [eV]
    photon_energy, work_function : float [eV]
        Of the light; of the analyser.

    >>> binding_energy([288.8, 711.0], 1000.0, 4.4)
    array([706.8, 284.6])
    """
    return photon_energy - work_function - np.asarray(kinetic, dtype=float)


@dataclass(frozen=True, slots=True)
class Peak:
    """A line on its background.

    Attributes
    ----------
    position, uncertainty : float [eV]
        One standard deviation, by counting statistics.
    """

    position: float
    uncertainty: float

    def correction(self, expected: float) -> float:
        """What is added to all binding energies so that the line stands at ``expected`` [eV].

        >>> round(Peak(285.1, 0.01).correction(284.8), 3)
        -0.3
        """
        return expected - self.position


def peak_position(binding: ArrayLike, counts: ArrayLike) -> Peak:
    """Find the one symmetric line of a region, to calibrate the energies with it.

    A Voigt profile of 0.1 eV Lorentzian width is fitted, with the step that it leaves behind it.

    Parameters
    ----------
    binding : (n,) array [eV]
    counts : (n,) array

    Raises
    ------
    ValueError
        If no line stands out.
    """
    x, y = _spectrum(binding, counts)
    base = float(np.median(np.r_[y[:5], y[-5:]]))
    top = int(np.argmax(np.convolve(y, np.ones(3) / 3, "same")[1:-1])) + 1
    if y[top] - base < 5.0 * np.sqrt(max(base, 1.0)):
        raise ValueError(
            f"no line stands out between {x[0]:.1f} and {x[-1]:.1f} eV: the highest of {y[top]:.0f}"
            f" counts is within five standard deviations of the {base:.0f} around it. Count longer."
        )

    def model(e: NDArray, at: float, area: float, gaussian: float, a: float, k: float) -> NDArray:
        profile, step = line(e, Component("", at, 0.1, gaussian))
        return area * (profile + k * step) + a

    first = (x[top], (y[top] - base) * 1.2, 1.0, base, 0.02)
    errors = np.sqrt(np.maximum(y, 1.0))
    found, covariance = curve_fit(model, x, y, first, errors, absolute_sigma=True, maxfev=5000)
    return Peak(float(found[0]), float(np.sqrt(covariance[0, 0])))


def shirley(
    binding: ArrayLike, counts: ArrayLike, *, ends: int = 5, tolerance: float = 1e-5
) -> NDArray[np.float64]:
    """Background (n,) that rises with the area of what stands on it at lower binding energy.

    D. A. Shirley, Phys. Rev. B 5, 4709 (1972), iterated as by Proctor and Sherwood, Anal. Chem.
    54, 13 (1982).

    Parameters
    ----------
    binding : (n,) array [eV], in any order
    counts : (n,) array
    ends
        Points at either end whose mean the background takes.
    tolerance
        Of the change of the area that ends the iteration [1].

    Raises
    ------
    ValueError
        If there are too few points.

    >>> energy = np.linspace(700.0, 720.0, 201)
    >>> background = shirley(energy, 100.0 + 50.0 * (energy > 710.0))
    >>> background[0].round(1), background[-1].round(1)
    (np.float64(100.0), np.float64(150.0))
    """
    x, y = _spectrum(binding, counts, at_least=2 * ends + 1)
    low, high = float(y[:ends].mean()), float(y[-ends:].mean())
    background = np.linspace(low, high, len(x))
    area = 0.0
    for _ in range(100):
        above = y - background
        grown = np.r_[0.0, np.cumsum(0.5 * (above[1:] + above[:-1]) * np.diff(x))]
        if grown[-1] == 0.0 or abs(grown[-1] - area) <= tolerance * abs(grown[-1]):
            break
        area = grown[-1]
        background = low + (high - low) * grown / area
    order = np.argsort(np.asarray(binding, dtype=float), kind="stable")
    given = np.empty_like(background)
    given[order] = background
    return given


def _spectrum(
    binding: ArrayLike, counts: ArrayLike, at_least: int = 11
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return both in order of binding energy."""
    x, y = np.asarray(binding, dtype=float), np.asarray(counts, dtype=float)
    if x.shape != y.shape or x.ndim != 1 or len(x) < at_least:
        raise ValueError(
            f"a spectrum has as many counts as energies, at least {at_least}; these have the "
            f"shapes {y.shape} and {x.shape}. Give one region."
        )
    order = np.argsort(x, kind="stable")
    return x[order], y[order]
