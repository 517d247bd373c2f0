"""Raster scan: the fine stage flies line by line while counters count."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from nanoterasu.devices import RasterScan as Client
from nanoterasu.devices import turn_time

from ._beam import Beam
from ._channels import Integer, Number, Rejected, readback
from ._clock import Clock
from ._counters import Electrometer
from ._motion import Tabulated
from ._motor import POST_PERIOD, MotorRecord
from ._timed import CAPACITY, TimedScan, setting

SETTLE = 0.01  # s, after a step of the slow axis; assumed
COUNTED = {"I0": "i0", "TRANSMISSION": "transmission"}  # column: electrometer


@dataclass(frozen=True, slots=True)
class _Lines:
    """Lines to fly: pixel ``n`` of a line has its middle at ``xs[n]``."""

    xs: np.ndarray  # (n,) um
    ys: np.ndarray  # (lines,) um
    dwell: float  # s
    lead: float  # s, at constant speed before and after a line
    back: float  # s, to fly back
    turn: float  # s, of lead, way back and settling
    image: int

    @property
    def line_time(self) -> float:
        return len(self.xs) * self.dwell + self.turn

    @property
    def ends(self) -> tuple[float, float]:
        """Where a line begins and ends, lead included [um]."""
        speed = (self.xs[1] - self.xs[0]) / self.dwell
        ahead = speed * (self.dwell / 2 + self.lead)
        return float(self.xs[0] - ahead), float(self.xs[-1] + ahead)

    def begins(self, started: float, lines: int) -> np.ndarray:
        """Begin of every pixel [s] of ``lines`` lines from ``started`` [s]."""
        line = started + self.lead + self.line_time * np.arange(lines)
        return (line[:, None] + self.dwell * np.arange(len(self.xs))).ravel()

    def way(self, started: float, first: int, lines: int) -> tuple[Tabulated, Tabulated]:
        """Where the stage is, along x and y, in ``lines`` lines from ``first`` on."""
        begin, end = self.ends
        line = started + self.line_time * np.arange(lines)
        flown = line + 2 * self.lead + len(self.xs) * self.dwell
        returned = flown + self.back
        steps = np.append(self.ys, self.ys[-1])
        x = Tabulated(
            np.stack([line, flown, returned], axis=1).ravel(), np.tile([begin, end, begin], lines)
        )
        here, after = steps[first : first + lines], steps[first + 1 : first + lines + 1]
        y = Tabulated(
            np.stack([line, flown, returned], axis=1).ravel(),
            np.stack([here, here, after], axis=1).ravel(),
        )
        return x, y


class RasterScan(TimedScan):
    """Records rows of time, places, energy, helicity, currents and the image's number."""

    def __init__(
        self, prefix: str, clock: Clock, beam: Beam, counters: Mapping[str, Electrometer]
    ) -> None:
        super().__init__(
            prefix,
            clock,
            beam,
            settings={
                "XSTART": Number(-1.0, "um"),
                "XSTOP": Number(1.0, "um"),
                "COLUMNS": setting(Integer(21), 2, Client.COLUMNS_MAX),
                "YSTART": Number(-1.0, "um"),
                "YSTOP": Number(1.0, "um"),
                "LINES": setting(Integer(21), 1, Client.POINTS_MAX),
                "DWELL": setting(Number(1e-3, "s"), 1e-6, 3600.0),
                "IMAGE": Integer(0),
                "SETTLE": readback(Number(SETTLE, "s")),
            },
            columns={"X": "um", "Y": "um", "Z": "um", "ENERGY": "eV", "NUMBER": "image"},
            counters=counters,
            counted=COUNTED,
        )

    def _axes(self) -> list[MotorRecord]:
        microscope = self._beam.microscope
        if microscope is None or microscope.fine is None or self._beam.mono is None:
            raise Rejected
        return [microscope.fine["X"], microscope.fine["Y"]]

    def _plan(self) -> _Lines:
        x, y = self._axes()
        xs = np.linspace(self._get("XSTART"), self._get("XSTOP"), int(self._get("COLUMNS")))
        ys = np.linspace(self._get("YSTART"), self._get("YSTOP"), int(self._get("LINES")))
        lead, velocity = x.get("ACCL"), x.get("VELO")
        length, dwell = abs(float(xs[-1] - xs[0])), self._get("DWELL")
        turn = turn_time(length, velocity, lead, self._get("SETTLE"), dwell)
        plan = _Lines(xs, ys, dwell, lead, length / velocity, turn, int(self._get("IMAGE")))
        for axis, ends in ((x, plan.ends), (y, (float(ys[0]), float(ys[-1])))):
            if not axis.get("LLM") <= min(ends) <= max(ends) <= axis.get("HLM"):
                raise Rejected
        if length == 0.0 or length / (len(xs) - 1) / dwell > velocity:
            raise Rejected
        return plan

    async def _fly(self, plan: _Lines) -> None:
        x, y = self._axes()
        arrived = await asyncio.gather(x.move(plan.ends[0]), y.move(float(plan.ys[0])))
        if not all(arrived):
            return
        # As many lines at once as pass between two posts, and as fit in half the ring.
        at_once = 1 + int(POST_PERIOD * self._clock.speed / plan.line_time)
        at_once = max(1, min(at_once, CAPACITY // 2 // len(plan.xs)))
        first = 0
        while first < len(plan.ys):
            lines = min(at_once, len(plan.ys) - first)
            room = await self._space(lines * len(plan.xs))
            if not room or not await self._block(plan, first, lines):
                return
            first += lines

    async def _block(self, plan: _Lines, first: int, lines: int) -> bool:
        x, y = self._axes()
        microscope, mono = self._beam.microscope, self._beam.mono
        assert microscope is not None
        assert mono is not None
        started = self._clock.now()
        begins = plan.begins(started, lines)
        middles = begins + plan.dwell / 2
        self._lock(float(begins[0]))
        moves = [
            asyncio.create_task(axis.travel(way, since=started))
            for axis, way in zip((x, y), plan.way(started, first, lines), strict=True)
        ]
        moves[0].add_done_callback(lambda move: None if move.result() else self._aborted.set())
        complete = await self._record_all(
            begins,
            plan.dwell,
            lambda rows: {
                "X": x.where(middles[rows]),
                "Y": y.where(middles[rows]),
                "Z": microscope.zone_plate_z(middles[rows]),
                "ENERGY": mono["ENERGY"].where(middles[rows]),
                "NUMBER": np.full(len(middles[rows]), plan.image),
            },
        )
        await asyncio.gather(*moves)
        return complete and not self._aborted.is_set()
