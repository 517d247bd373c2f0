"""What a nano-focus station has beside its analyser; velocities and ranges are assumed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device
from nanoterasu.devices import focal_length

from .._axis import Axis
from .._channels import Number, readback
from .._instruments import Instrument, Motors
from ..physics import OPTIC_DIAMETER, OPTIC_PINHOLE, OPTIC_ZONE
from ._microscope import BUILDERS as MICROSCOPE

if TYPE_CHECKING:
    from .._table import Builder, SimulatedBeamline

ACROSS = Axis("um", -500.0, 500.0, 100.0)
PIEZO = Axis("um", -50.0, 50.0, 200.0, ramp=0.005)


def _optic(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    start = focal_length(twin.energy.start, OPTIC_DIAMETER, OPTIC_ZONE)
    z = Axis("um", 500.0, 25_000.0, 1000.0, start=start)
    optic = Motors(at, twin.clock, X=ACROSS, Y=ACROSS, Z=z)
    optic.channels |= {
        at + "DIAMETER": readback(Number(OPTIC_DIAMETER, "um")),
        at + "OUTERMOST_ZONE": readback(Number(OPTIC_ZONE, "nm")),
        at + "FOCUS_OFFSET": Number(0.0, "um"),
    }
    return optic


def _aperture(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument | None:
    if not any(issubclass(each.cls, devices.FocusingOptic) for each in twin.table.lines().values()):
        return MICROSCOPE[devices.OrderSortingAperture](twin, line, at)
    z = Axis("um", 50.0, 3000.0, 500.0, start=90.0)
    aperture = Motors(at, twin.clock, X=ACROSS, Y=ACROSS, Z=z)
    aperture.channels[at + "DIAMETER"] = readback(Number(OPTIC_PINHOLE, "um"))
    return aperture


BUILDERS: Mapping[type[Device], Builder] = {
    devices.FocusingOptic: _optic,
    devices.OrderSortingAperture: _aperture,
    devices.PiezoStage: lambda twin, line, at: Motors(at, twin.clock, X=PIEZO, Y=PIEZO, Z=PIEZO),
}
