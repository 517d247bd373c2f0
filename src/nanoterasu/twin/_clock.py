"""Instrument time: it runs faster than the clock on the wall, and everything keeps to it."""

from __future__ import annotations

import asyncio
import contextlib
import math
import time

import numpy as np
from numpy.typing import ArrayLike


class Clock:
    """Time of the simulated instruments.

    Parameters
    ----------
    speed : float
        Instrument seconds in a second of the wall clock.
    """

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._monotonic = time.monotonic()
        self._wall = time.time()

    def now(self) -> float:
        """Instrument seconds since the clock was made."""
        return (time.monotonic() - self._monotonic) * self.speed

    def wall(self, instants: ArrayLike) -> np.ndarray:
        """Unix time [s] of ``instants`` of instrument time [s]."""
        return self._wall + np.asarray(instants, dtype=float) / self.speed

    async def reach(
        self, instant: float, changed: asyncio.Event, at_most: float = math.inf
    ) -> None:
        """Return at ``instant`` [s], when ``changed`` is set, or after ``at_most`` wall seconds."""
        left = min((instant - self.now()) / self.speed, at_most)
        if left <= 0:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(None if math.isinf(left) else left):
                await changed.wait()
