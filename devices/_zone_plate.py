"""Zone plate, order-sorting aperture, and the photon energy with the focus following.

Formulas: D. T. Attwood, Soft X-Rays and Extreme Ultraviolet Radiation (Cambridge 2000), chapter 9:
focal length f = D Δr / λ, with D the diameter and Δr the width of the outermost zone.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.status import StatusBase
from ophyd.utils import LimitError

from ._endings import Together
from ._mono import PhotonEnergy
from ._positioners import Motor

HC = 1239.841984  # eV nm, exact in the SI to the digits given


def focal_length(energy: float, diameter: float, outermost_zone: float) -> float:
    """Focal length [um] of a zone plate in first order, f = D Δr / λ.

    Parameters
    ----------
    energy : float [eV]
    diameter : float [um]
    outermost_zone : float [nm]

    >>> round(focal_length(700.0, 200.0, 40.0), 1)
    4516.7
    """
    return diameter * outermost_zone * energy / HC


class ZonePlate(Device):
    """Zone plate; it stands upstream of the sample by ``z``.

    Attributes
    ----------
    x, y, z : Motor
        Across the beam, up, and distance to the sample [um].
    diameter : EpicsSignalRO
        Of the outermost zone [um].
    outermost_zone : EpicsSignalRO
        Width of the outermost zone [nm].
    focus_offset : EpicsSignal
        Reading of ``z`` in focus less the focal length [um]; a focus scan finds it.
    """

    x = Cpt(Motor, "X", units="um", tolerance=0.05)
    y = Cpt(Motor, "Y", units="um", tolerance=0.05)
    z = Cpt(Motor, "Z", units="um", tolerance=0.05)
    diameter = Cpt(EpicsSignalRO, "DIAMETER", kind="config", auto_monitor=True)
    outermost_zone = Cpt(EpicsSignalRO, "OUTERMOST_ZONE", kind="config", auto_monitor=True)
    focus_offset = Cpt(EpicsSignal, "FOCUS_OFFSET", kind="config", auto_monitor=True)

    def focal_length(self, energy: float) -> float:
        """Focal length [um] at ``energy`` [eV]."""
        size = float(self.diameter.get()), float(self.outermost_zone.get())
        return focal_length(energy, *size)

    def z_for(self, energy: float) -> float:
        """Reading of ``z`` [um] that focuses ``energy`` [eV] on the sample."""
        return self.focal_length(energy) + float(self.focus_offset.get())


class OrderSortingAperture(Device):
    """Pinhole between zone plate and sample, that keeps all orders but the first away.

    Attributes
    ----------
    x, y, z : Motor
        Across the beam, up, and distance to the sample [um].
    diameter : EpicsSignalRO
        Of the pinhole [um].
    """

    x = Cpt(Motor, "X", units="um", tolerance=0.05)
    y = Cpt(Motor, "Y", units="um", tolerance=0.05)
    z = Cpt(Motor, "Z", units="um", tolerance=0.5)
    diameter = Cpt(EpicsSignalRO, "DIAMETER", kind="config", auto_monitor=True)


class FocusedEnergy(Device):
    """Photon energy [eV] with the zone plate following, so that the spot stays in focus.

    Scan this in a microscope, never `PhotonEnergy` alone: the focal length grows with the
    energy, some 6 um per eV, and the depth of focus is but a few um.

    Parameters
    ----------
    energy, zone_plate
        What it moves.
    aperture
        What the focused cone must pass; checked, not moved.
    energy_range : (2,) tuple [eV]
        In which the beamline is focused.
    """

    def __init__(
        self,
        prefix: str = "",
        *,
        name: str,
        energy: PhotonEnergy,
        zone_plate: ZonePlate,
        aperture: OrderSortingAperture,
        energy_range: tuple[float, float],
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, name=name, **kwargs)
        self.energy, self.zone_plate, self.aperture = energy, zone_plate, aperture
        self.energy_range = energy_range

    @property
    def position(self) -> float:
        """Photon energy [eV] by the monochromator's read-back."""
        return self.energy.position

    @property
    def hints(self) -> dict[str, Any]:
        """Plot against the energy itself."""
        return {"fields": [self.name]}

    def check_value(self, value: float) -> None:
        """Refuse what the beamline, the zone plate or the aperture does not allow.

        Raises
        ------
        LimitError
            Naming the range.
        """
        self.check_move(value, {})

    def check_move(self, value: float, positions: Mapping[str, Any]) -> None:
        """Check ``value`` [eV] for the moment when the axes stand at ``positions``."""
        low, high = self.energy_range
        self.energy.check_move(value, positions)
        if not low <= value <= high:
            raise LimitError(
                f"{self.name}: {value:g} eV is outside the {low:g} to {high:g} eV in which this "
                f"beamline is focused. Choose an energy within, or measure without the zone plate "
                f"by {self.energy.name}."
            )
        self.zone_plate.z.check_value(self.zone_plate.z_for(value))
        self._check_aperture(value, positions)

    def _check_aperture(self, value: float, positions: Mapping[str, Any]) -> None:
        z = self.aperture.z
        distance = positions.get(z.name, z.position or 0.0)
        opening = float(self.aperture.diameter.get())
        length = self.zone_plate.focal_length(value)
        cone = float(self.zone_plate.diameter.get()) * distance / length
        if distance <= 0 or cone > opening:
            raise LimitError(
                f"{self.name}: at {value:g} eV the focused cone is {cone:.3g} um wide where the "
                f"order-sorting aperture of {opening:g} um stands, {distance:g} um before the "
                f"sample. Move {z.name} to between 0 and "
                f"{opening * length / float(self.zone_plate.diameter.get()):.4g} um."
            )

    def travel_time(self, start: float, target: float) -> float:
        """Time [s] of the slowest."""
        ends = self.zone_plate.z_for(start), self.zone_plate.z_for(target)
        return max(self.energy.travel_time(start, target), self.zone_plate.z.travel_time(*ends))

    def set(self, value: float) -> StatusBase:
        """Move all; done when all have arrived."""
        self.check_value(value)
        z = self.zone_plate.z_for(value)
        return Together(self, self.energy.set(value), self.zone_plate.z.set(z))

    def stop(self, *, success: bool = False) -> None:
        """Stop all."""
        self.energy.stop(success=success)
        self.zone_plate.z.stop(success=success)

    def describe(self) -> OrderedDict[str, Any]:
        """Data keys: the energy [eV] and the place of the zone plate [um]."""
        return self._with_zone_plate(self.energy.describe(), self.zone_plate.z.describe())

    def read(self) -> OrderedDict[str, Any]:
        """Energy [eV] and place of the zone plate [um], read back and asked for."""
        return self._with_zone_plate(self.energy.read(), self.zone_plate.z.read())

    def _with_zone_plate(self, energy: Mapping[Any, Any], z: Mapping[Any, Any]) -> Any:
        own = {
            self.name + str(key).removeprefix(self.energy.name): value
            for key, value in energy.items()
        }
        return OrderedDict(own | dict(z))
