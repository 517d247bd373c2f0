"""Detectors that measure by themselves: pages of numbers, frames in a file."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
from bluesky import Msg
from event_model import compose_stream_resource
from ophyd.status import Status


class Flyer:
    """What both have in common: they are done as soon as they are asked."""

    parent = None

    def __init__(self, name: str) -> None:
        self.name = name

    def kickoff(self) -> Any:
        """Begin."""
        return self._done()

    def complete(self) -> Any:
        """End."""
        return self._done()

    def _done(self) -> Any:
        status = Status()
        status.set_finished()
        return status


class Pages(Flyer):
    """Gives ``rows`` rows of four numbers as one event page.

    Parameters
    ----------
    rows
        Length of the page.
    """

    def __init__(self, rows: int) -> None:
        super().__init__("pages")
        now = time.time()
        names = [f"channel_{number}" for number in range(4)]
        instants = [now + number * 1e-3 for number in range(rows)]
        # Made beforehand: what a device does to get its numbers is its own affair.
        self._page = {
            "data": {name: [0.5 * number for number in range(rows)] for name in names},
            "timestamps": dict.fromkeys(names, instants),
            "time": instants,
        }

    def describe_collect(self) -> dict[str, Any]:
        """Describe the columns."""
        about = {"source": "bench", "dtype": "number", "shape": [], "dtype_numpy": "<f8"}
        return {name: dict(about) for name in self._page["data"]}

    def collect_pages(self) -> Iterator[dict[str, Any]]:
        """Give the page."""
        yield self._page


class Frames(Flyer):
    """Writes frames into an HDF5 file, and says so ``every`` frames.

    Parameters
    ----------
    file
        Where the frames are; not opened here.
    frames
        How many.
    every
        Frames a document.
    """

    shape = (4, 4)

    def __init__(self, file: Path, frames: int, every: int) -> None:
        super().__init__("frames")
        self._file, self._frames, self._every = file, frames, every

    def describe_collect(self) -> dict[str, Any]:
        """Describe the frames."""
        about = {
            "source": "bench",
            "dtype": "array",
            "dtype_numpy": "<u2",
            "shape": [1, *self.shape],
            "external": "STREAM:",
        }
        return {self.name: about}

    def get_index(self) -> int:
        """Return how many frames there are."""
        return self._frames

    def collect_asset_docs(self, index: int | None = None) -> Iterator[tuple[str, Any]]:
        """Say where the frames are."""
        bundle = compose_stream_resource(
            mimetype="application/x-hdf5",
            uri=f"file://localhost{self._file}",
            data_key=self.name,
            parameters={"dataset": "frames", "chunk_shape": [1000, *self.shape]},
        )
        yield "stream_resource", bundle.stream_resource_doc
        for first in range(0, self._frames, self._every):
            indices: Any = {"start": first, "stop": min(first + self._every, self._frames)}
            yield "stream_datum", bundle.compose_stream_datum(indices=indices)


def fly(flyer: Any) -> Iterator[Msg]:
    """Let ``flyer`` measure in a run of its own."""
    yield from bps.open_run()
    yield from bps.declare_stream(flyer, name="primary", collect=True)
    yield from bps.kickoff(flyer, wait=True)
    yield from bps.complete(flyer, wait=True)
    yield from bps.collect(flyer, name="primary")
    yield from bps.close_run()
