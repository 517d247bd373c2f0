"""Simulated electrometers: currents integrated over a dwell, with counting noise."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import numpy as np

from ._channels import Integer, Number, Rejected, readback
from ._clock import Clock
from ._instruments import Instrument
from .physics import Counter

SAMPLES_PER_DWELL = 8  # instants over which the true current of a dwell is averaged


class Electrometer(Instrument):
    """Mean current over a dwell, started by a put that completes when it is over.

    Parameters
    ----------
    current
        True current [A] at instants [s], an array of any shape.
    """

    def __init__(
        self,
        prefix: str,
        clock: Clock,
        current: Callable[[np.ndarray], np.ndarray],
        counter: Counter,
        seed: Sequence[int],
    ) -> None:
        super().__init__()
        self._clock, self._true, self._counter = clock, current, counter
        self._generator = np.random.default_rng(seed)
        self._current = readback(Number(0.0, "A", precision=15))
        self._dwell = Number(0.1, "s")
        self._acquire = Integer(0)
        self._abort = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._dwell.on_put = self._set_dwell
        self._acquire.on_put = self._put
        self.channels = {
            prefix + "CURRENT": self._current,
            prefix + "DWELL": self._dwell,
            prefix + "ACQUIRE": self._acquire,
        }

    async def _set_dwell(self, value: float) -> None:
        if not 0.0 < value <= 3600.0:
            raise Rejected
        await self._dwell.post(value)

    async def _put(self, value: int) -> None:
        if not value:
            self._abort.set()
            return
        if self._running is None:
            self._running = asyncio.create_task(self._count())
        await asyncio.shield(self._running)

    async def _count(self) -> None:
        dwell = float(self._dwell.value)
        begin = self._clock.now()
        self._abort.clear()
        try:
            await self._acquire.post(1)
            await self._clock.reach(begin + dwell, self._abort)
            # Aborted early, it gives the mean over the time that there was.
            dwell = min(dwell, max(self._clock.now() - begin, 1e-9))
            await self._current.post(float(self.measure(np.array([begin]), dwell)[0]))
        finally:
            self._running = None
            await self._acquire.post(0)

    def measure(self, begins: np.ndarray, dwell: float) -> np.ndarray:
        """Readings [A] of dwells that began at ``begins`` [s]; each draws new noise."""
        within = (np.arange(SAMPLES_PER_DWELL) + 0.5) / SAMPLES_PER_DWELL * dwell
        true = self._true(begins[:, None] + within)
        return self._counter.measure(true.mean(axis=1), dwell, self._generator)
