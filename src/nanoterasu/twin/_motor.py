"""A motor record without a motor: event driven, exact, and with the faults that tests need.

Served are the fields that a client of motors uses.  Positions inside are dial positions; the user's
are ``dial * direction + offset``.
"""

from __future__ import annotations

import asyncio
import math

import numpy as np
from numpy.typing import ArrayLike

from ._axis import FAULTS, Axis, fields
from ._channels import Channel
from ._clock import Clock
from ._motion import Rest, Trajectory, Trapezoid

POST_PERIOD = 0.1  # wall seconds between read-backs of a moving axis


class MotorRecord:
    """A simulated axis behind the fields of a motor record.

    Writing ``TWIN_FAULT`` makes the next moves fail: "Stall" never arrives and never says done
    (until STOP), "Slip" says done half way.

    Parameters
    ----------
    name : str
        The record.
    axis : Axis
    clock : Clock
    """

    def __init__(self, name: str, axis: Axis, clock: Clock) -> None:
        self.name, self.axis, self._clock = name, axis, clock
        self._trajectory: Trajectory = Rest(axis.start)
        self._before, self._since = self._trajectory, -math.inf
        self._arrival: asyncio.Future[bool] | None = None
        self._changed = asyncio.Event()
        self._driver: asyncio.Task[None] | None = None
        self.fields = fields(axis)
        hooks = {
            "VAL": self._value_put,
            "STOP": self._stop_put,
            "OFF": self._offset_put,
            "DIR": self._direction_put,
            "HOMF": self._home_put,
            "HOMR": self._home_put,
        }
        for field, hook in hooks.items():
            self.fields[field].on_put = hook
        self.fields["HLM"].on_put = lambda value: self._limit_put("HLM", value)
        self.fields["LLM"].on_put = lambda value: self._limit_put("LLM", value)

    def channels(self) -> dict[str, Channel]:
        """Channels by PV name; the record's own name is its VAL."""
        named = {f"{self.name}.{field}": channel for field, channel in self.fields.items()}
        return {self.name: self.fields["VAL"]} | named

    def where(self, t: ArrayLike) -> np.ndarray:
        """Position [units] at the instants ``t`` [s], true and without noise."""
        # One trajectory back: a detector asks for the time since its dwell began.
        now = self._trajectory.at(t)
        return np.where(np.asarray(t) < self._since, self._before.at(t), now)

    def _redirect(self, trajectory: Trajectory, since: float | None = None) -> None:
        self._before = self._trajectory
        self._since = self._clock.now() if since is None else since
        self._trajectory = trajectory

    @property
    def moving(self) -> bool:
        """Whether it is on its way."""
        return self._arrival is not None

    def get(self, field: str) -> float:
        """Value of a numeric ``field``."""
        return float(self.fields[field].value)  # type: ignore[attr-defined]

    async def move(self, target: float) -> bool:
        """Go to the dial position ``target`` by a trapezoid; see `travel`."""
        now = self._clock.now()
        start = float(self.where(now))
        trajectory: Trajectory = Trapezoid(
            now, start, target, max(self.get("VELO"), 1e-9), max(self.get("ACCL"), 0.0)
        )
        fault = FAULTS[int(self.get("TWIN_FAULT"))]
        if fault == "Stall":
            trajectory = Rest(start, end=math.inf)
        elif fault == "Slip":
            trajectory = Trapezoid(now, start, (start + target) / 2, trajectory.velocity)
        return await self.travel(trajectory, up=target >= start)

    async def travel(
        self, trajectory: Trajectory, *, up: bool = True, since: float | None = None
    ) -> bool:
        """Follow ``trajectory``, ``since`` an instant [s] or now; one under way is replaced by it.

        Returns
        -------
        bool
            True at the end of the trajectory, False if it was stopped.
        """
        self._redirect(trajectory, since)
        if self._arrival is None:
            self._arrival = asyncio.get_running_loop().create_future()
            await self.fields["TDIR"].post(int(up))
            await self.fields["MOVN"].post(1)
            await self.fields["DMOV"].post(0)
            self._driver = asyncio.create_task(self._drive(self._arrival))
        else:
            self._changed.set()
        return await asyncio.shield(self._arrival)

    async def stop(self) -> None:
        """Halt where it is."""
        if self._arrival is None:
            return
        position = float(self.where(self._clock.now()))
        self._redirect(_Halted(position))
        await self.fields["VAL"].post(self._user(position))
        self._changed.set()

    async def agree(self) -> None:
        """Make the set point what the position is, after a journey that was not asked of VAL."""
        await self.fields["VAL"].post(self._user(float(self.where(self._clock.now()))))

    async def _drive(self, arrival: asyncio.Future[bool]) -> None:
        while True:
            trajectory = self._trajectory
            if self._clock.now() >= trajectory.end:
                await self._post_position()
                if trajectory is self._trajectory:  # not sent elsewhere meanwhile
                    break
                continue
            self._changed.clear()
            await self._clock.reach(trajectory.end, self._changed, POST_PERIOD)
            await self._post_position()
        # From here on a new move is a new journey, even one set by who sees DMOV first.
        self._arrival = None
        await self.fields["MOVN"].post(0)
        await self.fields["DMOV"].post(1)
        arrival.set_result(not isinstance(trajectory, _Halted))

    async def _post_position(self) -> None:
        dial = float(self.where(self._clock.now()))
        await self.fields["DRBV"].post(dial)
        await self.fields["RBV"].post(self._user(dial))

    def _sign(self) -> float:
        return -1.0 if self.get("DIR") else 1.0

    def _user(self, dial: float) -> float:
        return self._sign() * dial + self.get("OFF")

    async def _value_put(self, value: float) -> None:
        if self.get("SET"):
            dial = float(self.where(self._clock.now()))
            await self.fields["VAL"].post(value)
            await self._offset_put(value - self._sign() * dial)
            return
        low, high = self.get("LLM"), self.get("HLM")
        # As in the record: both limits zero means none.
        outside = not math.isfinite(value) or (low < high and not low <= value <= high)
        await self.fields["LVIO"].post(int(outside))
        if outside:
            await self.fields["VAL"].post(self.get("VAL"))
            return
        await self.fields["VAL"].post(value)
        await self.move((value - self.get("OFF")) * self._sign())

    async def _stop_put(self, value: int) -> None:
        if value:
            await self.stop()
        await self.fields["STOP"].post(0)

    async def _home_put(self, value: int) -> None:
        if value:
            await self.fields["VAL"].post(self._user(0.0))
            await self.move(0.0)

    async def _offset_put(self, value: float) -> None:
        shift = value - self.get("OFF")
        await self.fields["OFF"].post(value)
        await self._shift_limits(self.get("LLM") + shift, self.get("HLM") + shift)

    async def _direction_put(self, value: int) -> None:
        if value != self.get("DIR"):
            offset = self.get("OFF")
            low, high = (2 * offset - self.get(field) for field in ("HLM", "LLM"))
            await self.fields["DIR"].post(value)
            await self._shift_limits(low, high)

    async def _limit_put(self, field: str, value: float) -> None:
        limits = {"LLM": self.get("LLM"), "HLM": self.get("HLM")} | {field: value}
        await self._shift_limits(limits["LLM"], limits["HLM"])

    async def _shift_limits(self, low: float, high: float) -> None:
        await self.fields["LLM"].post(low)
        await self.fields["HLM"].post(high)
        value = self.fields["VAL"]
        await value.write_metadata(  # type: ignore[attr-defined]
            lower_ctrl_limit=low, upper_ctrl_limit=high
        )
        if not self.moving:
            await self.agree()
        await self._post_position()


class _Halted(Rest):
    """Where an axis was stopped."""
