"""By how much counted spectra are displaced against each other."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

_SMOOTH = 1.0  # columns (rms), of the spectrum that the others are compared with
_STEP = 0.25  # columns, of the search
_ROUNDS = 4


def shifts(
    spectra: ArrayLike, reach: float = 40.0
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Displacement of each spectrum by maximum likelihood, counting noise taken as it is.

    Each is compared with the sum of all others, moved to where they belong by the round before: a
    spectrum that takes part in its own measure would stay where it is.

    Parameters
    ----------
    spectra : (n, columns) array [counts]
        The same lines in each; of any intensity.
    reach : float [column]
        Largest displacement that is looked for, against the strongest spectrum.

    Returns
    -------
    shift : (n,) array [column]
        Positive to higher columns; their mean, weighted by the counts, is zero.
    error : (n,) array [column]
        Standard deviation, by the curvature of the likelihood.

    >>> columns = np.arange(60)
    >>> lines = [1000 * np.exp(-0.5 * ((columns - at) / 2) ** 2) for at in (30.0, 31.5)]
    >>> moved, _ = shifts(np.round(lines))
    >>> round(float(moved[1] - moved[0]), 1)
    1.5
    """
    counts = np.asarray(spectra, dtype=float)
    total = counts.sum(axis=1)
    if counts.ndim != 2 or len(counts) < 2 or not np.all(total > 0):
        raise ValueError(
            "displacements need two spectra or more, each with counts; leave the empty ones out."
        )
    strongest = int(np.argmax(total))
    found = np.array([_coarse(each, counts[strongest], int(reach)) for each in counts])
    error = np.ones(len(counts))
    for _ in range(_ROUNDS):
        moved = np.array([_moved(each, -by) for each, by in zip(counts, found, strict=True)])
        whole = moved.sum(axis=0)
        searched = [
            _search(own, whole - mine, by)
            for own, mine, by in zip(counts, moved, found, strict=True)
        ]
        best, error = np.array(searched).T
        # The others would all go the other way by their own share: two would swap for ever.
        found = found + (best - found) * (len(counts) - 1) / len(counts)
        found = found - np.average(found, weights=total)
    # What it was compared with has noise too, that of one spectrum less than all.
    return found, error * np.sqrt(len(counts) / (len(counts) - 1))


def _coarse(spectrum: np.ndarray, against: np.ndarray, reach: int) -> float:
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import correlate

    broad = [gaussian_filter1d(each - each.mean(), 2 * _SMOOTH) for each in (spectrum, against)]
    correlation = correlate(broad[0], broad[1], mode="full")
    middle = len(spectrum) - 1
    within = correlation[max(middle - reach, 0) : middle + reach + 1]
    return float(np.argmax(within) - min(reach, middle))


def _moved(spectrum: np.ndarray, by: float) -> np.ndarray:
    at = np.arange(len(spectrum), dtype=float)
    return np.interp(at - by, at, spectrum)


def _search(spectrum: np.ndarray, others: np.ndarray, about: float) -> tuple[float, float]:
    from scipy.interpolate import make_interp_spline
    from scipy.ndimage import gaussian_filter1d

    smooth = gaussian_filter1d(others, _SMOOTH)
    at = np.arange(len(spectrum), dtype=float)
    # A spline: between straight lines, the likelihood would have a kink at every column.
    logarithm = make_interp_spline(at, np.log(smooth + 0.02 * smooth.mean()))
    lit = np.flatnonzero(spectrum)
    by = about + np.arange(-3.0, 3.0 + _STEP / 2, _STEP)
    places = np.clip(at[lit] - by[:, None], 0.0, at[-1])
    likelihood = logarithm(places) @ spectrum[lit]
    best = int(np.clip(np.argmax(likelihood), 2, len(by) - 3))
    near = slice(best - 2, best + 3)
    bend, slope, _ = np.polyfit(by[near] - by[best], likelihood[near], 2)
    if bend >= 0:
        return about, float(len(spectrum))  # it says nothing of where it is
    peak = float(np.clip(-slope / (2 * bend), -2 * _STEP, 2 * _STEP))
    return float(by[best]) + peak, float(np.sqrt(-1.0 / (2 * bend)))
