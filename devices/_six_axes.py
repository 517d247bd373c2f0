"""Manipulators that turn the sample about all three axes."""

from __future__ import annotations

from ophyd import Component as Cpt

from ._environment import Manipulator
from ._positioners import Motor


class SixAxisManipulator(Manipulator):
    """Sample manipulator with a cryostat and three rotations.

    Attributes
    ----------
    chi : Motor
        Tilt about the beam, when ``theta`` is zero [deg].
    phi : Motor
        Azimuth about the surface normal [deg].
    """

    chi = Cpt(Motor, "CHI", units="deg", tolerance=0.01)
    phi = Cpt(Motor, "PHI", units="deg", tolerance=0.01)
