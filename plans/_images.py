"""Images of a microscope: one raster after another, in one run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.utils import MsgGenerator

from ._rasters import Raster
from .xas import HELICITIES, Axis


def images(
    scan: Any,
    energy: Axis,
    points: Sequence[float],
    raster: Raster,
    polarisation: Axis | None,
    order: str,
    mode: str,
    md: Mapping[str, Any] | None,
) -> MsgGenerator[str]:
    """One raster per helicity and energy, in one run."""
    lights = list(_lights(order, polarisation))
    number = len(points) * len(lights)
    about = about_images("XMCD-STXM" if order else "STXM", mode, raster, number, _axes(raster), md)
    about |= {"energies": [float(each) for each in points], "order": order}

    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from bps.declare_stream(scan, name="primary", collect=True)
        image = 0
        for light in lights:
            if polarisation is not None and light is not None:
                yield from bps.checkpoint()
                yield from bps.mv(polarisation, light)
            for point in points:
                yield from bps.checkpoint()
                yield from bps.mv(energy, point)
                yield from fly(scan, replace(raster, image=image))
                image += 1

    return (yield from measure())


def _lights(order: str, polarisation: Axis | None) -> Iterator[str | None]:
    if set(order) - set(HELICITIES):
        raise ValueError(f"order={order!r}: give a row of '+' and '-', as '+-'.")
    if order and polarisation is None:
        raise ValueError(
            f"order={order!r} needs polarisation: give the undulator's, which is set for it."
        )
    return iter([HELICITIES[sign] for sign in order] or [None])


def _axes(raster: Raster) -> list[str]:
    return ["fine_x", "fine_y"] if raster.lines > 1 else ["fine_x", "energy"]


def about_images(
    technique: str,
    mode: str,
    raster: Raster,
    images: int,
    axes: Sequence[str],
    md: Mapping[str, Any] | None,
) -> dict[str, Any]:
    """What the start document says of a run of images."""
    return {
        "technique": technique,
        "mode": mode,
        "raster": asdict(raster),
        "num_images": images,
        "num_points": images * raster.points,
        "hints": {"dimensions": [([axis], "primary") for axis in axes]},
        **dict(md or {}),
    }


def fly(scan: Any, raster: Raster) -> MsgGenerator[None]:
    """Fly one raster, its rows into ``primary``."""
    yield from bps.prepare(scan, raster, wait=True)
    yield from bps.kickoff(scan, wait=True)
    yield from bps.collect_while_completing([scan], [scan], flush_period=0.5, stream_name="primary")
