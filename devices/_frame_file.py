"""The file of an area detector: the IOC writes it, and the documents name it.

The PVs are those of EPICS areaDetector's HDF1 and cam1, as far as a file needs them.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from event_model import compose_stream_resource
from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.status import SubscriptionStatus

from ._endings import GRACE

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
_STREAM = 2  # HDF1:FileWriteMode


def setting(suffix: str, **more: Any) -> Any:
    """Component that is set; left out of the data unless ``kind`` says otherwise."""
    return Cpt(EpicsSignal, suffix, kind=more.pop("kind", "omitted"), auto_monitor=True, **more)


def reading(suffix: str, **more: Any) -> Any:
    """Component that is asked for at each reading: a monitor may come after what it tells of."""
    kind = more.pop("kind", "omitted")
    return Cpt(EpicsSignalRO, suffix, kind=kind, auto_monitor=False, **more)


class WritesFrames(Device):
    """A device whose IOC writes frames into a file of its own for each run.

    Parameters
    ----------
    units
        Of a pixel.

    Attributes
    ----------
    folder : Path or None
        Where the files go; a session sets that of its beamtime.
    """

    columns = reading("cam1:ArraySizeX_RBV")
    rows = reading("cam1:ArraySizeY_RBV")
    pixel_type = reading("cam1:DataType_RBV", string=True)
    file_folder = setting("HDF1:FilePath", string=True)
    file_name = setting("HDF1:FileName", string=True)
    file_template = setting("HDF1:FileTemplate", string=True)
    file_mode = setting("HDF1:FileWriteMode")
    file_readable = setting("HDF1:SWMRMode")
    file_frames = setting("HDF1:NumCapture")
    capture = setting("HDF1:Capture")
    folder_exists = reading("HDF1:FilePathExists_RBV")
    written = reading("HDF1:NumCaptured_RBV")
    write_message = reading("HDF1:WriteMessage", string=True)

    def __init__(self, prefix: str = "", *, units: str = "counts", **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self.units = units
        self.folder: Path | None = None
        self._file: Any = None  # of event-model, while one is open
        self._told_of_file = False
        self._told = 0  # frames

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a frame, at the binning that is set."""
        return int(self.rows.get()), int(self.columns.get())

    @property
    def frame_bytes(self) -> int:
        """Size of a frame [byte]."""
        rows, columns = self.shape
        return rows * columns * np.dtype(self._dtype()).itemsize

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
        )
        for signal, value in settings:
            signal.put(value, wait=True, timeout=GRACE)
        if not self.folder_exists.get():
            raise RuntimeError(
                f"{self.name}: its IOC finds no folder {self.folder}. Mount the disk of the "
                "beamtime on the IOC's machine under the same name, for its account too."
            )
        self._open(uid)
        self._told_of_file, self._told = False, 0
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
        """Close the file."""
        self.capture.put(0, wait=True, timeout=GRACE)
        self._file = None
        return super().unstage()

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
        """Data keys, with that of the frames while a file is open."""
        own: Any = super().describe()
        return own | (self.describe_collect() if self._file is not None else {})

    def _dtype(self) -> str:
        said = str(self.pixel_type.get())
        if said not in _TYPES:
            raise RuntimeError(
                f"{self.name}: its IOC calls its pixels {said!r}, which is none of "
                f"{', '.join(_TYPES)}. Set another data type at the detector."
            )
        return _TYPES[said]
