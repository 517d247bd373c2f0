"""Continuous scan: the energy sweeps at constant speed, gap following, while counters count."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from ophyd.utils import LimitError

from ._beam import Beam
from ._channels import Integer, Number, Rejected
from ._clock import Clock
from ._counters import Electrometer
from ._motion import Tabulated
from ._motor import MotorRecord
from ._timed import CAPACITY, TimedScan, setting

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


class ContinuousScan(TimedScan):
    """Records rows of time, energy, helicity and currents."""

    def __init__(
        self, prefix: str, clock: Clock, beam: Beam, counters: Mapping[str, Electrometer]
    ) -> None:
        super().__init__(
            prefix,
            clock,
            beam,
            settings={
                "START": Number(700.0, "eV"),
                "STOP": Number(740.0, "eV"),
                "POINTS": setting(Integer(401), 2, CAPACITY),
                "DWELL": setting(Number(0.1, "s"), 1e-6, 3600.0),
            },
            columns={"ENERGY": "eV"},
            counters=counters,
            counted=COUNTED,
        )

    def _axes(self) -> list[MotorRecord]:
        mono, undulator = self._beam.mono, self._beam.undulator
        if mono is None or undulator is None:
            raise Rejected
        return [mono["ENERGY"], undulator["GAP"]]

    def _plan(self) -> _Rows:
        energy, _ = self._axes()
        energies = np.linspace(self._get("START"), self._get("STOP"), int(self._get("POINTS")))
        if not energy.get("LLM") <= energies.min() <= energies.max() <= energy.get("HLM"):
            raise Rejected
        try:
            gaps = self._beam.gaps(energies, self._clock.now())
        except LimitError:
            raise Rejected from None
        return _Rows(energies, gaps, self._get("DWELL"))

    async def _fly(self, plan: _Rows) -> None:
        energy, gap = self._axes()
        arrived = await asyncio.gather(
            energy.move(float(plan.ends()[0])), gap.move(float(plan.gaps[0]))
        )
        if not all(arrived) or self._aborted.is_set():
            return
        total = len(plan.energies)
        started = self._clock.now()
        begins = started + plan.dwell * np.arange(total)
        last = started + plan.dwell * total
        self._lock(started)
        sweep = Tabulated(np.array([started, last]), plan.ends())
        following = Tabulated(begins + plan.dwell / 2, plan.gaps)
        up = bool(plan.energies[-1] > plan.energies[0])
        moves = [
            asyncio.create_task(energy.travel(sweep, up=up, since=started)),
            asyncio.create_task(gap.travel(following, up=up, since=started)),
        ]
        moves[0].add_done_callback(lambda move: None if move.result() else self._aborted.set())
        middles = begins + plan.dwell / 2
        complete = await self._record_all(
            begins, plan.dwell, lambda rows: {"ENERGY": energy.where(middles[rows])}
        )
        if not complete:
            await gap.stop()
        await asyncio.gather(*moves)
