"""Where the sample is, and how cold."""

from __future__ import annotations

from ophyd import Component as Cpt
from ophyd import Device

from ._positioners import Motor, Temperature


class Manipulator(Device):
    """Sample manipulator with a cryostat.

    Attributes
    ----------
    x, y, z : Motor
        Across the beam, up, along the beam [mm].
    theta : Motor
        Angle of the surface normal to the beam [deg].
    temperature : Temperature
        Of the sample [K].
    """

    x = Cpt(Motor, "X", units="mm")
    y = Cpt(Motor, "Y", units="mm")
    z = Cpt(Motor, "Z", units="mm")
    theta = Cpt(Motor, "THETA", units="deg", tolerance=0.01)
    temperature = Cpt(Temperature, "", egu="K", tolerance=0.2)
