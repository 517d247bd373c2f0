"""Continuous scan: the energy sweeps at constant speed, gap following, while counters count."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ophyd.utils import LimitError

from ._beam import Beam
from ._channels import Channel, Integer, Number, Rejected, Waveform, readback
from ._clock import Clock
from ._counters import Electrometer
from ._instruments import Instrument
from ._motion import Tabulated
from ._motor import POST_PERIOD, MotorRecord

POINTS_MAX = 20_000
COUNTED = {"I0": "i0", "TEY": "tey", "TFY": "tfy"}  # column: electrometer


@dataclass(frozen=True, slots=True)
class _Rows:
    """Rows of a sweep: the middle of row ``n`` is at ``energies[n]`` with ``gaps[n]``."""

    energies: np.ndarray  # (n,) eV
    gaps: np.ndarray  # (n,) mm
    dwell: float  # s

    def ends(self) -> np.ndarray:
        """Energies [eV] half a row before the first and after the last."""
        half = (self.energies[1] - self.energies[0]) / 2
        return np.array([self.energies[0] - half, self.energies[-1] + half])


class ContinuousScan(Instrument):
    """Records rows of time, energy and currents; a put of RUN completes with the sweep."""

    def __init__(
        self, prefix: str, clock: Clock, beam: Beam, counters: Mapping[str, Electrometer]
    ) -> None:
        super().__init__()
        self._clock, self._beam, self._counters = clock, beam, counters
        self._aborted = asyncio.Event()
        self._scan: asyncio.Task[None] | None = None
        self._own = {
            "START": Number(700.0, "eV"),
            "STOP": Number(740.0, "eV"),
            "POINTS": Integer(401),
            "DWELL": Number(0.1, "s"),
            "RUN": Integer(0),
            "RUNNING": readback(Integer(0)),
            "COUNT": readback(Integer(0)),
        }
        units = {"TIME": "s", "ENERGY": "eV", "I0": "A", "TEY": "A", "TFY": "A"}
        self._columns = {name: Waveform(POINTS_MAX, unit) for name, unit in units.items()}
        self._own["RUN"].on_put = self._put
        self._own["POINTS"].on_put = self._set_points
        self._own["DWELL"].on_put = self._set_dwell
        every: dict[str, Channel] = {**self._own, **self._columns}
        self.channels = {prefix + name: channel for name, channel in every.items()}

    def _get(self, name: str) -> float:
        return float(self._own[name].value)

    async def _set_points(self, value: int) -> None:
        if not 2 <= value <= POINTS_MAX:
            raise Rejected
        await self._own["POINTS"].post(value)

    async def _set_dwell(self, value: float) -> None:
        if not 0.0 < value <= 3600.0:
            raise Rejected
        await self._own["DWELL"].post(value)

    async def _put(self, value: int) -> None:
        mono, undulator = self._beam.mono, self._beam.undulator
        if mono is None or undulator is None or (value and self._scan is not None):
            raise Rejected
        energy, gap = mono["ENERGY"], undulator["GAP"]
        if not value:
            if self._scan is not None:
                self._aborted.set()
                await energy.stop()
            return
        self._scan = asyncio.create_task(self._run(self._plan(energy), energy, gap))
        await asyncio.shield(self._scan)

    def _plan(self, energy: MotorRecord) -> _Rows:
        energies = np.linspace(self._get("START"), self._get("STOP"), int(self._get("POINTS")))
        if not energy.get("LLM") <= energies.min() <= energies.max() <= energy.get("HLM"):
            raise Rejected
        try:
            gaps = self._beam.gaps(energies, self._clock.now())
        except LimitError:
            raise Rejected from None
        return _Rows(energies, gaps, self._get("DWELL"))

    async def _run(self, rows: _Rows, energy: MotorRecord, gap: MotorRecord) -> None:
        self._aborted.clear()
        try:
            await self._own["COUNT"].post(0)
            for column in self._columns.values():
                await column.post(np.zeros(POINTS_MAX))
            await self._own["RUN"].post(1)
            await self._own["RUNNING"].post(1)
            arrived = await asyncio.gather(
                energy.move(float(rows.ends()[0])), gap.move(float(rows.gaps[0]))
            )
            if all(arrived) and not self._aborted.is_set():
                await self._sweep(rows, energy, gap)
        finally:
            self._scan = None
            await asyncio.gather(energy.agree(), gap.agree())
            await self._own["RUNNING"].post(0)
            await self._own["RUN"].post(0)

    async def _sweep(self, rows: _Rows, energy: MotorRecord, gap: MotorRecord) -> None:
        total = len(rows.energies)
        started = self._clock.now()
        begins = started + rows.dwell * np.arange(total)
        last = started + rows.dwell * total
        sweep = Tabulated(np.array([started, last]), rows.ends())
        following = Tabulated(begins + rows.dwell / 2, rows.gaps)
        up = bool(rows.energies[-1] > rows.energies[0])
        moves = [
            asyncio.create_task(energy.travel(sweep, up=up, since=started)),
            asyncio.create_task(gap.travel(following, up=up, since=started)),
        ]
        moves[0].add_done_callback(lambda move: None if move.result() else self._aborted.set())
        done = 0
        while done < total and not self._aborted.is_set():
            await self._clock.reach(last, self._aborted, POST_PERIOD)
            upto = min(int((self._clock.now() - started) / rows.dwell), total)
            if upto > done and not self._aborted.is_set():
                await self._record(slice(done, upto), begins, rows.dwell, energy)
                done = upto
        if done < total:
            await gap.stop()
        await asyncio.gather(*moves)

    async def _record(
        self, rows: slice, begins: np.ndarray, dwell: float, energy: MotorRecord
    ) -> None:
        at = begins[rows]
        fresh = {
            "TIME": self._clock.wall(at + dwell / 2),
            "ENERGY": energy.where(at + dwell / 2),
        }
        for column, role in COUNTED.items():
            if role in self._counters:
                fresh[column] = self._counters[role].measure(at, dwell)
        for name, values in fresh.items():
            filled = np.array(self._columns[name].value)
            filled[rows] = values
            await self._columns[name].post(filled)
        # Last, so that who reads COUNT finds that many rows.
        await self._own["COUNT"].post(rows.stop)
