"""Simulated electron analysers: spectra, and frames of angles by energies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from ._channels import Integer, Number, Rejected
from ._clock import Clock
from ._frames import FrameDetector, counted
from ._hemisphere import Hemisphere, Look, Photoemission
from ._instruments import Instrument

__all__ = ["Analyser", "Hemisphere", "ImagingAnalyser", "Look", "Photoemission"]


class Analyser(Instrument):
    """An analyser that gives spectra alone; a put of Acquire completes with the spectrum."""

    def __init__(
        self, prefix: str, clock: Clock, hemisphere: Hemisphere, seed: Sequence[int]
    ) -> None:
        super().__init__()
        self._clock, self._hemisphere = clock, hemisphere
        self._generator = np.random.default_rng(seed)
        self._acquire, self._dwell = Integer(0), Number(0.1, "s")
        self._aborted = asyncio.Event()
        self._running: asyncio.Task[None] | None = None
        self._acquire.on_put, self._dwell.on_put = self._put, self._set_dwell
        self.channels = hemisphere.channels | {
            prefix + "cam1:Acquire": self._acquire,
            prefix + "cam1:AcquireTime": self._dwell,
        }

    async def _set_dwell(self, value: float) -> None:
        if not 0.0 < value <= 36_000.0:
            raise Rejected
        await self._dwell.post(value)

    async def _put(self, value: int) -> None:
        if not value:
            self._aborted.set()
            return
        if not self._hemisphere.possible():
            raise Rejected
        if self._running is None:
            self._running = asyncio.create_task(self._count())
        await asyncio.shield(self._running)

    async def _count(self) -> None:
        begin = self._clock.now()
        exposure = self._hemisphere.exposure(float(self._dwell.value))
        self._aborted.clear()
        try:
            await self._acquire.post(1)
            await self._clock.reach(begin + exposure, self._aborted)
            if not self._aborted.is_set():
                expected = self._hemisphere.expected(begin, exposure, 1).sum(axis=0)
                await self._hemisphere.post_spectrum(self._generator.poisson(expected))
        finally:
            self._running = None
            await self._acquire.post(0)


class ImagingAnalyser(FrameDetector):
    """An analyser whose frames go to a file; the spectrum is the sum of the last over angles."""

    dtype = "<u4"

    def __init__(
        self, prefix: str, clock: Clock, hemisphere: Hemisphere, seed: Sequence[int]
    ) -> None:
        self._hemisphere = hemisphere
        self.shape = hemisphere.sensor
        super().__init__(prefix, clock, self, seed)
        hemisphere.changed = self.resize
        self.channels |= hemisphere.channels

    async def _put(self, value: int) -> None:
        if value and not self._hemisphere.possible():
            raise Rejected
        if value and self._file is not None:
            now, opened = self.size(int(self._bin_x.value)), self._file.shape
            if now != opened:
                await self._message.post(f"frames are {now} now and {opened} in the open file")
                raise Rejected
        await super()._put(value)

    def exposure(self) -> float:
        """Time that a frame takes [s]; all steps of a sweep."""
        return self._hemisphere.exposure(super().exposure())

    def size(self, binning: int) -> tuple[int, int]:
        """Rows of angles and columns of energies."""
        hemisphere = self._hemisphere
        return len(hemisphere.angles(binning)), len(hemisphere.energies(binning))

    async def resize(self) -> None:
        """Tell of the size of frames, and of their axes."""
        await super().resize()
        await self._hemisphere.post_axes(int(self._bin_x.value))

    async def publish(self, frame: np.ndarray) -> None:
        """Post sum and spectrum of a frame."""
        await super().publish(frame)
        await self._hemisphere.post_spectrum(frame.sum(axis=0))

    def frame(
        self, begin: float, dwell: float, binning: int, generator: np.random.Generator
    ) -> np.ndarray:
        """Frame begun at ``begin`` [s], which took ``dwell`` [s] in all."""
        return counted(self._hemisphere.expected(begin, dwell, binning), self.dtype, generator)
