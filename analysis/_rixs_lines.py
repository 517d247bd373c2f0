"""Lines in counted spectra, and the energy scale that known lines give."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))


@dataclass(frozen=True, slots=True)
class Line:
    """A Gaussian line; widths are full at half maximum.

    Attributes
    ----------
    centre, width : float [unit of the abscissa]
    area : float [counts]
    centre_error, width_error, area_error : float
        Standard deviations by the counting statistics.
    """

    centre: float
    width: float
    area: float
    centre_error: float = 0.0
    width_error: float = 0.0
    area_error: float = 0.0


def lines_at(edges: ArrayLike, lines: Sequence[Line], level: float = 0.0) -> NDArray[np.float64]:
    """Counts that ``lines`` on a level background give between ``edges``.

    Parameters
    ----------
    edges : (n + 1,) array
        Of the bins, rising.
    level : float [counts per unit of the abscissa]

    Returns
    -------
    (n,) array [counts]
    """
    from scipy.special import ndtr

    at = np.asarray(edges, dtype=float)
    model = level * np.diff(at)
    for line in lines:
        model = model + line.area * np.diff(ndtr((at - line.centre) * _FWHM / line.width))
    return model


def fit_lines(
    edges: ArrayLike, counts: ArrayLike, guesses: Sequence[Line]
) -> tuple[list[Line], float]:
    """Fit Gaussian lines on a level background to counts.

    Least squares, weighted by the noise that the model itself expects, in three rounds: weights
    from the counts would pull the lines down where there are few.

    Parameters
    ----------
    edges : (n + 1,) array
        Of the bins, rising.
    counts : (n,) array [counts]
    guesses
        Where to start; areas need no more than the right size.

    Returns
    -------
    lines : list of Line
        In the order of the guesses.
    level : float [counts per unit of the abscissa]

    >>> edges = np.linspace(-1, 1, 41)
    >>> (line,), _ = fit_lines(edges, lines_at(edges, [Line(0.1, 0.3, 1e4)]), [Line(0, 0.2, 5e3)])
    >>> round(line.centre, 3), round(line.width, 3)
    (0.1, 0.3)
    """
    from scipy.optimize import curve_fit

    at, seen = np.asarray(edges, dtype=float), np.asarray(counts, dtype=float)
    start = [value for line in guesses for value in (line.centre, line.width, line.area)]
    found = np.array([*start, max(float(np.median(seen / np.diff(at))), 0.0)])
    covariance = np.zeros((len(found), len(found)))

    def model(_: NDArray[np.float64], *values: float) -> NDArray[np.float64]:
        return lines_at(at, _lines(np.array(values)), values[-1])

    expected = np.maximum(seen, 1.0)
    for _ in range(3):
        found, covariance = curve_fit(
            model, at[:-1], seen, p0=found, sigma=np.sqrt(expected), absolute_sigma=True
        )
        expected = np.maximum(model(at, *found), 1.0)
    return _lines(found, np.sqrt(np.diag(covariance))), float(found[-1])


def _lines(values: np.ndarray, errors: np.ndarray | None = None) -> list[Line]:
    three = values[:-1].reshape(-1, 3)
    spread = np.zeros_like(three) if errors is None else errors[:-1].reshape(-1, 3)
    return [
        Line(centre, abs(width), area, *map(float, error))
        for (centre, width, area), error in zip(three.tolist(), spread, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class Scale:
    """Energy of each column: a polynomial about ``middle``.

    Attributes
    ----------
    coefficients : (degree + 1,) array
        Of the powers 0, 1, … of the column [eV per column to that power].
    covariance : (degree + 1, degree + 1) array
    middle : float [column]
    """

    coefficients: NDArray[np.float64]
    covariance: NDArray[np.float64]
    middle: float

    def energy(self, column: ArrayLike) -> NDArray[np.float64]:
        """Energy [eV] at ``column``, of any shape."""
        return self._powers(column) @ self.coefficients

    def loss(self, column: ArrayLike, elastic: float) -> NDArray[np.float64]:
        """Energy lost [eV] at ``column``, when nothing is lost at ``elastic``."""
        return self.energy(elastic) - self.energy(column)

    def loss_error(self, column: float, elastic: float) -> float:
        """Standard deviation [eV] of `loss` from the scale alone."""
        difference = self._powers(elastic) - self._powers(column)
        return float(np.sqrt(difference @ self.covariance @ difference))

    def per_column(self, column: float) -> float:
        """Dispersion [eV] of a column."""
        powers = np.arange(1, len(self.coefficients))
        at = (column - self.middle) ** (powers - 1)
        return float(np.sum(powers * at * self.coefficients[1:]))

    def _powers(self, column: ArrayLike) -> NDArray[np.float64]:
        offset = np.asarray(column, dtype=float)[..., None] - self.middle
        return offset ** np.arange(len(self.coefficients))


def calibrate(
    columns: ArrayLike,
    errors: ArrayLike,
    energies: ArrayLike,
    times: ArrayLike | None = None,
    degree: int = 2,
) -> Scale:
    """Energy scale from elastic lines at known incident energies.

    Parameters
    ----------
    columns, errors : (n,) arrays [column]
        Where the lines are, and how well that is known.
    energies : (n,) array [eV]
    times : (n,) array [s] or None
        When they were exposed: a drift that is even in time is then fitted too.  Expose upward and
        downward again, or it cannot be told from the dispersion.
    degree
        Of the polynomial.

    Raises
    ------
    ValueError
        If there are too few lines.

    >>> scale = calibrate([10, 20, 30, 40], [0.1] * 4, [850.0, 851.0, 852.0, 853.0], degree=1)
    >>> round(scale.per_column(25.0), 6)
    0.1
    """
    at, energy = np.asarray(columns, dtype=float), np.asarray(energies, dtype=float)
    middle = float(at.mean())
    design = (at - middle)[:, None] ** np.arange(degree + 1)
    if times is not None:
        since = np.asarray(times, dtype=float)
        design = np.column_stack([design, since - since.mean()])
    if len(np.unique(np.round(energy, 3))) <= degree or len(at) < design.shape[1]:
        raise ValueError(
            f"{len(at)} elastic lines are too few for a scale of degree {degree}: expose at "
            f"{degree + 1} energies or more."
        )
    slope = abs(np.polyfit(at, energy, 1)[0])
    weighted = design / (slope * np.asarray(errors, dtype=float))[:, None]
    covariance = np.linalg.inv(weighted.T @ weighted)
    found = covariance @ (weighted.T @ (energy / (slope * np.asarray(errors, dtype=float))))
    return Scale(found[: degree + 1], covariance[: degree + 1, : degree + 1], middle)
