"""Where the focus is, and where one domain ends and another begins."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray


@dataclass(frozen=True, slots=True)
class Focus:
    """The focus found by an edge.

    Attributes
    ----------
    place, place_uncertainty : float [um]
        Of the focusing optic.
    depths : (n,) array [um]
    widths, width_uncertainties : (n,) arrays [um]
        Rms width of the edge at each depth.
    """

    place: float
    place_uncertainty: float
    depths: NDArray[np.float64]
    widths: NDArray[np.float64]
    width_uncertainties: NDArray[np.float64]


def focus(depths: ArrayLike, places: ArrayLike, totals: ArrayLike) -> Focus:
    """Find the focus from scans of an edge at several places of the optic.

    An edge seen by a Gaussian spot is an error function; the square of the spot's rms size grows
    with the square of the distance from the focus.

    Parameters
    ----------
    depths : (n,) array [um]
        Of the optic, one a row.
    places : (n, m) array [um]
        Across the edge.
    totals : (n, m) array [counts]

    Raises
    ------
    ValueError
        With fewer than four depths.
    """
    from scipy.optimize import curve_fit
    from scipy.special import ndtr

    z, x, seen = (np.asarray(each, dtype=float) for each in (depths, places, totals))
    if len(z) < 4:
        raise ValueError(f"{len(z)} depths: four at least are needed to find the focus.")

    def edge(
        at: NDArray[np.float64], middle: float, width: float, low: float, rise: float
    ) -> NDArray[np.float64]:
        return low + rise * ndtr((at - middle) / width)

    widths, errors = np.empty(len(z)), np.empty(len(z))
    for row, (at, counts) in enumerate(zip(x, seen, strict=True)):
        span, pitch = float(np.ptp(at)), float(np.ptp(at)) / (len(at) - 1)
        first, last = float(counts[np.argmin(at)]), float(counts[np.argmax(at)])
        # The middle of the rise, and the widths that this scan can tell from a sharp step.
        start = (float(at[np.argmin(np.abs(counts - (first + last) / 2))]), span / 8)
        found, covariance = curve_fit(
            edge,
            at,
            counts,
            p0=(*start, first, last - first),
            sigma=np.sqrt(np.maximum(counts, 1.0)),
            bounds=((at.min(), pitch / 20, -np.inf, -np.inf), (at.max(), span, np.inf, np.inf)),
        )
        widths[row] = found[1]
        errors[row] = np.hypot(np.sqrt(covariance[1, 1]), pitch / 20)

    def parabola(
        at: NDArray[np.float64], best: float, slope: float, smallest: float
    ) -> NDArray[np.float64]:
        return np.sqrt(smallest**2 + (slope * (at - best)) ** 2)

    sharpest = float(z[np.argmin(widths)])
    steep = float(widths.max() / max(np.abs(z - sharpest).max(), 1e-9))
    found, covariance = curve_fit(
        parabola,
        z,
        widths,
        p0=(sharpest, steep, widths.min()),
        sigma=errors,
        absolute_sigma=True,
    )
    return Focus(float(found[0]), float(np.sqrt(covariance[0, 0])), z, widths, errors)


@dataclass(frozen=True, slots=True)
class Boundary:
    """A straight line between two domains.

    Attributes
    ----------
    direction, direction_uncertainty : float [deg]
        Of its normal, from x toward y, pointing to where the contrast is higher.
    distance, distance_uncertainty : float [um]
        From the origin along the normal.
    """

    direction: float
    direction_uncertainty: float
    distance: float
    distance_uncertainty: float


def boundary(x: ArrayLike, y: ArrayLike, contrast: ArrayLike) -> Boundary:
    """Fit a straight boundary to a map of contrast.

    Parameters
    ----------
    x, y : (n,) arrays [um]
    contrast : (n,) array [1]
        One value in either domain.
    """
    from scipy.optimize import curve_fit
    from scipy.special import ndtr

    across, up, seen = (np.asarray(each, dtype=float) for each in (x, y, contrast))
    middle = (seen.max() + seen.min()) / 2
    high = seen > middle
    # From the middle of the one domain to that of the other.
    ends = [np.array([across[side].mean(), up[side].mean()]) for side in (~high, high)]
    way, between = ends[1] - ends[0], (ends[0] + ends[1]) / 2
    angle = float(np.arctan2(way[1], way[0]))

    def step(
        at: NDArray[np.float64], angle: float, distance: float, width: float, low: float,
        rise: float,
    ) -> NDArray[np.float64]:  # fmt: skip
        along = at[0] * np.cos(angle) + at[1] * np.sin(angle) - distance
        return low + rise * ndtr(along / width)

    distance = float(between[0] * np.cos(angle) + between[1] * np.sin(angle))
    pitch = float(np.hypot(*(np.diff(np.unique(each.round(3))).max() for each in (across, up))))
    start = (angle, distance, pitch / 3, float(seen.min()), float(np.ptp(seen)))
    # A step sharper than the map's own would leave the fit without a slope to follow.
    limits = ((-np.inf, -np.inf, pitch / 5, -np.inf, 0.0), np.inf)
    found, covariance = curve_fit(step, np.stack([across, up]), seen, p0=start, bounds=limits)
    # Between two points of the map the line may be anywhere: an even chance over their distance.
    errors = np.sqrt(np.diag(covariance)[:2])
    loose = pitch / np.sqrt(12.0) / np.sqrt(max(np.sqrt(len(seen)), 1.0))
    reach = float(np.hypot(np.ptp(across), np.ptp(up))) / 2
    return Boundary(
        float(np.degrees(found[0])),
        float(np.degrees(np.hypot(errors[0], 2.0 * loose / reach))),
        float(found[1]),
        float(np.hypot(errors[1], loose)),
    )
