"""What a nano-focus station has: a focus of long working distance, and a fine stage."""

from __future__ import annotations

from ophyd import Component as Cpt
from ophyd import Device

from ._positioners import Motor
from ._zone_plate import ZonePlate


class FocusingOptic(ZonePlate):
    """Zone plate wide enough that electrons leave between it and the sample."""


class PiezoStage(Device):
    """Piezo stage on top of a manipulator, which carries it along when it turns.

    Attributes
    ----------
    x, y : Motor
        Place on the sample that is in the beam, in the plane of its surface [um].
    z : Motor
        Along the surface normal [um].
    """

    x = Cpt(Motor, "X", units="um", tolerance=0.01)
    y = Cpt(Motor, "Y", units="um", tolerance=0.01)
    z = Cpt(Motor, "Z", units="um", tolerance=0.01)
