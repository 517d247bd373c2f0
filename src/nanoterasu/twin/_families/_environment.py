"""What a sample is exposed to: gas, heat, potential and bias."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Iterable, Mapping
from typing import Any

from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device

from .._channels import Choice, Number, readback
from .._clock import Clock
from .._controllers import (
    Controlled,
    HeatedManipulator,
    Joined,
    Lagging,
    MassFlow,
)
from .._instruments import Instrument
from .._motor import POST_PERIOD
from .._table import Builder, SimulatedBeamline
from ..physics import cell_current


def _gas_cell(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    chamber, clock = twin.beam.chamber, twin.clock
    oxygen = MassFlow(f"{at}OXYGEN", clock, "O2", chamber.reckon)
    hydrogen = MassFlow(f"{at}HYDROGEN", clock, "H2", chamber.reckon)
    pressure = Lagging(
        f"{at}PRESSURE",
        clock,
        chamber.pressure,
        near=0.008,
        units="mbar",
        low=0.0,
        high=20.0,
        start=0.0,
        rate=2.0,
        before=chamber.reckon,
    )
    chamber.oxygen, chamber.hydrogen, chamber.setpoint = oxygen, hydrogen, pressure
    return Joined(at, oxygen=oxygen, hydrogen=hydrogen, pressure=pressure)


def _manipulator(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    manipulator = HeatedManipulator(at, twin.clock, twin.beam.chamber.reckon)
    twin.beam.manipulator = manipulator
    twin.beam.chamber.temperature = manipulator.cryostat
    return manipulator


class _Potentiostat(Joined):
    """Potential, mode and current."""

    def __init__(self, at: str, clock: Clock, twin: SimulatedBeamline) -> None:
        self._clock, self._chamber = clock, twin.beam.chamber
        potential = Controlled(
            f"{at}POTENTIAL",
            clock,
            units="V",
            low=-2.0,
            high=2.0,
            start=0.0,
            rate=6.0,
            before=self._chamber.reckon,
        )
        super().__init__(at, potential=potential)
        self._chamber.potential = potential
        self._mode = Choice(0, devices.MODES)
        self._mode.on_put = self._set_mode
        self._switched = asyncio.Event()
        self._current = readback(Number(0.0, "A", precision=12))
        self.channels |= {f"{at}MODE": self._mode, f"{at}CURRENT": self._current}

    async def _set_mode(self, value: int) -> None:
        self._chamber.reckon()
        self._chamber.controlled = bool(value)
        await self._mode.post(value)
        self._switched.set()

    def background(self) -> Iterable[Coroutine[Any, Any, None]]:
        """Post the current, which goes on while the surface changes."""
        yield from super().background()
        yield self._publish()

    async def _publish(self) -> None:
        posted = None
        while True:
            now = self._clock.now()
            potential = self._chamber.potential
            assert potential is not None
            volt = float(potential.where(now)) if self._chamber.controlled else None
            current = cell_current(float(self._chamber.at(now).oxide), volt)
            if current != posted:
                await self._current.post(current)
            posted = current
            self._switched.clear()
            # Without control no current flows, until somebody asks for control.
            period = POST_PERIOD if self._chamber.controlled else math.inf
            await self._clock.reach(math.inf, self._switched, period)


def _bias(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    voltage = Controlled(
        f"{at}VOLTAGE", twin.clock, units="V", low=-100.0, high=100.0, start=0.0, rate=600.0
    )
    twin.beam.chamber.bias = voltage
    return Joined(at, voltage=voltage)


BUILDERS: Mapping[type[Device], Builder] = {
    devices.GasCell: _gas_cell,
    devices.HeatedManipulator: _manipulator,
    devices.Potentiostat: lambda twin, line, at: _Potentiostat(at, twin.clock, twin),
    devices.BiasSource: _bias,
}
