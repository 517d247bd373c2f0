"""Frames of a detector in an HDF5 file that others read while it grows."""

from __future__ import annotations

import fcntl
import math
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import h5py
import numpy as np
from event_model import compose_stream_resource
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ._errors import RecordsError
from ._files import make_private_file

MIMETYPE = "application/x-hdf5"
DATASET = "/entry/data/data"
_BLOCK = 2**24  # bytes
# Readable by every HDF5 since 1.10, which is the first that reads a file as it grows.
_FORMAT = ("v110", "v110")


class FrameFile:
    """One file of one detector in one run, and the documents that tell of it.

    The file is named by a uid, which is also that of its ``stream_resource`` document, and can be
    read while it grows (single writer, multiple readers).  A frame is told of only once it is on
    disk, so that no document promises what a dead writer took along.

    Parameters
    ----------
    folder
        Of the beamtime (`Files.beamtime`), on a local disk.
    data_key
        Name of the detector's key in the descriptor.
    shape
        Of one frame: (rows, columns).
    dtype
        Of one element, such as ``"<u2"``.
    units
        Of an element; written beside the data.
    max_age
        Longest time for which a frame stays unseen by readers of the file while others follow
        it [s].
    durable
        Wait, before a frame is told of, until it would survive a power cut; without it, it
        survives the death of every process and not that of the machine.
    uid
        Names the file, where somebody else has chosen it already.

    Attributes
    ----------
    path : Path
        The file.
    uid : str
        Of the ``stream_resource`` document.
    frames : int
        How many have been appended.

    Raises
    ------
    RecordsError
        When the file cannot be made.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        data_key: str,
        shape: tuple[int, ...],
        dtype: DTypeLike,
        *,
        units: str | None = None,
        max_age: float = 0.5,
        durable: bool = True,
        uid: str | None = None,
    ) -> None:
        self.data_key = data_key
        self.shape = tuple(shape)
        self.dtype = np.dtype(dtype)
        self.max_age = max_age
        self.durable = durable
        self.uid = str(uuid4()) if uid is None else uid
        self.path = Path(folder).resolve() / f"{self.uid}.h5"
        self.frames = 0
        self._told = 0
        self._in_file = 0  # frames that readers find
        self._since = time.monotonic()
        # Tiled keeps a list of what it takes for chunks, anew at each step of growth: blocks.
        frame = max(1, math.prod(self.shape) * self.dtype.itemsize)
        block = [max(1, _BLOCK // frame), *self.shape]
        documents = compose_stream_resource(
            mimetype=MIMETYPE,
            uri=f"file://localhost{self.path}",
            data_key=data_key,
            parameters={"dataset": DATASET, "chunk_shape": block, "swmr": True},
            uid=self.uid,
        )
        self._resource, self._compose_datum = documents
        try:
            make_private_file(self.path)
            self._file, self._data = self._open(units)
            self._descriptor = self._mark_alive()
        except OSError as error:
            raise RecordsError(
                f"The file {self.path} for the frames of {data_key!r} cannot be made ({error}). "
                "Nothing was measured into it: make room on the disk, or have the folder mended."
            ) from error

    def append(self, frames: ArrayLike) -> None:
        """Write one frame, or several along a first axis.

        Parameters
        ----------
        frames
            (rows, columns) or (frames, rows, columns) array of the declared type.

        Raises
        ------
        RecordsError
            When shape or type are others than declared, or the disk takes no more.  What was
            appended before is kept.
        """
        stack = self._checked(np.asarray(frames))
        try:
            self._data.resize(self.frames + len(stack), axis=0)
            corner = (0,) * len(self.shape)
            for number, frame in enumerate(stack, start=self.frames):
                self._data.id.write_direct_chunk((number, *corner), frame)
            self.frames += len(stack)
            if time.monotonic() - self._since >= self.max_age:
                self.flush()
        except OSError as error:
            raise RecordsError(
                f"Frame {self.frames} of {self.data_key!r} could not be written to {self.path} "
                f"({error}). The {self._told} frames told of so far are kept: make room on the "
                "disk and measure again."
            ) from error

    def flush(self) -> None:
        """Let readers of the file find every frame that has been appended."""
        self._data.flush()
        self._in_file, self._since = self.frames, time.monotonic()

    def sync(self) -> None:
        """Bring every frame that has been appended to readers, and if `durable` to the disk.

        Raises
        ------
        RecordsError
            When the disk takes no more.
        """
        try:
            if self._in_file < self.frames:
                self.flush()
            if self.durable:
                os.fdatasync(self._descriptor)
        except OSError as error:
            raise self._unsynced(error) from error

    def announce(self, upto: int | None = None) -> Iterator[tuple[str, Any]]:
        """Yield the documents of frames that have not been told of, once they are on disk.

        They are what bluesky's ``collect_asset_docs`` yields: a ``stream_resource`` the first
        time, and one ``stream_datum`` when there are new frames.

        Parameters
        ----------
        upto
            Number of frames to tell of at most; of all when not given.

        Raises
        ------
        RecordsError
            When the disk takes no more.
        """
        until = self.frames if upto is None else min(upto, self.frames)
        if until <= self._told:
            return
        self.sync()
        if self._told == 0:
            yield "stream_resource", self._resource
        indices: Any = {"start": self._told, "stop": until}
        datum = self._compose_datum(indices=indices, seq_nums={"start": 0, "stop": 0})
        self._told = until
        yield "stream_datum", datum

    def close(self) -> None:
        """Close the file; nothing is appended afterwards.

        Raises
        ------
        RecordsError
            When the disk takes no more; the frames that were told of are kept.
        """
        if self._descriptor < 0:
            return
        try:
            self._file.close()
            os.fsync(self._descriptor)
        except OSError as error:
            raise self._unsynced(error) from error
        finally:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self, units: str | None) -> tuple[h5py.File, h5py.Dataset]:
        file = h5py.File(self.path, "w", libver=_FORMAT)
        data = file.create_dataset(
            DATASET,
            shape=(0, *self.shape),
            maxshape=(None, *self.shape),
            chunks=(1, *self.shape),
            dtype=self.dtype,
        )
        if units:
            data.attrs["units"] = units
        file.swmr_mode = True
        return file, data

    def _mark_alive(self) -> int:
        """Hold a lock that ends with this process: by it others know that the file still grows."""
        descriptor = os.open(self.path, os.O_RDONLY | os.O_CLOEXEC)
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        return descriptor

    def _checked(self, frames: NDArray[Any]) -> NDArray[Any]:
        stack = frames[np.newaxis] if frames.shape == self.shape else frames
        if stack.shape[1:] != self.shape or frames.dtype != self.dtype:
            raise RecordsError(
                f"{self.data_key!r} was declared as frames of shape {self.shape} and type "
                f"{self.dtype}, and gave {frames.shape} of {frames.dtype}. Nothing of it was "
                "written: correct the device's description or its readout mode."
            )
        return np.ascontiguousarray(stack)

    def _unsynced(self, error: OSError) -> RecordsError:
        return RecordsError(
            f"Frames of {self.data_key!r} did not reach the disk in {self.path} ({error}). The "
            f"{self._told} told of so far are kept: make room on the disk and measure again."
        )
