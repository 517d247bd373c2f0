"""Photoelectron spectra: binding energies, backgrounds, and the shares of chemical states."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import curve_fit, least_squares

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


def component_fractions(
    binding: ArrayLike, counts: ArrayLike, components: Sequence[Component]
) -> xr.Dataset:
    """Shares of the chemical states in a series of spectra of one region.

    Positions, Gaussian widths and tails are common to the series, areas and a straight line are
    each spectrum's own.  Each line leaves a step behind it, of a height common to the series: a
    Shirley background that is fitted with the lines (Herrera-Gomez et al., Surf. Interface Anal.
    46, 897 (2014)).  Weights are those of counting; the areas, which enter linearly, are
    eliminated (Golub and Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)).

    Parameters
    ----------
    binding : (n,) array [eV]
    counts : (m, n) array
        One spectrum a row.
    components
        At least one.

    Returns
    -------
    xarray.Dataset
        ``area`` [counts eV], ``fraction`` [1] and their ``_error`` (one standard deviation, that
        of the common parameters included), each (spectrum, component); ``model`` and
        ``background`` [counts] (spectrum, binding); ``reduced_chi_square`` (spectrum); ``position``
        and ``gaussian`` [eV] (component).

    Raises
    ------
    ValueError
        If there are no components, or fewer points than they need.
    """
    if len(components) == 0:
        raise ValueError("components is empty: give at least one chemical state to look for.")
    order = np.argsort(np.asarray(binding, dtype=float))
    x = np.asarray(binding, dtype=float)[order]
    y = np.atleast_2d(np.asarray(counts, dtype=float))[:, order]
    if len(x) < 3 * len(components) + 5:
        raise ValueError(
            f"{len(x)} points are too few for {len(components)} components; measure a finer or a "
            "wider region."
        )
    return _Fit(x, y, list(components)).result()


class _Fit:
    """A series, and what is common to its spectra."""

    def __init__(
        self, x: NDArray[np.float64], y: NDArray[np.float64], components: list[Component]
    ) -> None:
        self.x, self.y, self.components = x, y, components
        self.variance = np.maximum(y.mean(axis=0) * (y.sum(axis=1) / y.sum())[:, None] * len(y), 1)
        first = [value for each in components for value in each.parameters()] + [0.02]
        scale = np.maximum(np.abs(first), 0.1)
        scale[self._places()] = 1.0
        for _ in range(2):  # the second time with the weights of the first one's model
            found = least_squares(self._residuals, first, x_scale=scale)
            first = found.x
            self.variance = np.maximum(self._model(first), 1.0)
        self.common = np.asarray(first)
        self.covariance = np.linalg.pinv(found.jac.T @ found.jac)

    def _places(self) -> list[int]:
        sizes = np.cumsum([0] + [len(each.parameters()) for each in self.components])
        return [int(size) for size in sizes[:-1]]

    def refined(self, common: ArrayLike) -> list[Component]:
        """Components with the parameters ``common``."""
        values = np.asarray(common, dtype=float)
        return [
            each.refined(values[place : place + len(each.parameters())])
            for place, each in zip(self._places(), self.components, strict=True)
        ]

    def _basis(self, common: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Lines with their steps and the straight line (k, n); of these the background alone."""
        height = float(np.asarray(common)[-1])
        lines = [line(self.x, each) for each in self.refined(common)]
        middle = (self.x - self.x.mean()) / np.ptp(self.x)
        straight = [np.ones_like(self.x), middle]
        whole = [profile + height * step for profile, step in lines] + straight
        behind = [height * step for _, step in lines] + straight
        return np.array(whole), np.array(behind)

    def _linear(self, common: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Areas and straight lines (m, k), and their covariance (m, k, k)."""
        basis, _ = self._basis(common)
        normal = np.einsum("kn,mn,ln->mkl", basis, 1.0 / self.variance, basis)
        covariance = np.linalg.pinv(normal, hermitian=True)
        right = np.einsum("kn,mn->mk", basis, self.y / self.variance)
        return np.einsum("mkl,ml->mk", covariance, right), covariance

    def _model(self, common: ArrayLike) -> NDArray[np.float64]:
        return self._linear(common)[0] @ self._basis(common)[0]

    def _residuals(self, common: NDArray[np.float64]) -> NDArray[np.float64]:
        return ((self.y - self._model(common)) / np.sqrt(self.variance)).ravel()

    def _shares(self, common: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        areas = self._linear(common)[0][:, : len(self.components)]
        return areas, areas / areas.sum(axis=1, keepdims=True)

    def result(self) -> xr.Dataset:
        """What was found."""
        number = len(self.components)
        linear, covariance = self._linear(self.common)
        areas, shares = self._shares(self.common)
        total = areas.sum(axis=1)
        # d(share i)/d(area j) = (1(i = j) - share i) / total
        slope = (np.eye(number)[None] - shares[:, :, None]) / total[:, None, None]
        own = covariance[:, :number, :number]
        of_areas = np.einsum("mii->mi", own).copy()
        of_shares = np.einsum("mij,mjk,mik->mi", slope, own, slope)
        steps = 0.01 * np.maximum(np.sqrt(np.diag(self.covariance)), 1e-6)
        by_common = []
        for place, step in enumerate(steps):
            moved = self.common.copy()
            moved[place] += step
            by_common.append(
                [(a - b) / step for a, b in zip(self._shares(moved), (areas, shares), strict=True)]
            )
        for index, variance in enumerate((of_areas, of_shares)):
            gradient = np.array([pair[index] for pair in by_common])
            variance += np.einsum("pmi,pq,qmi->mi", gradient, self.covariance, gradient)
        whole, behind = self._basis(self.common)
        model = linear @ whole
        free = len(self.x) - linear.shape[1]
        misfit = ((self.y - model) ** 2 / self.variance).sum(axis=1) / free
        # What the model leaves over widens the errors (Birge, Phys. Rev. 40, 207 (1932)).
        widened = np.sqrt(np.maximum(misfit, 1.0))[:, None]
        refined = self.refined(self.common)
        both, spectrum = ("spectrum", "component"), ("spectrum", "binding")
        return xr.Dataset(
            {
                "area": (both, areas, {"units": "counts eV"}),
                "area_error": (both, widened * np.sqrt(of_areas), {"units": "counts eV"}),
                "fraction": (both, shares),
                "fraction_error": (both, widened * np.sqrt(of_shares)),
                "model": (spectrum, model, {"units": "counts"}),
                "background": (spectrum, linear @ behind, {"units": "counts"}),
                "reduced_chi_square": ("spectrum", misfit),
                "position": ("component", [each.binding for each in refined], {"units": "eV"}),
                "gaussian": ("component", [abs(each.gaussian) for each in refined]),
            },
            coords={
                "component": [each.name for each in self.components],
                "binding": ("binding", self.x, {"units": "eV"}),
            },
        )


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
