"""How sharp an edge is, where it is, and where the focus is."""

import numpy as np
from numpy.typing import NDArray


def edge_place(
    x: NDArray[np.float64], profile: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Where a profile steps, by a fit of an error function.

    Parameters
    ----------
    x : (n,) array [um]
    profile : (n,) array [1]
        Flat on both sides of one step.

    Returns
    -------
    place, place_error, sigma, sigma_error : float [um]
        Middle of the step and its rms width, with standard errors from the fit's scatter.

    Examples
    --------
    >>> from scipy.special import erf
    >>> x = np.linspace(-1.0, 1.0, 81)
    >>> place, _, sigma, _ = edge_place(x, 0.6 + 0.4 * erf((x - 0.123) / 0.2))
    >>> round(place, 4), round(sigma, 4)
    (0.123, 0.1414)
    """
    from scipy.optimize import curve_fit
    from scipy.special import erf

    def step(
        at: NDArray[np.float64], low: float, height: float, place: float, sigma: float
    ) -> NDArray[np.float64]:
        return low + height / 2 * (1 + erf((at - place) / (np.sqrt(2) * sigma)))

    spacing = float(np.median(np.diff(x)))
    ends = float(profile[: x.size // 8 + 1].mean()), float(profile[-(x.size // 8 + 1) :].mean())
    middle = float(x[np.argmin(np.abs(profile - sum(ends) / 2))])
    start = (ends[0], ends[1] - ends[0], middle, 2 * spacing)
    found, covariance = curve_fit(
        step, x, profile, p0=start,
        bounds=([-np.inf, -np.inf, x[0], 0.05 * spacing], [np.inf, np.inf, x[-1], np.ptp(x)]),
    )  # fmt: skip
    errors = np.sqrt(np.diag(covariance))
    return float(found[2]), float(errors[2]), float(found[3]), float(errors[3])


def best_focus(
    distance: NDArray[np.float64], sigma: NDArray[np.float64], error: NDArray[np.float64]
) -> tuple[float, float]:
    """Distance of the sharpest image, by a fit of sigma² = a + b (z - z0)².

    Out of focus the disc of the cone adds to the spot in quadrature, so the square of the width is
    a parabola.

    Parameters
    ----------
    distance : (n,) array [um]
    sigma, error : (n,) arrays [um]
        Widths as `edge_place` gives.

    Returns
    -------
    place, place_error : float [um]

    Examples
    --------
    >>> z = np.linspace(-20.0, 20.0, 9)
    >>> found, _ = best_focus(z, np.sqrt(0.02**2 + (0.01 * (z - 3.0)) ** 2), np.full(9, 1e-3))
    >>> round(found, 6)
    3.0
    """
    middle = float(distance.mean())
    weight = 1.0 / np.maximum(2.0 * sigma * error, 1e-6)
    z = distance - middle
    coefficients, covariance = np.polyfit(z, sigma**2, 2, w=weight, cov="unscaled")
    a, b, _ = coefficients
    if not a > 0:
        raise ValueError(
            "the widths have no smallest one between the first and the last distance: scan a wider "
            "range about the focus."
        )
    place = -b / (2 * a)
    gradient = np.array([b / (2 * a**2), -1.0 / (2 * a), 0.0])
    scatter = np.mean(((sigma**2 - np.polyval(coefficients, z)) * weight) ** 2)
    wider = max(1.0, float(np.sqrt(scatter * z.size / max(z.size - 3, 1))))
    return middle + float(place), wider * float(np.sqrt(gradient @ covariance @ gradient))
