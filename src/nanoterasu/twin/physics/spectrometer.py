"""A grating spectrometer: from the energy of a photon to the pixel where it is counted.

Nothing of the instrument is published but what it resolves; the lengths, angles and distortions are
assumed, of the size of such instruments, and the sharpness is chosen to give the published width.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

SHAPE = (2048, 2048)  # rows, columns
LINE_DENSITY = 2000.0  # 1/mm
DEVIATION = 6.12  # deg, between incoming beam and detector
FOCUS = 10_000.0  # mm, from the grating to where the lines are sharp
PIXEL = 6.5e-3  # mm
INCLINATION = 11.7  # deg, of the detector's surface to the light
FOOTPRINT = 5.0  # mm, width of the light that the grating sends on
# Angle [rad, full width at half maximum] into which the grating throws one energy: source,
# slope errors and detector together.  With 10 um of exit slit the whole line is then 17.3 meV wide
# at the Ni L3 edge (facts, part B).
SHARPNESS = 5.15e-7
TILT, BOW = 6.0, -20.0  # columns, of a line from the middle to the edge of the detector
DRIFT, DRIFT_PERIOD = 8.0, 3600.0  # columns, s
HEIGHT_PER_ROW = 5e-5  # mm on the sample, in imaging mode
ENERGY_PER_ROW = 5e-4  # eV of incident energy, in hv2 mode
COSMIC_RATE = 0.03  # 1/s on the whole detector: one a minute and cm2
DARK_RATE = 5.0  # counts/s on the whole detector
_HC = 1.239841984e-3  # eV mm
_MIDDLE = (SHAPE[1] - 1) / 2


def column(
    energy: ArrayLike, pitch: ArrayLike, distance: ArrayLike, line_density: float = LINE_DENSITY
) -> np.ndarray:
    """Column [pixel] in the middle row where photons of ``energy`` arrive; it rises with energy.

    Parameters
    ----------
    energy : float or (n,) array [eV]
    pitch : float or (n,) array [deg]
        Grazing angle on the grating.
    distance : float or (n,) array [mm]
        From grating to detector.
    line_density : float [1/mm]

    >>> float(column(852.7, 1.5006, 10_000.0).round(-1))
    770.0
    """
    grazing = np.radians(np.asarray(pitch, dtype=float))
    cosine = np.cos(grazing) - line_density * _HC / np.asarray(energy, dtype=float)
    off_axis = np.arccos(np.clip(cosine, -1.0, 1.0)) - (np.radians(DEVIATION) - grazing)
    return _MIDDLE - distance * np.tan(off_axis) / _per_column()


def energy_per_column(energy: float, pitch: float, distance: float = FOCUS) -> float:
    """Dispersion [eV] of a column at ``energy`` [eV]."""
    here = column([energy - 1e-3, energy + 1e-3], pitch, distance)
    return float(2e-3 / (here[1] - here[0]))


def point_spread(distance: ArrayLike) -> np.ndarray:
    """Full width at half maximum [columns] of light of one energy; sharpest at the focus."""
    at = np.asarray(distance, dtype=float)
    blur = FOOTPRINT * (at - FOCUS) / FOCUS
    return np.hypot(SHARPNESS * at, blur) / _per_column()


def curvature(row: ArrayLike) -> np.ndarray:
    """Columns by which a line of one energy is displaced at ``row``, against the middle."""
    across = (np.asarray(row, dtype=float) - (SHAPE[0] - 1) / 2) / (SHAPE[0] / 2)
    return TILT * across + BOW * across**2


def drift(t: ArrayLike) -> np.ndarray:
    """Columns by which everything is displaced at ``t`` [s], as the hall warms and cools."""
    return DRIFT * np.sin(2 * np.pi * np.asarray(t, dtype=float) / DRIFT_PERIOD)


def cosmic_hits(dwell: float, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Pixels that particles hit within ``dwell`` [s], and what they leave there.

    Returns
    -------
    pixels : (n, 2) array of int, rows and columns; those beside the detector are left out
    counts : (n,) array of int
    """
    pixels, counts = [np.empty((0, 2), dtype=int)], [np.empty(0, dtype=int)]
    for _ in range(generator.poisson(COSMIC_RATE * dwell)):
        length = int(generator.geometric(0.25))
        angle = generator.uniform(0.0, 2 * np.pi)
        along = np.arange(length)[:, None] * np.array([np.sin(angle), np.cos(angle)])
        track = (generator.uniform(0.0, SHAPE) + along).astype(int)
        inside = np.all((track >= 0) & (track < SHAPE), axis=1)
        pixels.append(track[inside])
        counts.append(generator.integers(100, 3000, length)[inside])
    return np.concatenate(pixels), np.concatenate(counts)


def _per_column() -> float:
    """Height [mm] of a column, as the light sees it."""
    return PIXEL * float(np.sin(np.radians(INCLINATION)))
