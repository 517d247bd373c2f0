"""One simulated instrument per device class: its channels, and where it truly is at any instant.

Velocities, limits, rates and ranges are assumed, the facility having published none; the
cryostat's temperatures are of the size that the facts file assumes for this station.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Coroutine, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._axis import Axis
from ._channels import Channel, Choice, Integer, Number, Rejected, readback
from ._clock import Clock
from ._motion import Rest, Trajectory, Trapezoid
from ._motor import POST_PERIOD, MotorRecord
from .physics import RING

RING_PERIOD = 1.0  # wall seconds between posts of the ring current
SHUTTER_TRAVEL = 0.2  # s


class Instrument:
    """Channels of one line of a beamline's table.

    Attributes
    ----------
    channels : dict of str to Channel
        By PV name.
    """

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}

    def background(self) -> Iterable[Coroutine[Any, Any, None]]:
        """Coroutines that run as long as the IOC; most instruments have none."""
        return ()


class Motors(Instrument):
    """Some motor records, by the suffixes of their PVs."""

    def __init__(self, prefix: str, clock: Clock, **axes: Axis) -> None:
        super().__init__()
        self.motors: dict[str, MotorRecord] = {}
        for suffix, axis in axes.items():
            self.motors[suffix] = motor = MotorRecord(prefix + suffix, axis, clock)
            self.channels |= motor.channels()

    def __getitem__(self, suffix: str) -> MotorRecord:
        return self.motors[suffix]


class Ring(Instrument):
    """The machine: its stored current."""

    def __init__(self, prefix: str, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._current = readback(Number(RING.design_current, "mA"))
        self.channels = {prefix + "CURRENT": self._current}

    def background(self) -> Iterable[Coroutine[Any, Any, None]]:
        """Post the current."""
        yield self._publish()

    async def _publish(self) -> None:
        while True:
            await self._current.post(float(RING.current(self._clock.now())))
            await asyncio.sleep(RING_PERIOD)


class Mono(Motors):
    """Monochromator: two axes and what is engraved on its grating."""

    def __init__(self, prefix: str, clock: Clock, energy: Axis) -> None:
        super().__init__(prefix, clock, ENERGY=energy, GRATING=Axis("mm", -50.0, 50.0, 2.0))
        self.channels[prefix + "CFF"] = readback(Number(2.25))
        self.channels[prefix + "LINES"] = readback(Number(600.0, "1/mm"))


class Shutter(Instrument):
    """A shutter, open when the IOC starts."""

    def __init__(self, prefix: str, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self.opening: Trajectory = Rest(1.0)
        self._command = Choice(1, ("Close", "Open"))
        self._state = readback(Choice(1, ("Closed", "Open")))
        self._command.on_put = self._move
        self.channels = {prefix + "COMMAND": self._command, prefix + "STATE": self._state}

    async def _move(self, target: int) -> None:
        now = self._clock.now()
        start = float(self.opening.at(now))
        self.opening = moving = Trapezoid(now, start, float(target), 1.0 / SHUTTER_TRAVEL)
        await self._command.post(target)
        await self._clock.reach(moving.end, asyncio.Event())
        if self.opening is moving:
            await self._state.post(target)


class Ramped(Instrument):
    """A value that ramps to its set point: what a field and a temperature have in common.

    Parameters
    ----------
    names : (3,) tuple of str
        PVs of set point, read-back, done flag.
    low, high : float
        What the set point may be; anything else is rejected.
    """

    def __init__(
        self,
        names: tuple[str, str, str],
        clock: Clock,
        *,
        units: str,
        low: float,
        high: float,
        start: float,
        rate: Number,
    ) -> None:
        super().__init__()
        self._clock, self._low, self._high, self._rate = clock, low, high, rate
        self.trajectory: Trajectory = Rest(start)
        self._setpoint = Number(start, units)
        self._readback = readback(Number(start, units))
        self._done = readback(Integer(1))
        self._changed = asyncio.Event()
        self._ramp: asyncio.Task[None] | None = None
        self._setpoint.on_put = self._start
        self.channels = dict(zip(names, (self._setpoint, self._readback, self._done), strict=True))

    def where(self, t: ArrayLike) -> np.ndarray:
        """True value at the instants ``t`` [s]."""
        return self.trajectory.at(t)

    async def _start(self, value: float) -> None:
        if not self._low <= value <= self._high:
            raise Rejected
        await self._setpoint.post(value)
        now = self._clock.now()
        start = float(self.where(now))
        await self._go(Trapezoid(now, start, value, float(self._rate.value) / 60.0))

    async def _go(self, trajectory: Trajectory) -> None:
        self._redirect(trajectory)
        await self._done.post(0)
        if self._ramp is None:
            self._ramp = asyncio.create_task(self._run())
        else:
            self._changed.set()

    def _redirect(self, trajectory: Trajectory) -> None:
        self.trajectory = trajectory

    async def halt(self, value: int) -> None:
        """Stay where it is."""
        if value and self._ramp is not None:
            here = float(self.where(self._clock.now()))
            self._redirect(Rest(here))
            await self._setpoint.post(here)
            self._changed.set()

    async def _passed(self, value: float, end: float) -> None:
        """What happens at ``value`` on the way; the ramp ends at ``end`` [s]."""

    async def _run(self) -> None:
        while True:
            trajectory = self.trajectory
            arrived = self._clock.now() >= trajectory.end
            here = float(self.where(self._clock.now()))
            await self._readback.post(here)
            await self._passed(here, trajectory.end)
            if arrived and trajectory is self.trajectory:
                break
            self._changed.clear()
            await self._clock.reach(trajectory.end, self._changed, POST_PERIOD)
        self._ramp = None
        await self._done.post(1)


class Manipulator(Motors):
    """Sample manipulator with its cryostat, and ``more`` axes where it has them."""

    def __init__(self, prefix: str, clock: Clock, **more: Axis) -> None:
        linear = Axis("mm", -15.0, 15.0, 1.0)
        turn = Axis("deg", -90.0, 90.0, 5.0)
        super().__init__(prefix, clock, X=linear, Y=linear, Z=linear, THETA=turn, **more)
        self.cryostat = self._thermostat(prefix, clock)
        self.channels |= self.cryostat.channels

    def _thermostat(self, prefix: str, clock: Clock) -> Ramped:
        self._rate = Number(10.0, "K/min")
        self._rate.on_put = self._set_rate
        names = ("TEMPERATURE", "TEMPERATURE_RBV", "TEMPERATURE_DONE")
        cryostat = Ramped(
            (prefix + names[0], prefix + names[1], prefix + names[2]),
            clock,
            units="K",
            low=4.0,
            high=400.0,
            start=300.0,
            rate=self._rate,
        )
        cryostat.channels[prefix + "TEMPERATURE_RATE"] = self._rate
        return cryostat

    async def _set_rate(self, value: float) -> None:
        if not (math.isfinite(value) and value > 0.0):
            raise Rejected
        await self._rate.post(value)
