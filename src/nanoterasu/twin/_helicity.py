"""Simulated switch of the helicity."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._beam import Beam
from ._channels import Number, Rejected, readback
from ._clock import Clock
from ._instruments import Instrument

RATE_MAX = 50.0  # Hz, of the size usual for kickers and choppers; assumed
POST_PERIOD = 0.2  # wall seconds


class HelicitySwitch(Instrument):
    """Turns the helicity over in every second half of a period."""

    def __init__(self, prefix: str, clock: Clock, beam: Beam) -> None:
        super().__init__()
        self._clock, self._beam = clock, beam
        self._since = 0.0
        self._rate = Number(0.0, "Hz")
        self._rate.on_put = self._set_rate
        self._now = readback(Number(0.0, "sign"))
        self.channels = {
            prefix + "RATE": self._rate,
            prefix + "RATE_MAX": readback(Number(RATE_MAX, "Hz")),
            prefix + "HELICITY": self._now,
        }

    async def _set_rate(self, value: float) -> None:
        if not 0.0 <= value <= RATE_MAX:
            raise Rejected
        await self._rate.post(value)

    def lock(self, instant: float) -> None:
        """Begin a period at ``instant`` [s]."""
        self._since = instant

    def sign(self, t: ArrayLike) -> np.ndarray:
        """By what the helicity of the undulator is multiplied at ``t`` [s]: +1 or -1."""
        # A dwell may begin with the last digit before its half period.
        halves = np.floor((np.asarray(t) - self._since) * 2.0 * float(self._rate.value) + 1e-9)
        return np.where(np.mod(halves, 2.0) == 0.0, 1.0, -1.0)

    def background(self) -> Iterable[Any]:
        """Post the helicity."""
        yield self._publish()

    async def _publish(self) -> None:
        while True:
            await self._now.post(float(self._beam.helicity(self._clock.now())))
            await asyncio.sleep(POST_PERIOD)
