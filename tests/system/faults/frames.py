"""Frames whose every value follows from a seed, and how they are found again in Tiled."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import numpy as np

from ..files.camera import Camera
from .content import Detector, Plan

SHAPE = (6, 8)


def frame(key: Sequence[int], number: int) -> np.ndarray:
    """Return frame ``number`` of the run whose start document has ``key``."""
    random = np.random.default_rng([*key, number])
    return random.integers(0, 2**32, size=SHAPE, dtype="<u4")


class SeededCamera(Camera):
    """A camera whose frames follow from ``key``."""

    def __init__(self, folder: Path, key: Sequence[int], frames: int) -> None:
        super().__init__(folder, shape=SHAPE, frames=frames, pause=0.002)
        self.key = key

    def frame(self, number: int) -> np.ndarray:
        return frame(self.key, number)


def measured_frames(random: np.random.Generator, md: dict[str, Any], folder: Path) -> Plan:
    """Take frames into a file in ``folder`` of a beamtime: at each point of a scan, or flying."""
    key = [md["round"], int(random.integers(2**31))]
    number, flies = int(random.integers(1, 60)), random.random() < 0.5
    detector = Detector("det", ("i0",), random)
    camera: Any = SeededCamera(folder, key, number)

    @bpp.stage_decorator([camera])
    @bpp.run_decorator(md=md | {"frames": key, "beamtime_id": folder.name})
    def run() -> Plan:
        if flies:
            yield from bps.declare_stream(camera, name="primary", collect=True)
            yield from bps.kickoff(camera, wait=True)
            yield from bps.collect_while_completing(
                [camera], [camera], flush_period=0.02, stream_name="primary"
            )
        else:
            for _ in range(number):
                yield from bps.trigger_and_read([detector, camera])

    yield from run()


def told(
    documents: Sequence[tuple[str, Mapping[str, Any]]],
) -> Iterator[tuple[str, list[int], np.ndarray]]:
    """Yield what the documents of a run tell of each file of frames.

    Yields
    ------
    str
        Path of the frames below the run.
    list of int
        Number of each frame that a document names, as they come.
    (frames, rows, columns) array
        What was written as these.
    """
    streams = {one["uid"]: one["name"] for name, one in documents if name == "descriptor"}
    for resource in (one for name, one in documents if name == "stream_resource"):
        parts = [
            one
            for name, one in documents
            if name == "stream_datum" and one["stream_resource"] == resource["uid"]
        ]
        if parts:
            numbers = [
                number
                for one in parts
                for number in range(one["indices"]["start"], one["indices"]["stop"])
            ]
            written = [frame(documents[0][1]["frames"], number) for number in numbers]
            path = f"{streams[parts[0]['descriptor']]}/{resource['data_key']}"
            yield path, numbers, np.array(written)
