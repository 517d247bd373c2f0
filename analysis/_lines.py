"""White lines as Voigt profiles: how much of them lies where an integral does not reach."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import voigt_profile

FARTHEST = 3.0
"""How far a line may lie from where it was looked for [eV]."""


@dataclass(frozen=True, slots=True)
class Lines:
    """L3 and L2 line of one spectrum.

    Attributes
    ----------
    l3, l2
        Positions [eV].
    gaussian
        Standard deviation of the Gaussian part of both [eV].
    lorentz_l3, lorentz_l2
        Half widths of the Lorentzian parts [eV].
    area_l3, area_l2
        Areas [eV, times the unit of the spectrum].
    """

    l3: float
    l2: float
    gaussian: float
    lorentz_l3: float
    lorentz_l2: float
    area_l3: float
    area_l2: float

    def spectrum(self, energy: NDArray[np.float64]) -> NDArray[np.float64]:
        """Both lines over ``energy`` (n,) [eV]."""
        first, second = _profiles(self.shape, energy)
        return self.area_l3 * first + self.area_l2 * second

    @property
    def shape(self) -> NDArray[np.float64]:
        """The five parameters that are not areas [eV]."""
        return np.array([self.l3, self.l2, self.gaussian, self.lorentz_l3, self.lorentz_l2])


def _profiles(
    shape: NDArray[np.float64], energy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    l3, l2, gaussian, lorentz_l3, lorentz_l2 = shape
    return (
        voigt_profile(energy - l3, gaussian, lorentz_l3),
        voigt_profile(energy - l2, gaussian, lorentz_l2),
    )


def both_sides(energy: NDArray[np.float64], total: Lines, difference: Lines) -> NDArray[np.float64]:
    """White lines of ``mu_plus`` and ``mu_minus`` (2, n) from those of sum and difference."""
    lines, dichroism = total.spectrum(energy), difference.spectrum(energy)
    return 0.5 * np.stack([lines + dichroism, lines - dichroism])


def white_lines(
    energy: NDArray[np.float64],
    values: NDArray[np.float64],
    *,
    near: tuple[float, float],
    step: NDArray[np.float64],
    shape: NDArray[np.float64] | None = None,
) -> Lines:
    """Fit two Voigt lines on a straight line and a sloping step.

    Only positions and widths are searched for; areas and background follow linearly.

    Parameters
    ----------
    energy : (n,) array [eV]
    values : (n,) array
    near
        Where to look for L3 and L2 [eV].
    step : (n,) array
        Step function under the lines; its height and slope are found.
    shape
        Positions and widths to keep, so that the areas alone are found.

    Examples
    --------
    >>> energy = np.linspace(690.0, 760.0, 351)
    >>> true = Lines(707.0, 720.0, 0.4, 0.5, 0.8, -2.0, 1.5)
    >>> step = 1.0 * (energy > 707)
    >>> found = white_lines(energy, true.spectrum(energy) + step, near=(706.8, 719.9), step=step)
    >>> round(found.area_l3, 3), round(found.lorentz_l2, 3)
    (-2.0, 0.8)
    """
    x = (energy - energy.mean()) / np.ptp(energy)
    background = [np.ones_like(x), x, step, step * x]

    def areas(parameters: NDArray[np.float64]) -> tuple[NDArray, NDArray]:
        columns = np.column_stack([*_profiles(parameters, energy), *background])
        found = np.linalg.solve(columns.T @ columns, columns.T @ values)
        return found, columns @ found - values

    if shape is None:
        start = np.array([*near, 0.5, 0.6, 0.8])
        low = np.array([near[0] - FARTHEST, near[1] - FARTHEST, 0.05, 0.05, 0.05])
        high = np.array([near[0] + FARTHEST, near[1] + FARTHEST, 3.0, 3.0, 3.0])
        fit = least_squares(
            lambda p: areas(p)[1], start, bounds=(low, high), xtol=1e-7, ftol=1e-10, max_nfev=60
        )
        shape = np.asarray(fit.x)
    area = areas(shape)[0]
    l3, l2, gaussian, lorentz_l3, lorentz_l2 = map(float, shape)
    return Lines(l3, l2, gaussian, lorentz_l3, lorentz_l2, float(area[0]), float(area[1]))
