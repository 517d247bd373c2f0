"""X-ray photoelectron spectroscopy: regions by core level, and maps of one of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.protocols import Readable, Triggerable
from bluesky.utils import MsgGenerator

from ._binding import BindingRegion, core_level_region
from ._rehearsal import rehearsed
from ._units import ElectronVolts, Millimetres
from .xas import Axis

__all__ = ["Spectrometer", "xps_map", "xps_regions"]


class Spectrometer(Readable[Any], Triggerable, Protocol):
    """An analyser that sweeps kinetic energies, one spectrum a trigger."""

    acquisition_mode: Any
    low: Any
    high: Any
    step: Any
    dwell: Any
    pass_energy: Any
    work_function: Any
    spectrum: Any


@rehearsed
def xps_regions(
    analyser: Spectrometer,
    energy: Axis,
    regions: Sequence[BindingRegion | str],
    *,
    photon_energy: ElectronVolts,
    pass_energy: ElectronVolts | None = None,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Measure regions of binding energy one after the other, each in all its sweeps.

    Parameters
    ----------
    analyser
        Swept over each region.
    energy
        Photon energy [eV], with the undulator following.
    regions
        `BindingRegion`, or a core level by its name, as "Fe 2p3/2": then from 10 eV below to
        10 eV above, in steps of 0.1 eV and one sweep.
    photon_energy
        Of the light [eV].
    pass_energy
        Of the analyser [eV]; without it as it stands.
    detectors
        Read with each sweep too: ``[i0]``.
    md
        More about the run, as ``{"sample": {"id": …, "name": …}}``.

    Returns
    -------
    str
        uid of the run.  Each region has a stream of its own, named as `BindingRegion.stream`
        says, of one event a sweep: counts at the kinetic energies that stand beside them.

    Examples
    --------
    ``RE(xps_regions(analyser, energy, ["C 1s", "Fe 2p3/2"], photon_energy=1000.0))``
    """
    chosen = checked_regions(regions)
    names = [region.stream for region in chosen]
    if len(set(names)) < len(names):
        raise ValueError(
            f"regions share a name: {', '.join(region.name for region in chosen)}. Each names its "
            "stream; give each its own."
        )
    about = xps_metadata(analyser, chosen, photon_energy) | dict(md or {})
    for region in chosen:
        region.kinetic(photon_energy, about["work_function"])

    @bpp.stage_decorator([analyser, *detectors])
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from bps.mv(energy, photon_energy)
        for region in chosen:
            yield from bps.checkpoint()
            yield from sweep_over(analyser, region, about, pass_energy)
            for _ in range(region.sweeps):
                yield from bps.checkpoint()
                yield from bps.trigger_and_read([analyser, energy, *detectors], name=region.stream)

    return (yield from measure())


@rehearsed
def xps_map(
    analyser: Spectrometer,
    energy: Axis,
    region: BindingRegion | str,
    *,
    x: Axis,
    y: Axis,
    columns: Sequence[Millimetres],
    rows: Sequence[Millimetres],
    photon_energy: ElectronVolts,
    pass_energy: ElectronVolts | None = None,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Measure one region at each point of a raster, every other row backward.

    Parameters
    ----------
    analyser, energy, photon_energy, pass_energy, detectors, md
        As for `xps_regions`.
    region
        Measured at each point in one sweep.
    x, y
        Axes of the sample, or of a fine stage.
    columns, rows
        Places of ``x`` and of ``y``, in their unit: mm of a manipulator, um of a fine stage.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event a point, with ``x`` and ``y`` as read.
    """
    if len(columns) == 0 or len(rows) == 0:
        raise ValueError("columns and rows: give at least one place [mm] of each, as (0.0, 0.1).")
    (chosen,) = checked_regions([region])
    about = {
        **xps_metadata(analyser, [chosen], photon_energy),
        "shape": [len(rows), len(columns)],
        "extents": [[min(rows), max(rows)], [min(columns), max(columns)]],
        "snaking": [False, True],
        "num_points": len(rows) * len(columns),
        "hints": {"dimensions": [([y.name], "primary"), ([x.name], "primary")]},
        **dict(md or {}),
    }
    chosen.kinetic(photon_energy, about["work_function"])

    @bpp.stage_decorator([analyser, *detectors])
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from bps.mv(energy, photon_energy)
        yield from sweep_over(analyser, chosen, about, pass_energy)
        for number, row in enumerate(rows):
            for column in columns if number % 2 == 0 else reversed(columns):
                yield from bps.checkpoint()
                yield from bps.mv(y, row, x, column)
                yield from bps.trigger_and_read([analyser, x, y, *detectors])

    return (yield from measure())


def checked_regions(regions: Sequence[BindingRegion | str]) -> list[BindingRegion]:
    """Regions, with those around core levels that are given by name."""
    if isinstance(regions, str) or len(regions) == 0:
        raise ValueError(
            f"regions={regions!r}: give a list of regions or core levels, as ['C 1s', 'Fe 2p3/2']."
        )
    return [core_level_region(each) if isinstance(each, str) else each for each in regions]


def xps_metadata(
    analyser: Spectrometer, regions: Sequence[BindingRegion], photon_energy: float
) -> dict[str, Any]:
    """What the start document says of any photoelectron spectrum."""
    return {
        "technique": "XPS",
        "photon_energy": float(photon_energy),
        # A constant of the analyser, not a reading: it turns kinetic into binding energies.
        "work_function": float(analyser.work_function.get()),
        "regions": [asdict(region) | {"stream": region.stream} for region in regions],
    }


def sweep_over(
    analyser: Spectrometer,
    region: BindingRegion,
    about: Mapping[str, Any],
    pass_energy: float | None,
) -> MsgGenerator[None]:
    """Set the analyser to sweep over a region."""
    low, high = region.kinetic(about["photon_energy"], about["work_function"])
    if pass_energy is not None:
        yield from bps.mv(analyser.pass_energy, pass_energy)
    yield from bps.mv(
        analyser.acquisition_mode,
        "swept",
        analyser.low,
        low,
        analyser.high,
        high,
        analyser.step,
        region.step,
        analyser.dwell,
        region.dwell,
    )
