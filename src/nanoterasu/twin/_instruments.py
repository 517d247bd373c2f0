"""One simulated instrument per device class: its channels, and where it truly is at any instant.

Velocities, limits, rates and ranges are assumed, the facility having published none; the magnet's
7 T and the cryostat's temperatures are of the size that the facts file assumes for this station.
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
from .physics import RING, Sample, follow, magnetisation

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
        self._redirect(Trapezoid(now, start, value, float(self._rate.value) / 60.0))
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

    async def _run(self) -> None:
        while True:
            trajectory = self.trajectory
            arrived = self._clock.now() >= trajectory.end
            await self._readback.post(float(self.where(self._clock.now())))
            if arrived and trajectory is self.trajectory:
                break
            self._changed.clear()
            await self._clock.reach(trajectory.end, self._changed, POST_PERIOD)
        self._ramp = None
        await self._done.post(1)


class Magnet(Ramped):
    """Superconducting magnet along the beam, and the loop that the sample runs through in it."""

    FIELD_MAX = 7.0  # T
    RATE_MAX = 2.0  # T/min

    def __init__(self, prefix: str, clock: Clock, sample: Sample) -> None:
        self._sample = sample
        self._inner = 0.0  # T, of the loop, when the present trajectory began
        rate = Number(1.0, "T/min")
        names = (prefix + "FIELD", prefix + "FIELD_RBV", prefix + "DONE")
        limits = {"low": -self.FIELD_MAX, "high": self.FIELD_MAX}
        super().__init__(names, clock, units="T", start=0.0, rate=rate, **limits)
        rate.on_put = self._set_rate
        stop = Integer(0)
        stop.on_put = self.halt
        self.channels |= {
            prefix + "STOP": stop,
            prefix + "RATE": rate,
            prefix + "RATE_MAX": readback(Number(self.RATE_MAX, "T/min")),
            prefix + "FIELD_MAX": readback(Number(self.FIELD_MAX, "T")),
        }

    async def _set_rate(self, value: float) -> None:
        if not 0.0 < value <= self.RATE_MAX:
            raise Rejected
        await self._rate.post(value)

    def _redirect(self, trajectory: Trajectory) -> None:
        # Between two redirections the field is monotonic, which `follow` needs.
        self._inner = float(self._inner_at(self._clock.now()))
        super()._redirect(trajectory)

    def _inner_at(self, t: ArrayLike) -> np.ndarray:
        return follow(self._inner, self.where(t), self._sample.coercive_field)

    def magnetisation(self, t: ArrayLike) -> np.ndarray:
        """Magnetisation of the sample along the beam, as a fraction of saturation [1]."""
        return magnetisation(self._inner_at(t), self._sample)


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
