"""From a beamline's table to simulated instruments: one per line, chosen by its device class."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from ophyd import Device

from nanoterasu.beamlines import Beamline, table
from nanoterasu.devices import (
    UNDULATOR_PERIOD,
    Apple2,
    ExitSlit,
    GratingMono,
    PhotonEnergy,
    RingCurrent,
    Slits,
    gap_for,
)
from nanoterasu.devices import ContinuousScan as ContinuousScanDevice
from nanoterasu.devices import Electrometer as ElectrometerDevice
from nanoterasu.devices import Magnet as MagnetDevice
from nanoterasu.devices import Manipulator as ManipulatorDevice
from nanoterasu.devices import Shutter as ShutterDevice

from ._axis import Axis
from ._beam import Beam
from ._channels import Channel
from ._clock import Clock
from ._counters import Electrometer
from ._errors import TwinError
from ._instruments import Instrument, Magnet, Manipulator, Mono, Motors, Ring, Shutter
from ._sweep import ContinuousScan
from .physics import ELECTROMETERS, Counter, Sample

START_ENERGY = 700.0  # eV, or the nearest that the beamline has
SLIT_AXES = {
    "HGAP": Axis("mm", 0.0, 20.0, 1.0, start=2.0),
    "VGAP": Axis("mm", 0.0, 20.0, 1.0, start=2.0),
    "HCEN": Axis("mm", -10.0, 10.0, 1.0),
    "VCEN": Axis("mm", -10.0, 10.0, 1.0),
}


def simulate(beamline: str, *, sample: Sample, speed: float, seed: int) -> SimulatedBeamline:
    """Simulate the beamline with the code ``beamline``.

    Raises
    ------
    TwinError
        If there is no such beamline, or a line of its table cannot be simulated.
    """
    try:
        found = table(beamline)
    except LookupError as error:
        raise TwinError(str(error.args[0])) from None
    simulated = SimulatedBeamline(found, Clock(speed), sample, seed)
    if simulated.beam.mono is not None:
        simulated.beam.currents(0.0)  # reads the tables of absorption now, not at the first dwell
    return simulated


class SimulatedBeamline:
    """Every instrument of a beamline's table, joined by one beam.

    Parameters
    ----------
    beamline
        The table.
    clock
        Instrument time.
    sample
        On the manipulator.
    seed
        Of all counting noise.

    Attributes
    ----------
    code, prefix : str
        Of the beamline, and what stands before its PVs' suffixes.
    instruments : dict of str to Instrument
        By name of the line; what lives in the client alone has none.
    channels : dict of str to Channel
        Of all instruments, by PV name.

    Raises
    ------
    TwinError
        For a line whose device class the twin cannot simulate.
    """

    def __init__(self, beamline: type[Beamline], clock: Clock, sample: Sample, seed: int) -> None:
        self.code = beamline.__name__
        self.prefix = f"TWIN:{self.code}-"
        self.beam = Beam(sample)
        self.instruments: dict[str, Instrument] = {}
        self.channels: dict[str, Channel] = {}
        self._clock, self._seed = clock, seed
        self._electrometers: dict[str, Electrometer] = {}
        low, high = beamline.energy_range
        self._energy = Axis("eV", low, high, 20.0, start=min(max(START_ENERGY, low), high))
        builders: dict[type[Device], Callable[[str, str], Instrument | None]] = {
            RingCurrent: lambda name, at: Ring(at, clock),
            Apple2: self._undulator,
            Slits: self._front_slits,
            GratingMono: self._mono,
            PhotonEnergy: lambda name, at: None,
            ExitSlit: self._exit_slit,
            ShutterDevice: self._shutter,
            ElectrometerDevice: self._electrometer,
            MagnetDevice: self._magnet,
            ManipulatorDevice: self._manipulator,
            ContinuousScanDevice: lambda name, at: ContinuousScan(
                at, clock, self.beam, self._electrometers
            ),
        }
        for name, line in beamline.lines().items():
            if line.cls not in builders:
                raise TwinError(
                    f"The twin of {beamline.__name__} cannot simulate its line {name!r}: it knows "
                    f"no {line.cls.__name__}. Teach it one in nanoterasu.twin, next to "
                    f"{', '.join(sorted(cls.__name__ for cls in builders))}."
                )
            built = builders[line.cls](name, self.prefix + line.suffix)
            if built is not None:
                self.instruments[name] = built
                self.channels |= built.channels

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """Return what runs as long as the IOC."""
        return [each for built in self.instruments.values() for each in built.background()]

    def _undulator(self, name: str, at: str) -> Instrument:
        gap = gap_for(self._energy.start, "linear_horizontal")
        phase = UNDULATOR_PERIOD / 2 + 1.0
        self.beam.undulator = Motors(
            at,
            self._clock,
            GAP=Axis("mm", 12.0, 200.0, 5.0, start=gap),
            PHASE=Axis("mm", -phase, phase, 4.0),
        )
        return self.beam.undulator

    def _front_slits(self, name: str, at: str) -> Instrument:
        slits = Motors(at, self._clock, **SLIT_AXES)
        self.beam.slits.append(slits)
        return slits

    def _mono(self, name: str, at: str) -> Instrument:
        self.beam.mono = Mono(at, self._clock, self._energy)
        return self.beam.mono

    def _exit_slit(self, name: str, at: str) -> Instrument:
        axis = Axis("um", 0.0, 500.0, 50.0, start=30.0)
        self.beam.exit_slit = Motors(at, self._clock, GAP=axis)
        return self.beam.exit_slit

    def _shutter(self, name: str, at: str) -> Instrument:
        self.beam.shutter = Shutter(at, self._clock)
        return self.beam.shutter

    def _magnet(self, name: str, at: str) -> Instrument:
        self.beam.magnet = Magnet(at, self._clock, self.beam.sample)
        return self.beam.magnet

    def _manipulator(self, name: str, at: str) -> Instrument:
        self.beam.manipulator = Manipulator(at, self._clock)
        return self.beam.manipulator

    def _electrometer(self, name: str, at: str) -> Instrument:
        if name not in ELECTROMETERS:
            raise TwinError(
                f"The twin does not know what the electrometer {name!r} stands for; it has "
                f"{', '.join(ELECTROMETERS)}. Use one of these names, or teach it this one."
            )
        # Each electrometer has noise of its own, the same whatever else the beamline has.
        seed = [self._seed, *name.encode()]
        counter: Counter = ELECTROMETERS[name]
        built = Electrometer(at, self._clock, self.beam, name, counter, seed)
        self._electrometers[name] = built
        return built
