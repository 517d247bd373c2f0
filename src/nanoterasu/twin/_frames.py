"""Simulated area detectors: frames of what is in the beam, written to HDF5 by the IOC."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from nanoterasu.records import FrameFile, RecordsError

from ._channels import Choice, Integer, LongText, Number, Rejected, readback
from ._clock import Clock
from ._instruments import Instrument

BINNINGS = (1, 2, 4, 8, 16, 32)


class View(Protocol):
    """What a detector sees.

    Attributes
    ----------
    shape : (2,) tuple of int
        Rows and columns of a frame without binning.
    dtype : str
        Of a pixel, as ``"<u2"``.
    """

    @property
    def shape(self) -> tuple[int, int]: ...
    @property
    def dtype(self) -> str: ...

    def frame(
        self, begin: float, dwell: float, binning: int, generator: np.random.Generator
    ) -> np.ndarray:
        """Frame exposed from ``begin`` [s] for ``dwell`` [s].

        Shape (rows // binning, columns // binning), of `dtype`, noise included.
        """
        ...


_NAMES = {"<u2": "UInt16", "<u4": "UInt32", "<f4": "Float32"}


class FrameDetector(Instrument):
    """The PVs of an area detector with a file writer, as far as clients use them."""

    def __init__(self, prefix: str, clock: Clock, view: View, seed: Sequence[int]) -> None:
        super().__init__()
        self._clock, self._view = clock, view
        self._generator = np.random.default_rng(seed)
        self._file: FrameFile | None = None
        self._aborted = asyncio.Event()
        self._burst: asyncio.Task[None] | None = None
        self._armed: asyncio.Future[None] | None = None
        rows, columns = view.shape
        self._acquire, self._dwell = Integer(0), Number(1.0, "s")
        self._images, self._trigger_mode = Integer(1), Choice(0, ("Internal", "External"))
        self._bin_x, self._bin_y = Integer(1), Integer(1)
        self._columns, self._rows = readback(Integer(columns)), readback(Integer(rows))
        self._capture, self._written = Integer(0), readback(Integer(0))
        self._folder, self._name = LongText(), LongText()
        self._exists, self._message = readback(Integer(0)), readback(LongText())
        self._total = readback(Number(0.0, "counts"))
        self._acquire.on_put, self._dwell.on_put = self._put, self._set_dwell
        self._images.on_put, self._folder.on_put = self._set_images, self._set_folder
        self._bin_x.on_put = self._bin_y.on_put = self._set_binning
        self._capture.on_put = self._set_capture
        pixel = readback(Choice(list(_NAMES).index(view.dtype), list(_NAMES.values())))
        named = {
            "cam1:Acquire": self._acquire,
            "cam1:AcquireTime": self._dwell,
            "cam1:NumImages": self._images,
            "cam1:ImageMode": Choice(1, ("Single", "Multiple", "Continuous")),
            "cam1:TriggerMode": self._trigger_mode,
            "cam1:WaitForPlugins": Choice(1, ("No", "Yes")),
            "cam1:BinX": self._bin_x,
            "cam1:BinY": self._bin_y,
            "cam1:ArraySizeX_RBV": self._columns,
            "cam1:ArraySizeY_RBV": self._rows,
            "cam1:DataType_RBV": pixel,
            "HDF1:FilePath": self._folder,
            "HDF1:FilePathExists_RBV": self._exists,
            "HDF1:FileName": self._name,
            "HDF1:FileTemplate": LongText("%s%s.h5"),
            "HDF1:FileWriteMode": Choice(2, ("Single", "Capture", "Stream")),
            "HDF1:SWMRMode": Choice(1, ("Off", "On")),
            "HDF1:NumCapture": Integer(0),
            "HDF1:Capture": self._capture,
            "HDF1:NumCaptured_RBV": self._written,
            "HDF1:WriteMessage": self._message,
            "Stats1:Total_RBV": self._total,
        }
        self.channels = {prefix + name: channel for name, channel in named.items()}

    async def _set_dwell(self, value: float) -> None:
        if not 0.0 < value <= 36_000.0:
            raise Rejected
        await self._dwell.post(value)

    async def _set_images(self, value: int) -> None:
        if value < 1:
            raise Rejected
        await self._images.post(value)

    async def _set_binning(self, value: int) -> None:
        if value not in BINNINGS or self._file is not None:
            raise Rejected
        await self._bin_x.post(value)
        await self._bin_y.post(value)
        await self.resize()

    async def resize(self) -> None:
        """Tell of the size that frames have now."""
        rows, columns = self.size(int(self._bin_x.value))
        await self._rows.post(rows)
        await self._columns.post(columns)

    def size(self, binning: int) -> tuple[int, int]:
        """Rows and columns of a frame at a ``binning``."""
        rows, columns = self._view.shape
        return rows // binning, columns // binning

    def exposure(self) -> float:
        """Time that a frame takes [s]."""
        return float(self._dwell.value)

    async def _set_folder(self, value: object) -> None:
        await self._folder.post(value)
        await self._exists.post(int(Path(self._folder.text).is_dir()))

    async def _set_capture(self, value: int) -> None:
        if not value:
            await self._close()
        elif self._file is None:
            rows, columns = int(self._rows.value), int(self._columns.value)
            folder, name = self._folder.text, self._name.text
            try:
                # An HDF5 file waits for its disk: the other instruments do not.
                self._file = await asyncio.to_thread(
                    FrameFile, folder, name, (rows, columns), self._view.dtype, uid=name
                )
            except RecordsError as error:
                await self._message.post(str(error))
                raise Rejected from None
            await self._message.post("")
            await self._written.post(0)
        await self._capture.post(int(bool(value)))

    async def _close(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            await asyncio.to_thread(file.close)

    async def _put(self, value: int) -> None:
        if not value:
            self._aborted.set()
            if self._armed is not None and not self._armed.done():
                self._armed.set_result(None)
            return
        if self._burst is None:
            self._burst = asyncio.create_task(self._expose())
        await asyncio.shield(self._burst)

    async def _expose(self) -> None:
        self._aborted.clear()
        try:
            await self._acquire.post(1)
            if int(self._trigger_mode.value):
                self._armed = asyncio.get_running_loop().create_future()
                await self._armed
                return
            dwell, begin = self.exposure(), self._clock.now()
            for _ in range(int(self._images.value)):
                await self._clock.reach(begin + dwell, self._aborted)
                if self._aborted.is_set():
                    return
                await self.record([begin], dwell)
                begin = max(begin + dwell, self._clock.now() - dwell)
        finally:
            self._burst = self._armed = None
            await self._acquire.post(0)

    async def record(self, begins: Sequence[float], dwell: float) -> None:
        """Take the frames whose exposures began at ``begins`` [s]; also called by a trigger."""
        frames = await asyncio.to_thread(self._take, begins, dwell)
        await self.publish(frames[-1])
        if self._file is not None:
            # Last, so that who reads it finds that many frames in the file.
            await self._written.post(self._file.frames)
        if self._armed is not None and int(self._written.value) >= int(self._images.value):
            self._armed.set_result(None)

    async def publish(self, frame: np.ndarray) -> None:
        """Post what clients read beside the file."""
        await self._total.post(float(frame.sum(dtype=float)))

    def _take(self, begins: Sequence[float], dwell: float) -> np.ndarray:
        binning = int(self._bin_x.value)
        frames = np.stack(
            [self._view.frame(begin, dwell, binning, self._generator) for begin in begins]
        )
        if self._file is not None:
            self._file.append(frames)
            self._file.sync()
        return frames


def counted(expected: np.ndarray, dtype: str, generator: np.random.Generator) -> np.ndarray:
    """Count photons: Poisson noise around what is ``expected``, cut off where pixels are full."""
    return np.minimum(generator.poisson(expected), np.iinfo(dtype).max).astype(dtype)
