"""A detector that writes frames to a file, in step scans and on the fly."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from ophyd.status import Status

from nanoterasu.records import FrameFile


class Camera:
    """Bluesky device whose frame ``n`` holds ``n * rows * columns`` and the integers after it.

    Parameters
    ----------
    folder
        Where its files go.
    name
        Also its data key.
    shape
        Of a frame: (rows, columns).
    frames
        That one flight takes, unless it is ended before.
    pause
        Between the frames of a flight [s].
    """

    parent = None

    def __init__(
        self,
        folder: Path,
        name: str = "camera",
        shape: tuple[int, int] = (6, 8),
        frames: int = 10,
        pause: float = 0.0,
    ) -> None:
        self.folder, self.name, self.shape = folder, name, shape
        self.number, self.pause = frames, pause
        self.file: FrameFile | None = None
        self.paths: list[Path] = []
        self.enough = threading.Event()  # ends a flight

    def frame(self, number: int) -> np.ndarray:
        size = self.shape[0] * self.shape[1]
        return np.arange(number * size, (number + 1) * size, dtype="<u4").reshape(self.shape)

    def stage(self) -> list[Any]:
        self.file = FrameFile(self.folder, self.name, self.shape, "<u4", units="counts")
        self.paths.append(self.file.path)
        return [self]

    def unstage(self) -> list[Any]:
        self.open.close()
        return [self]

    @property
    def open(self) -> FrameFile:
        assert self.file is not None, "stage it first"
        return self.file

    def describe(self) -> dict[str, Any]:
        key = {
            "dtype": "array",
            "dtype_numpy": "<u4",
            "shape": list(self.shape),
            "source": "test",
            "units": "counts",
            "external": "STREAM:",
        }
        return {self.name: key}

    describe_collect = describe

    def read_configuration(self) -> dict[str, Any]:
        return {}

    describe_configuration = read_configuration
    read = read_configuration

    def trigger(self) -> Status:
        self.open.append(self.frame(self.open.frames))
        return _done()

    def kickoff(self) -> Status:
        self._flown = Status(timeout=280)
        threading.Thread(target=self._fly, daemon=True).start()
        return _done()

    def complete(self) -> Status:
        return self._flown

    def collect_asset_docs(self, index: int | None = None) -> Iterator[tuple[str, Any]]:
        yield from self.open.announce(index)

    def get_index(self) -> int:
        return self.open.frames

    def _fly(self) -> None:
        for number in range(self.number):
            self.open.append(self.frame(number))
            if self.enough.wait(self.pause):
                break
        self._flown.set_finished()


def _done() -> Status:
    status = Status()
    status.set_finished()
    return status
