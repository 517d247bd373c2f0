"""What most beamlines have: source, optics, electrometers, magnet, manipulator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device
from nanoterasu.devices import UNDULATOR_PERIOD, gap_for

from .._axis import Axis
from .._counters import Electrometer
from .._errors import TwinError
from .._instruments import Instrument, Manipulator, Mono, Motors, Ring, Shutter
from .._magnet import Magnet
from .._sweep import ContinuousScan
from .._table import Builder, SimulatedBeamline
from ..physics import ELECTROMETERS, FINER

SLIT_AXES = {
    "HGAP": Axis("mm", 0.0, 20.0, 1.0, start=2.0),
    "VGAP": Axis("mm", 0.0, 20.0, 1.0, start=2.0),
    "HCEN": Axis("mm", -10.0, 10.0, 1.0),
    "VCEN": Axis("mm", -10.0, 10.0, 1.0),
}

ROTATIONS = {
    "TILT": Axis("deg", -90.0, 90.0, 5.0),
    "PHI": Axis("deg", -180.0, 180.0, 5.0),
}


def _undulator(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    beam = twin.beam
    beam.period = line.settings.get("period", UNDULATOR_PERIOD)
    gap = gap_for(twin.energy.start, "linear_horizontal", beam.period)
    phase = beam.period / 2 + 1.0
    beam.undulator = Motors(
        at,
        twin.clock,
        GAP=Axis("mm", 12.0, 200.0, 5.0, start=gap),
        PHASE=Axis("mm", -phase, phase, 4.0),
    )
    return beam.undulator


def _slits(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    slits = Motors(at, twin.clock, **SLIT_AXES)
    twin.beam.slits.append(slits)
    return slits


def _mono(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    twin.beam.mono = Mono(at, twin.clock, twin.energy)
    twin.beam.resolving = FINER.get(twin.code, ())
    return twin.beam.mono


def _exit_slit(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    axis = Axis("um", 0.0, 500.0, 50.0, start=30.0)
    twin.beam.exit_slit = Motors(at, twin.clock, GAP=axis)
    return twin.beam.exit_slit


def _shutter(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    twin.beam.shutter = Shutter(at, twin.clock)
    return twin.beam.shutter


def _magnet(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    rules = line.settings.get("ramp_rules", devices.Magnet.RAMP_RULES)
    twin.beam.magnet = Magnet(at, twin.clock, twin.beam.sample, rules)
    return twin.beam.magnet


def _manipulator(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    twin.beam.manipulator = Manipulator(at, twin.clock)
    return twin.beam.manipulator


def _six_axes(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    twin.beam.manipulator = Manipulator(at, twin.clock, **ROTATIONS)
    return twin.beam.manipulator


def _electrometer(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    name = line.name
    if name not in ELECTROMETERS:
        raise TwinError(
            f"The twin does not know what the electrometer {name!r} stands for; it has "
            f"{', '.join(ELECTROMETERS)}. Use one of these names, or teach it this one."
        )
    beam = twin.beam
    built = Electrometer(
        at,
        twin.clock,
        lambda t: beam.current(name, t),
        ELECTROMETERS[name],
        twin.noise(name),
    )
    twin.electrometers[name] = built
    return built


BUILDERS: Mapping[type[Device], Builder] = {
    devices.RingCurrent: lambda twin, line, at: Ring(at, twin.clock),
    devices.Apple2: _undulator,
    devices.Slits: _slits,
    devices.GratingMono: _mono,
    devices.PhotonEnergy: lambda twin, line, at: None,
    devices.ExitSlit: _exit_slit,
    devices.Shutter: _shutter,
    devices.Electrometer: _electrometer,
    devices.Magnet: _magnet,
    devices.Manipulator: _manipulator,
    devices.SixAxisManipulator: _six_axes,
    devices.ContinuousScan: lambda twin, line, at: ContinuousScan(
        at, twin.clock, twin.beam, twin.electrometers
    ),
}
