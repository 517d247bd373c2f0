"""Manipulators that turn the sample about all three axes."""

from __future__ import annotations

from ophyd import Component as Cpt

from ._environment import Manipulator
from ._positioners import Motor


class SixAxisManipulator(Manipulator):
    """Sample manipulator with a cryostat and three rotations.

    It turns by ``theta`` about the vertical, by ``tilt`` about the horizontal axis that ``theta``
    carries along, and by ``phi`` about the surface normal.  For photoemission, the normal points
    to the analyser when all are at 0.

    Attributes
    ----------
    tilt, phi : Motor
        Angles [deg].
    """

    tilt = Cpt(Motor, "TILT", units="deg", tolerance=0.01)
    phi = Cpt(Motor, "PHI", units="deg", tolerance=0.01)
