"""From photons to currents: mesh, drain current and fluorescence.

The efficiencies are assumed; they give the nA to pA usual at such endstations.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from ._counting import ELEMENTARY_CHARGE
from ._sample import Sample

FLUX = 1e12  # photons/s at the sample: design current, on resonance, all slits open; assumed
MESH_YIELD = 0.01  # electrons per photon that passes the mesh; assumed
DRAIN_YIELD = 5e-7  # electrons per photon and cm2/g of absorption; assumed
CAP_YIELD = 3e-3  # electrons per photon from the capping layer, whatever the energy; assumed
FLUORESCENCE = 1e-5  # photons on the diode per photon that the sample absorbs; assumed
OUTGOING = 1e5  # cm2/g, absorption of the fluorescence on its slanted way out; assumed
DIODE_YIELD = 190.0  # electrons per photon of 700 eV in silicon, at 3.65 eV a pair
SPOT_SIGMA = 0.05  # mm, rms size of the spot on the sample; assumed


def illuminated(x: ArrayLike, y: ArrayLike, theta: ArrayLike, sample: Sample) -> np.ndarray:
    """Fraction [1] of the beam that hits the sample.

    Parameters
    ----------
    x, y : float or (n,) arrays [mm]
        Position of the sample's centre with respect to the beam.
    theta : float or (n,) array [deg]
        Angle between surface normal and beam; it foreshortens the sample in x.
    """
    from scipy.special import erf

    def within(offset: np.ndarray, size: ArrayLike) -> np.ndarray:
        half, scale = np.asarray(size, dtype=float) / 2, math.sqrt(2.0) * SPOT_SIGMA
        return 0.5 * (erf((half - offset) / scale) + erf((half + offset) / scale))

    foreshortened = sample.width * np.abs(np.cos(np.radians(np.asarray(theta, dtype=float))))
    across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    return within(across, foreshortened) * within(up, sample.height)


def currents(
    photons: ArrayLike, absorbed: ArrayLike, on_sample: ArrayLike = 1.0
) -> dict[str, np.ndarray]:
    """Currents [A] of ``i0``, ``tey`` and ``tfy`` without noise.

    Parameters
    ----------
    photons : float or (n,) array [1/s]
        On the mesh, which stands before the sample.
    absorbed : float or (n,) array [cm2/g]
        Absorption of the sample.
    on_sample : float or (n,) array [1]
        Fraction of the beam that hits the sample.
    """
    rate = ELEMENTARY_CHARGE * np.asarray(photons, dtype=float)
    mu = np.asarray(absorbed, dtype=float)
    hit = rate * np.asarray(on_sample, dtype=float)
    return {
        "i0": rate * MESH_YIELD,
        "tey": hit * (CAP_YIELD + DRAIN_YIELD * mu),
        # Self-absorption: the stronger the absorption, the less the signal grows.
        "tfy": hit * FLUORESCENCE * DIODE_YIELD * mu / (mu + OUTGOING),
    }
