"""The focus of a nano-ARPES station: size of the spot, and what passes the pinhole behind it.

Formulas: D. T. Attwood, Soft X-Rays and Extreme Ultraviolet Radiation (Cambridge 2000), chapter 9.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

OPTIC_DIAMETER = 500.0  # um; assumed
OPTIC_ZONE = 50.0  # nm, width of the outermost zone; assumed
OPTIC_PINHOLE = 50.0  # um, of the order-sorting aperture; assumed
FOCUS_OFFSET = 14.0  # um, true focus beyond the focal length on the optic's scale; assumed
_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))


def focused_sigma(defocus: ArrayLike, focal: ArrayLike) -> np.ndarray:
    """Rms size [um] of the spot, out of focus by ``defocus`` [um] at a focal length [um].

    In focus its full width is the Rayleigh resolution, 1.22 Δr; the disc of the cone, of diameter
    D |dz| / f and rms size a quarter of it, adds in quadrature.

    >>> focused_sigma([0.0, 14.0], 1916.0).round(3)
    array([0.026, 0.914])
    """
    disc = OPTIC_DIAMETER * np.abs(np.asarray(defocus, dtype=float)) / np.asarray(focal)
    return np.hypot(1.22e-3 * OPTIC_ZONE / _FWHM, disc / 4.0)


def passes(distance: float, focal: float, aside: float) -> float:
    """Share [1] of the cone that passes the pinhole, ``distance`` [um] before the sample.

    >>> passes(120.0, 1916.0, 0.0), passes(120.0, 1916.0, 45.0)
    (1.0, 0.0)
    """
    cone = max(OPTIC_DIAMETER * abs(distance) / focal, 1e-9)
    within = float(np.clip((OPTIC_PINHOLE / 2 + cone / 2 - aside) / cone, 0.0, 1.0))
    return within * min(1.0, (OPTIC_PINHOLE / cone) ** 2)
