"""Where a beam meets a sample that is moved, turned and not on the axis; and where electrons go.

The laboratory's z points to the analyser, y upward, and the beam comes in from x > 0 at
`INCIDENCE` to z.  A holder at the angles theta, tilt and phi is turned by R = Ry(theta) Rx(tilt)
Rz(phi); R takes directions of the holder, of which z is the surface normal, to the laboratory's.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

INCIDENCE = 50.0  # deg, between beam and analyser; assumed
# The sample's origin, from the manipulator's axes of rotation [um]; assumed.
ECCENTRICITY = (260.0, 90.0, 140.0)


def rotation(theta: float, tilt: float, phi: float) -> np.ndarray:
    """Matrix R of the holder at its angles [deg], shape (3, 3)."""
    (ct, cx, cz), (st, sx, sz) = (f(np.radians([theta, tilt, phi])) for f in (np.cos, np.sin))
    about_y = np.array([[ct, 0.0, st], [0.0, 1.0, 0.0], [-st, 0.0, ct]])
    about_x = np.array([[1.0, 0.0, 0.0], [0.0, cx, -sx], [0.0, sx, cx]])
    about_z = np.array([[cz, -sz, 0.0], [sz, cz, 0.0], [0.0, 0.0, 1.0]])
    return about_y @ about_x @ about_z


def in_the_beam(
    turned: np.ndarray, moved: ArrayLike, fine: ArrayLike
) -> tuple[np.ndarray, float, float]:
    """Point of the surface that the beam hits.

    Parameters
    ----------
    turned : (3, 3) array
        R of the holder.
    moved : (3,) array [um]
        Of the manipulator, in the laboratory.
    fine : (3,) array [um]
        Of the stage on the holder: x and y move the beam over the surface, z the surface along
        its normal.

    Returns
    -------
    point : (2,) array [um]
        On the surface, from the sample's origin.
    past : float [um]
        How far past the laboratory's origin the beam hits it.
    elongation : float [1]
        Of the spot along x by the slanted incidence.

    >>> in_the_beam(rotation(0, 0, 0), (0, 0, 0), (3, 4, 0))[0].tolist()
    [3.0, 4.0]
    """
    angle = np.radians(INCIDENCE)
    along = turned.T @ np.array([-np.sin(angle), 0.0, -np.cos(angle)])
    centre, own = np.asarray(ECCENTRICITY), np.asarray(fine, dtype=float)
    start = turned.T @ (centre - np.asarray(moved, dtype=float))
    past = (centre[2] + own[2] - start[2]) / along[2]
    hit = start + past * along
    return hit[:2] - centre[:2] + own[:2], float(past), float(1.0 / max(abs(along[2]), 0.05))


def emission(turned: np.ndarray, angles: ArrayLike, deflection: float) -> np.ndarray:
    """Directions of electrons in the plane of the surface, shape (2, m).

    Parameters
    ----------
    turned : (3, 3) array
        R of the holder.
    angles : (m,) array [deg]
        Along a vertical slit, upward.
    deflection : float [deg]
        Across it, toward x > 0.
    """
    up, aside = np.radians(np.asarray(angles, dtype=float)), np.radians(deflection)
    seen = np.stack(
        [np.full(up.shape, np.sin(aside)), np.cos(aside) * np.sin(up), np.cos(aside) * np.cos(up)]
    )
    return (turned.T @ seen)[:2]
