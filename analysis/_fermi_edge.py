"""The Fermi edge: where it is, and how sharply the instrument shows it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

BOLTZMANN = 8.617333e-5  # eV/K, exact in the SI to the digits given
FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
_NODES, _WEIGHTS = np.polynomial.hermite.hermgauss(24)


@dataclass(frozen=True, slots=True)
class FermiEdge:
    """A fitted edge.

    Attributes
    ----------
    position, position_uncertainty : float [eV]
        Kinetic energy of the Fermi level.
    resolution, resolution_uncertainty : float [eV]
        Full width at half maximum of what blurs the edge beyond its temperature.
    """

    position: float
    position_uncertainty: float
    resolution: float
    resolution_uncertainty: float


def edge_shape(
    energy: ArrayLike, position: float, temperature: float, resolution: float
) -> NDArray[np.float64]:
    """Fermi function seen with a Gaussian resolution [1], by Gauss-Hermite quadrature.

    Parameters
    ----------
    energy : (n,) array [eV]
    position : float [eV]
    temperature : float [K]
    resolution : float [eV], full width at half maximum

    >>> edge_shape([-1.0, 0.0, 1.0], 0.0, 20.0, 0.01).round(3)
    array([1. , 0.5, 0. ])
    """
    from scipy.special import expit

    spread = np.sqrt(2.0) * resolution / FWHM * _NODES
    offset = np.asarray(energy, dtype=float)[:, None] - position - spread
    return expit(-offset / (BOLTZMANN * temperature)) @ _WEIGHTS / np.sqrt(np.pi)


def fermi_edge(energy: ArrayLike, counts: ArrayLike, *, temperature: float) -> FermiEdge:
    """Fit the Fermi edge of a metal without structure near it, such as polycrystalline gold.

    Parameters
    ----------
    energy : (n,) array [eV], increasing
        Kinetic.
    counts : (n,) array [counts]
        Weighted by counting statistics.
    temperature : float [K]
        Of the sample; what broadens beyond it is the resolution.

    Raises
    ------
    ValueError
        When there is no edge within the energies.
    """
    from scipy.optimize import curve_fit

    at, seen = np.asarray(energy, dtype=float), np.asarray(counts, dtype=float)
    order = max(len(at) // 20, 1)
    top, ground = float(np.mean(seen[:order])), float(np.mean(seen[-order:]))
    above = np.flatnonzero(seen > (top + ground) / 2)
    if top <= 2.0 * ground + 1.0 or not len(above):
        raise ValueError(
            f"no Fermi edge between {at[0]:.6g} and {at[-1]:.6g} eV: the counts do not fall from "
            "low to high kinetic energy. Take a window around the Fermi level, on a metal."
        )
    guess = float(at[above[-1]])

    def model(
        x: NDArray[np.float64], position: float, width: float, height: float, slope: float,
        ground: float,
    ) -> NDArray[np.float64]:  # fmt: skip
        below = height * (1.0 + slope * (x - guess))
        return below * edge_shape(x, position, temperature, abs(width)) + ground

    start = (guess, max(4.0 * BOLTZMANN * temperature / 3.5, at[1] - at[0]), top, 0.0, ground)
    errors = np.sqrt(np.maximum(seen, 1.0))
    found, covariance = curve_fit(model, at, seen, p0=start, sigma=errors, absolute_sigma=True)
    position, width = (float(np.sqrt(covariance[n, n])) for n in (0, 1))
    return FermiEdge(float(found[0]), position, abs(float(found[1])), width)
