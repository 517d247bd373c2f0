"""Shares of the chemical states in a series of photoelectron spectra."""

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import least_squares

from ._photolines import Component, line


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
        first = least_squares(self._residuals, first, x_scale=scale).x
        # Once more, with the weights of the first fit's model.
        self.variance = np.maximum(self._model(first), 1.0)
        found = least_squares(self._residuals, first, x_scale=scale)
        self.common = np.asarray(found.x)
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
