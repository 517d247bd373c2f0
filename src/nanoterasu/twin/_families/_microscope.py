"""Microscopes with a zone plate: their optics, stages and raster scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device
from nanoterasu.devices import focal_length

from .._axis import Axis
from .._channels import Number, readback
from .._helicity import HelicitySwitch
from .._instruments import Instrument, Motors
from .._microscope import Microscope
from .._raster import RasterScan
from .._table import Builder, SimulatedBeamline
from ..physics import APERTURE_DIAMETER, OUTERMOST_ZONE, ZONE_PLATE_DIAMETER

# Velocities and ranges are assumed, of the size usual for such stages.
ACROSS = Axis("um", -500.0, 500.0, 100.0)
COARSE = Axis("mm", -5.0, 5.0, 1.0)
PIEZO = Axis("um", -50.0, 50.0, 1000.0, ramp=0.005)
RESOLUTION = 0.002  # um, of the fine stage


def _microscope(twin: SimulatedBeamline) -> Microscope:
    if twin.beam.microscope is None:
        twin.beam.microscope = Microscope(twin.beam)
    return twin.beam.microscope


def _zone_plate(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    start = focal_length(twin.energy.start, ZONE_PLATE_DIAMETER, OUTERMOST_ZONE)
    plate = Motors(at, twin.clock, X=ACROSS, Y=ACROSS,
                   Z=Axis("um", 1500.0, 12000.0, 1000.0, start=start))  # fmt: skip
    plate.channels |= {
        at + "DIAMETER": readback(Number(ZONE_PLATE_DIAMETER, "um")),
        at + "OUTERMOST_ZONE": readback(Number(OUTERMOST_ZONE, "nm")),
        at + "FOCUS_OFFSET": Number(0.0, "um"),
    }
    _microscope(twin).zone_plate = plate
    return plate


def _aperture(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    z = Axis("um", 100.0, 3000.0, 500.0, start=500.0)
    aperture = Motors(at, twin.clock, X=ACROSS, Y=ACROSS, Z=z)
    aperture.channels[at + "DIAMETER"] = readback(Number(APERTURE_DIAMETER, "um"))
    _microscope(twin).aperture = aperture
    return aperture


def _fine(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    fine = Motors(at, twin.clock, X=PIEZO, Y=PIEZO)
    fine.channels[at + "RESOLUTION"] = readback(Number(RESOLUTION, "um"))
    _microscope(twin).fine = fine
    return fine


def _coarse(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    _microscope(twin).coarse = coarse = Motors(at, twin.clock, X=COARSE, Y=COARSE, Z=COARSE)
    return coarse


def _switch(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    twin.beam.switch = HelicitySwitch(at, twin.clock, twin.beam)
    return twin.beam.switch


BUILDERS: Mapping[type[Device], Builder] = {
    devices.ZonePlate: _zone_plate,
    devices.OrderSortingAperture: _aperture,
    devices.FineStage: _fine,
    devices.CoarseStage: _coarse,
    devices.HelicitySwitch: _switch,
    devices.FocusedEnergy: lambda twin, line, at: None,
    devices.RasterScan: lambda twin, line, at: RasterScan(
        at, twin.clock, twin.beam, twin.electrometers
    ),
}
