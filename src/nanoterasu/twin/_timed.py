"""Hardware-timed scans: what records rows while axes fly, whatever flies."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import numpy as np

from nanoterasu import devices

from ._beam import Beam
from ._channels import Channel, Integer, Number, Rejected, Waveform, readback
from ._clock import Clock
from ._counters import SAMPLES_PER_DWELL, Electrometer
from ._instruments import Instrument
from ._motor import POST_PERIOD, MotorRecord

CAPACITY = devices.TimedScan.CAPACITY  # rows of a ring


class TimedScan(Instrument):
    """Records rows; a put of RUN completes with the scan.

    Parameters
    ----------
    settings
        Channels that say what to do, by suffix.
    columns
        Units of the rings of rows besides TIME and HELICITY, by suffix.
    counters, counted
        Electrometers by name, and the name of each by its column.
    """

    def __init__(
        self,
        prefix: str,
        clock: Clock,
        beam: Beam,
        *,
        settings: Mapping[str, Channel],
        columns: Mapping[str, str],
        counters: Mapping[str, Electrometer],
        counted: Mapping[str, str],
    ) -> None:
        super().__init__()
        self._clock, self._beam, self._counters, self._counted = clock, beam, counters, counted
        self._aborted = asyncio.Event()
        self._room = asyncio.Event()
        self._scan: asyncio.Task[None] | None = None
        self._settings = dict(settings)
        self._state = {
            "RUN": Integer(0),
            "RUNNING": readback(Integer(0)),
            "COUNT": readback(Integer(0)),
            "TAKEN": Integer(0),
        }
        units = {"TIME": "s", "HELICITY": "sign", **columns, **dict.fromkeys(counted, "A")}
        self._columns = {name: Waveform(CAPACITY, unit) for name, unit in units.items()}
        self._state["RUN"].on_put = self._put
        self._state["TAKEN"].on_put = self._take
        every: dict[str, Channel] = {**self._settings, **self._state, **self._columns}
        self.channels = {prefix + name: channel for name, channel in every.items()}

    def _get(self, name: str) -> float:
        return float(self._settings[name].value)  # type: ignore[attr-defined]

    def _axes(self) -> list[MotorRecord]:
        """Axes that fly; `Rejected` where the beamline has not got them."""
        raise NotImplementedError

    def _plan(self) -> Any:
        """What is to be flown; `Rejected` where it cannot be."""
        raise NotImplementedError

    async def _fly(self, plan: Any) -> None:
        """Fly it."""
        raise NotImplementedError

    async def _take(self, value: int) -> None:
        await self._state["TAKEN"].post(value)
        self._room.set()

    async def _put(self, value: int) -> None:
        axes = self._axes()
        if value and self._scan is not None:
            raise Rejected
        if not value:
            if self._scan is not None:
                self._aborted.set()
                self._room.set()
                await asyncio.gather(*(axis.stop() for axis in axes))
            return
        self._scan = asyncio.create_task(self._run(self._plan(), axes))
        await asyncio.shield(self._scan)

    async def _run(self, plan: Any, axes: list[MotorRecord]) -> None:
        self._aborted.clear()
        try:
            for name, value in (("COUNT", 0), ("TAKEN", 0), ("RUN", 1), ("RUNNING", 1)):
                await self._state[name].post(value)
            await self._fly(plan)
        finally:
            self._scan = None
            await asyncio.gather(*(axis.agree() for axis in axes))
            await self._state["RUNNING"].post(0)
            await self._state["RUN"].post(0)

    async def _space(self, rows: int) -> bool:
        """Wait until there is room for ``rows`` more; False if the scan was ended instead."""
        while not self._aborted.is_set():
            if self._done + rows - int(self._state["TAKEN"].value) <= CAPACITY:
                return True
            self._room.clear()
            await self._room.wait()
        return False

    @property
    def _done(self) -> int:
        return int(self._state["COUNT"].value)

    async def _record_all(
        self, begins: np.ndarray, dwell: float, where: Callable[[slice], Mapping[str, Any]]
    ) -> bool:
        """Record rows as their dwells end; False if the scan was ended before the last.

        Parameters
        ----------
        begins : (n,) array [s]
        dwell : float [s]
        where
            Gives the subclass' own columns of some rows.
        """
        done = 0
        while done < len(begins) and not self._aborted.is_set():
            await self._clock.reach(float(begins[-1]) + dwell, self._aborted, POST_PERIOD)
            # A dwell ends with the last digit of its begin.
            now = self._clock.now() + 1e-9
            upto = int(np.searchsorted(begins + dwell, now, side="right"))
            if upto > done and not self._aborted.is_set():
                rows = slice(done, upto)
                await self._record(begins[rows], dwell, where(rows))
                done = upto
        return done == len(begins)

    async def _record(self, begins: np.ndarray, dwell: float, own: Mapping[str, Any]) -> None:
        fresh = {
            "TIME": self._clock.wall(begins + dwell / 2),
            "HELICITY": self._helicity(begins, dwell),
            **own,
        }
        for column, role in self._counted.items():
            if role in self._counters:
                fresh[column] = self._counters[role].measure(begins, dwell)
        end = self._done + len(begins)
        rows = np.arange(self._done, end) % CAPACITY
        for name, values in fresh.items():
            ring = np.array(self._columns[name].value)
            ring[rows] = values
            await self._columns[name].post(ring)
        # Last, so that who reads COUNT finds that many rows.
        await self._state["COUNT"].post(end)

    def _helicity(self, begins: np.ndarray, dwell: float) -> np.ndarray:
        """Helicity of each row: that of all of its dwell, or 0."""
        within = (np.arange(SAMPLES_PER_DWELL) + 0.5) / SAMPLES_PER_DWELL * dwell
        signs = self._beam.helicity(begins[:, None] + within)
        return np.where((signs == signs[:, :1]).all(axis=1), signs[:, 0], 0.0)

    def _lock(self, instant: float) -> None:
        """Begin a half period of the helicity switch at ``instant`` [s]."""
        if self._beam.switch is not None:
            self._beam.switch.lock(instant)


def setting(channel: Number | Integer, low: float, high: float) -> Number | Integer:
    """Return ``channel``, that rejects what is not within ``low`` and ``high``."""

    async def check(value: Any) -> None:
        if not low <= value <= high:
            raise Rejected
        await channel.post(value)

    hook: Callable[[Any], Awaitable[None]] = check
    channel.on_put = hook
    return channel
