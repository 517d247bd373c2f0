"""Area detectors whose IOC writes the frames to a file: one code path for step and fly scans.

The PVs are those of EPICS areaDetector (cam1, HDF1, Stats1), of which this needs some twenty; the
documents name the file and the range of frames in it (stream resource, stream datum).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol
from uuid import uuid4

import numpy as np
from event_model import compose_stream_resource
from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.status import Status, SubscriptionStatus
from ophyd.utils import LimitError

from ._endings import GRACE, SLACK, Ending, guarded_put, lost

MIMETYPE = "application/x-hdf5"
DATASET = "/entry/data/data"
_BLOCK = 2**24  # bytes, that a reader asks for at once
_TYPES = {  # NDArray types of areaDetector
    "Int8": "<i1",
    "UInt8": "<u1",
    "Int16": "<i2",
    "UInt16": "<u2",
    "Int32": "<i4",
    "UInt32": "<u4",
    "Float32": "<f4",
    "Float64": "<f8",
}
_MULTIPLE, _STREAM = 1, 2  # cam1:ImageMode, HDF1:FileWriteMode


class Frames(Protocol):
    """A burst of frames, as a plan asks for it.

    Attributes
    ----------
    number : int
    dwell : float [s]
        Exposure of a frame.
    triggered : bool
        By another device's pulses, one a frame; else by the detector's own clock.
    duration : float [s]
    """

    @property
    def number(self) -> int: ...
    @property
    def dwell(self) -> float: ...
    @property
    def triggered(self) -> bool: ...
    @property
    def duration(self) -> float: ...


def _put(suffix: str, **more: Any) -> Any:
    return Cpt(EpicsSignal, suffix, kind=more.pop("kind", "omitted"), auto_monitor=True, **more)


def _read(suffix: str, **more: Any) -> Any:
    return Cpt(EpicsSignalRO, suffix, kind=more.pop("kind", "omitted"), **more)


class FrameDetector(Device):
    """Area detector; its data key is its own name, one frame an event.

    ``trigger`` takes one frame; ``prepare`` a number of `Frames`, ``kickoff`` and ``complete`` fly.
    A frame is told of when the IOC says that it is in the file.

    Parameters
    ----------
    units
        Of a pixel.

    Attributes
    ----------
    dwell : EpicsSignal
        Exposure of a frame [s].
    binning : EpicsSignal
        Pixels that are added up in both directions [1].
    total : EpicsSignalRO
        Sum of the last frame, in ``units``.
    folder : Path or None
        Where the files go; a session sets that of its beamtime.
    """

    acquire = Cpt(EpicsSignal, "cam1:Acquire", kind="omitted", auto_monitor=False)
    dwell = _put("cam1:AcquireTime", kind="config")
    binning = _put("cam1:BinX", kind="config")
    binning_y = _put("cam1:BinY")
    images = _put("cam1:NumImages")
    image_mode = _put("cam1:ImageMode")
    trigger_mode = _put("cam1:TriggerMode")
    wait_for_file = _put("cam1:WaitForPlugins")
    columns = _read("cam1:ArraySizeX_RBV", auto_monitor=False)
    rows = _read("cam1:ArraySizeY_RBV", auto_monitor=False)
    pixel_type = _read("cam1:DataType_RBV", auto_monitor=False, string=True)
    file_folder = _put("HDF1:FilePath", string=True)
    file_name = _put("HDF1:FileName", string=True)
    file_template = _put("HDF1:FileTemplate", string=True)
    file_mode = _put("HDF1:FileWriteMode")
    file_readable = _put("HDF1:SWMRMode")
    file_frames = _put("HDF1:NumCapture")
    capture = _put("HDF1:Capture")
    folder_exists = _read("HDF1:FilePathExists_RBV", auto_monitor=False)
    written = _read("HDF1:NumCaptured_RBV", auto_monitor=False)
    write_message = _read("HDF1:WriteMessage", auto_monitor=False, string=True)
    # As of an electrometer: a monitor may come later than the end of the exposure.
    total = _read("Stats1:Total_RBV", kind="hinted", auto_monitor=False)

    def __init__(self, prefix: str = "", *, units: str = "counts", **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self.units = units
        self.folder: Path | None = None
        self._file: Any = None  # of event-model, while one is open
        self._told_of_file = False
        self._told = 0  # frames
        self._asked = 0  # frames
        self._flight: Ending | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a frame, at the binning that is set."""
        return int(self.rows.get()), int(self.columns.get())

    @property
    def frame_bytes(self) -> int:
        """Size of a frame [byte]."""
        rows, columns = self.shape
        return rows * columns * np.dtype(self._dtype()).itemsize

    @property
    def trigger_time(self) -> float:
        """Time [s] that a trigger takes."""
        return float(self.dwell.get())

    def stage(self) -> list[object]:
        """Open a file of its own in `folder`.

        Raises
        ------
        RuntimeError
            If no folder is set, or the IOC cannot write there.
        """
        if self.folder is None:
            raise RuntimeError(
                f"{self.name} has no folder for its frames: measure in a session, which gives it "
                f"that of the beamtime, or set {self.name}.folder."
            )
        staged = super().stage()
        uid = str(uuid4())
        settings = (
            (self.capture, 0),
            (self.file_folder, f"{self.folder}/"),
            (self.file_name, uid),
            (self.file_template, "%s%s.h5"),
            (self.file_mode, _STREAM),
            (self.file_readable, 1),
            (self.file_frames, 0),
            (self.images, 1),
            (self.image_mode, _MULTIPLE),
            (self.trigger_mode, 0),
            (self.wait_for_file, 1),
        )
        for signal, value in settings:
            signal.put(value, wait=True, timeout=GRACE)
        if not self.folder_exists.get():
            raise RuntimeError(
                f"{self.name}: its IOC finds no folder {self.folder}. Mount the disk of the "
                "beamtime on the IOC's machine under the same name, for its account too."
            )
        self._open(uid)
        self._told_of_file, self._told, self._asked, self._flight = False, 0, 0, None
        return staged

    def _open(self, uid: str) -> None:
        opened = SubscriptionStatus(
            self.capture, lambda *_, value, **__: value == 1, timeout=GRACE, run=False
        )
        self.capture.put(1, wait=False)
        try:
            opened.wait()
        except TimeoutError:
            raise RuntimeError(
                f"{self.name}: its IOC did not open a file in {self.folder}: "
                f"{self.write_message.get() or 'it gives no reason'}. Nothing was measured."
            ) from None
        rows, columns = self.shape
        self._file = compose_stream_resource(
            mimetype=MIMETYPE,
            uri=f"file://localhost{self.folder}/{uid}.h5",
            data_key=self.name,
            parameters={
                "dataset": DATASET,
                "chunk_shape": [max(1, _BLOCK // self.frame_bytes), rows, columns],
                "swmr": True,
            },
            uid=uid,
        )

    def unstage(self) -> list[object]:
        """End what is under way and close the file."""
        self.acquire.put(0, wait=False)
        self.capture.put(0, wait=True, timeout=GRACE)
        self._file = None
        return super().unstage()

    def check_prepare(self, frames: Frames) -> None:
        """Refuse a burst of no frames, or of no time.

        Raises
        ------
        LimitError
            Saying which.
        """
        if frames.number < 1 or not frames.dwell > 0:
            raise LimitError(
                f"{self.name}: {frames.number} frames of {frames.dwell:g} s asked for; give at "
                "least one, of a positive exposure."
            )

    def prepare(self, frames: Frames) -> Status:
        """Set number, exposure and trigger of a burst."""
        self.check_prepare(frames)
        for signal, value in (
            (self.dwell, frames.dwell),
            (self.images, frames.number),
            (self.trigger_mode, int(frames.triggered)),
        ):
            signal.put(value, wait=True, timeout=GRACE)
        self._asked, self._duration = self._asked + frames.number, frames.duration
        return _ended(self)

    def trigger(self) -> Ending:
        """Take one frame; fails if it does not reach the file."""
        self._asked += 1
        return self._acquire(self.trigger_time)

    def kickoff(self) -> Status:
        """Start, or arm, the burst that was prepared."""
        self._flight = self._acquire(self._duration)
        return _ended(self)

    def complete(self) -> Ending:
        """Status that ends with the burst."""
        if self._flight is None:
            raise RuntimeError(f"{self.name}: nothing was started; call kickoff() first.")
        return self._flight

    def _acquire(self, seconds: float) -> Ending:
        if not self.acquire.connected:
            raise lost(self.acquire, f"before {self.name} could expose")
        return guarded_put(
            self.acquire,
            1,
            timeout=GRACE + SLACK * seconds,
            during=f"while {self.name} exposed",
            missing=self._missing,
        )

    def _missing(self) -> str:
        there = int(self.written.get())
        if there >= self._asked:
            return ""
        return (
            f"{self.name}: {there} frames are in its file of the {self._asked} asked for "
            f"({self.write_message.get() or 'its IOC gives no reason'}). Those are kept; look at "
            "the IOC and its disk, then measure again."
        )

    def stop(self, *, success: bool = False) -> None:
        """End the exposure."""
        self.acquire.put(0, wait=False)

    def get_index(self) -> int:
        """Frames that are in the file."""
        return int(self.written.get())

    def collect_asset_docs(self, index: int | None = None) -> Iterator[tuple[str, Any]]:
        """Yield the documents of frames that have not been told of."""
        upto = self.get_index() if index is None else min(index, self.get_index())
        if self._file is None or upto <= self._told:
            return
        if not self._told_of_file:
            self._told_of_file = True
            yield "stream_resource", self._file.stream_resource_doc
        indices: Any = {"start": self._told, "stop": upto}
        self._told = upto
        yield "stream_datum", self._file.compose_stream_datum(indices=indices)

    def describe_collect(self) -> dict[str, Any]:
        """Data key of the frames."""
        rows, columns = self.shape
        return {
            self.name: {
                "source": f"PV:{self.prefix}cam1:ArrayData",
                "dtype": "array",
                "dtype_numpy": self._dtype(),
                "shape": [rows, columns],
                "dims": ["row", "column"],
                "units": self.units,
                "external": "STREAM:",
            }
        }

    def describe(self) -> Any:
        """Data keys: the frames and their sum."""
        own: Any = super().describe()
        own[self.total.name]["units"] = self.units
        return own | (self.describe_collect() if self._file is not None else {})

    def _dtype(self) -> str:
        said = str(self.pixel_type.get())
        if said not in _TYPES:
            raise RuntimeError(
                f"{self.name}: its IOC calls its pixels {said!r}, which is none of "
                f"{', '.join(_TYPES)}. Set another data type at the detector."
            )
        return _TYPES[said]


def _ended(device: Device) -> Status:
    status = Status(obj=device)
    status.set_finished()
    return status
