"""Simulated controllers: what follows a set point at a rate, and what the gas cell makes of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._channels import Integer, Number, Rejected, Text, readback
from ._clock import Clock
from ._instruments import Instrument, Manipulator, Ramped
from ._motion import Trajectory
from ._motor import POST_PERIOD

IDLE_PERIOD = 1.0  # wall seconds between posts of what only drifts


class Controlled(Ramped):
    """A set point with rate, limits and a stop, all below one name.

    Parameters
    ----------
    before
        Called before the set point changes its course, for who depends on the course so far.
    """

    def __init__(
        self,
        at: str,
        clock: Clock,
        *,
        units: str,
        low: float,
        high: float,
        start: float,
        rate: float,
        before: Callable[[], None] | None = None,
    ) -> None:
        self._before = before
        per_minute = Number(rate, f"{units}/min")
        names = (at, f"{at}_RBV", f"{at}_DONE")
        super().__init__(
            names, clock, units=units, low=low, high=high, start=start, rate=per_minute
        )
        per_minute.on_put = self._set_rate
        stop = Integer(0)
        stop.on_put = self.halt
        self.channels |= {
            f"{at}_STOP": stop,
            f"{at}_RATE": per_minute,
            f"{at}_MIN": readback(Number(low, units)),
            f"{at}_MAX": readback(Number(high, units)),
        }

    async def _set_rate(self, value: float) -> None:
        if not (math.isfinite(value) and value > 0.0):
            raise Rejected
        await self._rate.post(value)

    def _redirect(self, trajectory: Trajectory) -> None:
        if self._before is not None:
            self._before()
        super()._redirect(trajectory)


class Lagging(Controlled):
    """A set point that a value follows in its own time, as the pressure does the valve.

    Parameters
    ----------
    value
        The value at instants [s].
    near
        Distance from the set point that counts as arrival.
    """

    def __init__(
        self,
        at: str,
        clock: Clock,
        value: Callable[[ArrayLike], np.ndarray],
        *,
        near: float,
        **about: Any,
    ) -> None:
        super().__init__(at, clock, **about)
        self._value, self._near = value, near

    def where(self, t: ArrayLike) -> np.ndarray:
        """Value at the instants ``t`` [s]."""
        return self._value(t)

    async def _run(self) -> None:
        last = math.inf
        while True:
            trajectory, now = self.trajectory, self._clock.now()
            value = float(self.where(now))
            await self._readback.post(value)
            target = float(trajectory.at(math.inf))
            # With nothing flowing it never gets there: at rest is then also an end.
            near = abs(value - target) <= self._near
            resting = abs(value - last) <= self._near / 100.0
            if now >= trajectory.end and (near or resting) and trajectory is self.trajectory:
                break
            last = value
            self._changed.clear()
            await self._clock.reach(math.inf, self._changed, POST_PERIOD)
        self._ramp = None
        await self._done.post(1)

    def background(self) -> Iterable[Coroutine[Any, Any, None]]:
        """Post the value while no ramp does: it follows the flow also then."""
        yield self._drift()

    async def _drift(self) -> None:
        posted = math.nan
        while True:
            if self._ramp is None:
                value = float(self.where(self._clock.now()))
                moving = not math.isclose(value, posted, rel_tol=1e-3, abs_tol=1e-6)
                if moving:
                    posted = value
                    await self._readback.post(value)
            else:
                moving = True
            await asyncio.sleep(POST_PERIOD if moving else IDLE_PERIOD)


class HeatedManipulator(Manipulator):
    """Manipulator with a heater; its temperature is what `Controlled` ramps."""

    def __init__(self, prefix: str, clock: Clock, before: Callable[[], None]) -> None:
        self._before = before
        super().__init__(prefix, clock)

    def _thermostat(self, prefix: str, clock: Clock) -> Ramped:
        # To 500 C as published; the rate is assumed.
        return Controlled(
            f"{prefix}TEMPERATURE",
            clock,
            units="K",
            low=290.0,
            high=773.15,
            start=300.0,
            rate=60.0,
            before=self._before,
        )


class Joined(Instrument):
    """Some controllers below one prefix, and single channels with them."""

    def __init__(self, prefix: str, **parts: Instrument) -> None:
        super().__init__()
        self.parts = parts
        for part in parts.values():
            self.channels |= part.channels

    def background(self) -> Iterable[Coroutine[Any, Any, None]]:
        """Return that of the parts."""
        for part in self.parts.values():
            yield from part.background()


class MassFlow(Controlled):
    """Mass-flow controller of one gas."""

    def __init__(self, at: str, clock: Clock, gas: str, before: Callable[[], None]) -> None:
        super().__init__(
            at, clock, units="sccm", low=0.0, high=50.0, start=0.0, rate=600.0, before=before
        )
        self.channels[f"{at}_GAS"] = readback(Text(gas))
