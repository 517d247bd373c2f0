"""Undulator harmonics, slits and monochromator: how much light, how pure, how polarised.

No optical parameter of the beamline is published; the constants are assumed, of the size usual at
soft X-ray undulator beamlines.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

BANDWIDTH = 0.008  # rms width of a harmonic, as a fraction of its energy; assumed
CIRCULAR_DEGREE = 0.95  # degree of circular polarisation at the helical phase; assumed
BEAM_SIGMA = 0.4  # mm, rms size of the white beam at the front slits; assumed
IMAGE_SIGMA = 20.0  # um, rms size of the source's image at the exit slit; assumed
RESOLUTION_FLOOR = 5e-5  # FWHM / energy with the exit slit closed; assumed
RESOLUTION_PER_GAP = 4e-6  # FWHM / energy per um of exit slit; assumed
# The same two at beamlines made to resolve more; assumed, of the size that the published 17.3 meV
# of BL02U's whole instrument leave to its monochromator.
FINER = {"BL02U": (8e-6, 1.2e-6)}


def harmonic_peak(energy: ArrayLike, resonance: ArrayLike) -> np.ndarray:
    """Fraction [1] of a harmonic's peak flux at ``energy``, when it stands at ``resonance``.

    Parameters
    ----------
    energy, resonance : float or (n,) arrays [eV]

    >>> float(harmonic_peak(700.0, 700.0)), bool(harmonic_peak(700.0, 740.0) < 1e-6)
    (1.0, True)
    """
    centre = np.asarray(resonance, dtype=float)
    offset = (np.asarray(energy, dtype=float) - centre) / (BANDWIDTH * centre)
    return np.exp(-0.5 * offset**2)


def circular_degree(phase: ArrayLike, quarter: float) -> np.ndarray:
    """Signed degree of circular polarisation [1] at a row ``phase``.

    Parameters
    ----------
    phase : float or (n,) array [mm]
    quarter : float [mm]
        Phase of positive helicity, a quarter of the undulator's period.

    >>> circular_degree([0.0, 14.0, -14.0, 28.0], 14.0).round(3) + 0.0
    array([ 0.  ,  0.95, -0.95,  0.  ])
    """
    return CIRCULAR_DEGREE * np.sin(0.5 * np.pi * np.asarray(phase, dtype=float) / quarter)


def slit_transmission(
    gap: ArrayLike, centre: ArrayLike = 0.0, sigma: float = BEAM_SIGMA
) -> np.ndarray:
    """Fraction [1] of a Gaussian beam of rms size ``sigma`` that a slit lets through.

    Parameters
    ----------
    gap, centre : float or (n,) arrays, in the unit of ``sigma``
        Opening, and its offset from the beam; a negative opening lets nothing through.
    """
    from scipy.special import erf

    half = np.maximum(np.asarray(gap, dtype=float), 0.0) / 2
    offset = np.asarray(centre, dtype=float)
    scale = math.sqrt(2.0) * sigma
    return 0.5 * (erf((offset + half) / scale) - erf((offset - half) / scale))


def resolution(
    energy: ArrayLike,
    exit_slit: ArrayLike,
    floor: float = RESOLUTION_FLOOR,
    per_gap: float = RESOLUTION_PER_GAP,
) -> np.ndarray:
    """Energy resolution of the monochromator [eV], full width at half maximum.

    Parameters
    ----------
    energy : float or (n,) array [eV]
    exit_slit : float or (n,) array [um]
        Opening; it adds in quadrature to what the optics do.
    floor : float [1]
        Width with the slit closed, as a fraction of the energy.
    per_gap : float [1/um]
        What each um of the slit adds, as a fraction of the energy.

    >>> resolution(707.0, [0.0, 50.0]).round(3)
    array([0.035, 0.146])
    """
    opening = per_gap * np.maximum(np.asarray(exit_slit, dtype=float), 0.0)
    return np.asarray(energy, dtype=float) * np.hypot(floor, opening)
