"""From a beamline's table to simulated instruments: one per line, chosen by its device class."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import numpy as np
from ophyd import Device

from nanoterasu.beamlines import Beamline, device, table

from ._axis import Axis
from ._beam import Beam
from ._channels import Channel
from ._clock import Clock
from ._counters import Electrometer
from ._errors import TwinError
from ._instruments import Instrument
from .physics import Sample

START_ENERGY = 700.0  # eV, or the nearest that the beamline has

# Makes the instrument of a line, whose PVs begin with the given prefix; None where the device
# lives in the client alone.
Builder = Callable[["SimulatedBeamline", "device[Any]", str], Instrument | None]


def simulate(beamline: str, *, sample: Sample, speed: float, seed: int) -> SimulatedBeamline:
    """Simulate the beamline with the code ``beamline``.

    Raises
    ------
    TwinError
        If there is no such beamline, or a line of its table cannot be simulated.
    """
    from ._families import BUILDERS

    try:
        found = table(beamline)
    except LookupError as error:
        raise TwinError(str(error.args[0])) from None
    simulated = SimulatedBeamline(found, Clock(speed), sample, seed, BUILDERS)
    for name in simulated.electrometers:
        simulated.beam.current(
            name, np.zeros(1)
        )  # reads and makes its tables now, not at the first dwell
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
    builders
        By device class; that of the nearest base class serves.

    Attributes
    ----------
    code, prefix : str
        Of the beamline, and what stands before its PVs' suffixes.
    table : type[Beamline]
    beam : Beam
        That all stations share; while a line of one station is built, that station's own.
    energy : Axis
        Of the monochromator [eV].
    instruments : dict of str to Instrument
        By name of the line; what lives in the client alone has none.
    electrometers : dict of str to Electrometer
        Those of ``instruments`` that count currents.
    channels : dict of str to Channel
        Of all instruments, by PV name.

    Raises
    ------
    TwinError
        For a line whose device class the twin cannot simulate.
    """

    def __init__(
        self,
        beamline: type[Beamline],
        clock: Clock,
        sample: Sample,
        seed: int,
        builders: Mapping[type[Device], Builder],
    ) -> None:
        self.code = beamline.__name__
        self.prefix = f"TWIN:{self.code}-"
        self.table, self.clock, self.sample, self.seed = beamline, clock, sample, seed
        self.beam = shared = Beam(sample, clock)
        stations: dict[str | None, Beam] = {None: shared}
        self.instruments: dict[str, Instrument] = {}
        self.electrometers: dict[str, Electrometer] = {}
        self.channels: dict[str, Channel] = {}
        low, high = beamline.energy_range
        self.energy = Axis("eV", low, high, 20.0, start=min(max(START_ENERGY, low), high))
        # What all share comes first: each station has the light behind all of that.
        lines = sorted(beamline.lines().items(), key=lambda each: each[1].station is not None)
        for name, line in lines:
            if line.station not in stations:
                stations[line.station] = shared.at_a_station()
            self.beam = stations[line.station]
            build = next((builders[cls] for cls in line.cls.__mro__ if cls in builders), None)
            if build is None:
                raise TwinError(
                    f"The twin of {self.code} cannot simulate its line {name!r}: it knows no "
                    f"{line.cls.__name__}. Teach it one in nanoterasu.twin, next to "
                    f"{', '.join(sorted(cls.__name__ for cls in builders))}."
                )
            built = build(self, line, self.prefix + line.suffix)
            if built is not None:
                self.instruments[name] = built
                self.channels |= built.channels
        self.beam = shared

    def noise(self, name: str) -> list[int]:
        """Seed of the instrument ``name``: its own, whatever else the beamline has."""
        return [self.seed, *name.encode()]

    def background(self) -> list[Coroutine[Any, Any, None]]:
        """Return what runs as long as the IOC."""
        return [each for built in self.instruments.values() for each in built.background()]
