"""Scanning transmission X-ray microscopy: spectra at points, lines, images, stacks and the focus.

Every plan that flies records pixels as rows in the order of time, all images of a run in one
stream; the rows' ``image``, ``energy`` and ``helicity`` tell them apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import numpy as np
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator

from ._images import about_images, fly, images
from ._rasters import Raster
from ._regions import Region, joined
from ._rehearsal import rehearsed
from ._units import ElectronVolts, Micrometres, Seconds
from .xas import Axis, Sweepable, set_dwell

__all__ = ["stxm_focus", "stxm_image", "stxm_line", "stxm_point", "stxm_stack"]


@rehearsed
def stxm_image(
    scan: Sweepable,
    energy: Axis,
    at: ElectronVolts,
    *,
    centre: tuple[Micrometres, Micrometres],
    size: tuple[Micrometres, Micrometres],
    pixel: Micrometres,
    dwell: Seconds,
    polarisation: Axis | None = None,
    order: str = "",
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take an image at one energy; with ``order``, one at each helicity.

    Parameters
    ----------
    scan
        The hardware-timed raster; prepared with a `Raster`.
    energy
        Photon energy [eV], with the zone plate following.
    at
        Energy of the image [eV].
    centre, size
        Middle and extent of the area, x and y [um].
    pixel
        Distance of pixels, in both directions [um].
    dwell
        Integration time of a pixel [s].
    polarisation
        Set to "helicity_plus" and "helicity_minus" by ``order``; needed with it alone.
    order
        Helicities of the images: "+-", or any row of + and -; without it the light stays.
    md
        More about the run, as ``{"sample": {"id": …, "name": …}}``.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per pixel and image.

    Examples
    --------
    ``RE(stxm_image(raster, focused_energy, 706.8, centre=(0, 0), size=(5, 5), pixel=0.05,
    dwell=1e-3))``
    """
    raster = Raster.around(centre, size, pixel=pixel, dwell=dwell)
    return (yield from images(scan, energy, [at], raster, polarisation, order, "image", md))


@rehearsed
def stxm_stack(
    scan: Sweepable,
    energy: Axis,
    regions: Sequence[Region],
    *,
    centre: tuple[Micrometres, Micrometres],
    size: tuple[Micrometres, Micrometres],
    pixel: Micrometres,
    dwell: Seconds,
    polarisation: Axis | None = None,
    order: str = "",
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take an image at each energy, the zone plate following; with ``order``, at each helicity.

    Parameters
    ----------
    regions
        Energies [eV], joined end to end; a shared end point is measured once.
    scan, energy, centre, size, pixel, dwell, polarisation, order, md
        As for `stxm_image`.  All energies are measured at one helicity, then at the next.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per pixel and image.
    """
    raster = Raster.around(centre, size, pixel=pixel, dwell=dwell)
    points = joined(regions).tolist()
    return (yield from images(scan, energy, points, raster, polarisation, order, "stack", md))


@rehearsed
def stxm_line(
    scan: Sweepable,
    energy: Axis,
    regions: Sequence[Region],
    *,
    centre: tuple[Micrometres, Micrometres],
    length: Micrometres,
    pixel: Micrometres,
    dwell: Seconds,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Fly one line along x at each energy: a spectrum of every place on it.

    Parameters
    ----------
    length
        Of the line [um].
    scan, energy, regions, centre, pixel, dwell, md
        As for `stxm_stack`.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per pixel and energy.
    """
    raster = Raster.around(centre, (length, 0.0), pixel=pixel, dwell=dwell)
    points = joined(regions).tolist()
    return (yield from images(scan, energy, points, raster, None, "", "line", md))


@rehearsed
def stxm_focus(
    scan: Sweepable,
    zone_plate_z: Axis,
    around: Micrometres,
    *,
    span: Micrometres,
    steps: int,
    centre: tuple[Micrometres, Micrometres],
    length: Micrometres,
    pixel: Micrometres,
    dwell: Seconds,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Fly one line across an edge at several distances of the zone plate, to find the focus.

    The zone plate ends where it should be by its formula: at ``around``.  The offset that the
    scan shows is set by hand: ``zone_plate.focus_offset.put(…)``.

    Parameters
    ----------
    scan
        The hardware-timed raster.
    zone_plate_z
        Distance of the zone plate to the sample [um].
    around
        Middle of the distances [um]: ``zone_plate.z_for(700.0)``.
    span
        From the first distance to the last [um].
    steps
        Number of distances, at least 3.
    centre, length, pixel, dwell, md
        As for `stxm_line`.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per pixel and distance.
    """
    if steps < 3 or not span > 0:
        raise ValueError(
            f"steps={steps}, span={span:g}: a focus is found between distances; give at least "
            "3 steps over a positive span [um]."
        )
    raster = Raster.around(centre, (length, 0.0), pixel=pixel, dwell=dwell)
    distances = np.round(np.linspace(around - span / 2, around + span / 2, steps), 3).tolist()
    about = about_images("STXM", "focus", raster, steps, [zone_plate_z.name], md) | {
        "distances": distances
    }

    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from bps.declare_stream(scan, name="primary", collect=True)
        for number, distance in enumerate(distances):
            yield from bps.checkpoint()
            yield from bps.mv(zone_plate_z, distance)
            yield from fly(scan, replace(raster, image=number))
        yield from bps.mv(zone_plate_z, around)

    return (yield from measure())


@rehearsed
def stxm_point(
    detectors: Sequence[Readable[Any]],
    energy: Axis,
    regions: Sequence[Region],
    *,
    x: Axis,
    y: Axis,
    places: Sequence[tuple[Micrometres, Micrometres]],
    dwell: Seconds | None = None,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Measure a spectrum at each of some places, the zone plate following.

    Parameters
    ----------
    detectors
        Read once a point: ``[i0, transmission]``.
    energy
        Photon energy [eV], with the zone plate following.
    regions
        Joined end to end; a shared end point is measured once.
    x, y
        Fine stage [um].
    places
        x and y of each [um]; one of them beside the sample gives I0.
    dwell
        Integration time of a point [s], set on every detector that has one.
    md
        More about the run.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per place and energy.
    """
    if len(places) == 0:
        raise ValueError("places is empty: give at least one (x, y) [um].")
    points = joined(regions).tolist()
    about = {
        "technique": "STXM",
        "mode": "point",
        "places": [[float(each) for each in place] for place in places],
        "regions": [asdict(region) for region in regions],
        "num_points": len(points) * len(places),
        "hints": {"dimensions": [([energy.name], "primary")]},
        **dict(md or {}),
    }

    @bpp.stage_decorator(detectors)
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from set_dwell(detectors, dwell)
        for place in places:
            yield from bps.checkpoint()
            yield from bps.mv(x, place[0], y, place[1])
            for point in points:
                yield from bps.checkpoint()
                yield from bps.mv(energy, point)
                yield from bps.trigger_and_read([*detectors, energy, x, y])

    return (yield from measure())
