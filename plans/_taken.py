"""Frames of an analyser, one at each of some points: what all plans of photoemission share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.protocols import Readable, Triggerable
from bluesky.utils import MsgGenerator

from ._cut import Cut
from .xas import Axis


class ImagingSpectrometer(Readable[Any], Triggerable, Protocol):
    """An analyser that gives one frame of angles by energies a trigger."""

    acquisition_mode: Any
    pass_energy: Any
    centre: Any
    low: Any
    high: Any
    step: Any
    dwell: Any
    work_function: Any


def refuse_none(**given: Sequence[float]) -> None:
    """Refuse an axis without places, by its name."""
    for name, places in given.items():
        if len(places) == 0:
            raise ValueError(f"{name} is empty: give at least one place.")


class Taken:
    """Set light and analyser, then take a frame at each of some points."""

    def __init__(
        self,
        analyser: Any,
        energy: Axis,
        cut: Cut,
        photon_energy: float,
        detectors: Sequence[Readable[Any]],
        about: Mapping[str, Any],
        md: Mapping[str, Any] | None,
    ) -> None:
        self.analyser, self.energy, self.cut = analyser, energy, cut
        self.photon_energy, self.detectors = photon_energy, detectors
        self.about = {
            "technique": "ARPES",
            "cut": asdict(cut),
            "photon_energy": photon_energy,
            "work_function": float(analyser.work_function.get()),
            **about,
            **dict(md or {}),
        }

    def at(
        self,
        points: Sequence[Mapping[Any, float]],
        then: Callable[[Mapping[Any, float]], MsgGenerator[None]] | None = None,
    ) -> MsgGenerator[str]:
        """Take a frame at each of ``points``, places by axis, after what ``then`` does there."""
        axes = [axis for axis in points[0] if axis is not self.energy]
        read = [self.analyser, self.energy, *axes, *self.detectors]

        @bpp.stage_decorator([self.analyser, *self.detectors])
        @bpp.run_decorator(md=self.about | {"num_points": len(points)})
        def run() -> MsgGenerator[Any]:
            at: dict[Any, float] = {}
            for point in points:
                yield from bps.checkpoint()
                # What stays is not sent again: a raster's row moves one axis a point.
                moves = [part for axis in point if at.get(axis) != point[axis]
                         for part in (axis, point[axis])]  # fmt: skip
                yield from bps.mv(*moves) if moves else bps.null()
                at = dict(point)
                if then is not None:
                    yield from then(point)
                yield from bps.trigger_and_read(read)

        yield from bps.mv(self.energy, self.photon_energy)
        yield from self.cut.prepare(self.analyser, self.photon_energy)
        return (yield from run())
