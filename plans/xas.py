"""X-ray absorption: step scans, continuous scans, and magnetic dichroism."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.protocols import Flyable, Movable, Preparable, Readable
from bluesky.utils import MsgGenerator

from ._magnets import closing_after_a_quench
from ._regions import Region, Sweep, joined
from ._rehearsal import rehearsed
from ._units import ElectronVolts, Seconds, Tesla, TeslaPerMinute

__all__ = ["Axis", "Sweepable", "xas", "xas_fly", "xmcd"]


class Axis(Readable[Any], Movable[Any], Protocol):
    """What is set during a scan and read with every event."""


class Sweepable(Readable[Any], Flyable, Preparable, Protocol):
    """What is prepared with a `Sweep` and then runs through it by itself."""


HELICITIES = {"+": "helicity_plus", "-": "helicity_minus"}


@rehearsed
def xas(
    detectors: Sequence[Readable[Any]],
    energy: Axis,
    regions: Sequence[Region],
    *,
    edge: str,
    dwell: Seconds | None = None,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Read ``detectors`` at each energy of ``regions``, upward.

    Limits are checked and the time is estimated for all of it before anything moves.

    Parameters
    ----------
    detectors
        Read once a point: ``[i0, tey, tfy]``.
    energy
        Photon energy [eV], with the undulator following.
    regions
        Joined end to end; a shared end point is measured once.
    edge
        What is measured, as "Fe L2,3"; kept in the start document.
    dwell
        Integration time of a point [s], set on every detector that has one; without it their
        own, as it stands.
    md
        More about the run, as ``{"sample": {"id": …, "name": …}}``.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per energy.

    Examples
    --------
    ``RE(xas([i0, tey], energy, [Region(690, 740, 0.2)], edge="Fe L2,3", dwell=0.1))``
    """
    points = joined(regions)
    about = {
        "technique": "XAS",
        "edge": edge,
        "regions": [asdict(region) for region in regions],
        "num_points": len(points),
        "hints": {"dimensions": [(["energy"], "primary")]},
        **dict(md or {}),
    }

    @bpp.stage_decorator(detectors)
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from set_dwell(detectors, dwell)
        yield from _spectrum(detectors, energy, points.tolist())

    return (yield from measure())


@rehearsed
def xmcd(
    detectors: Sequence[Readable[Any]],
    energy: Axis,
    regions: Sequence[Region],
    *,
    edge: str,
    polarisation: Axis,
    field: Axis,
    fields: Sequence[Tesla],
    order: str = "+--+",
    dwell: Seconds | None = None,
    ramp_rate: tuple[Movable[float], TeslaPerMinute] | None = None,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Measure a spectrum at each field and helicity, for magnetic circular dichroism.

    When the magnet quenches the plan fails and says so, the field of the last event is not to be
    trusted, and the shutter that the magnet names is closed.

    The order + − − + cancels what drifts evenly with time; the reversed field cancels what
    depends on helicity alone.  Every event records helicity and field as they were read.

    Parameters
    ----------
    detectors, energy, regions, edge, dwell, md
        As for `xas`.
    polarisation
        Set to "helicity_plus" and "helicity_minus".
    field
        Magnetic field along the beam [T].
    fields
        Measured at each, in this order [T]: ``(1.0, -1.0)``.
    order
        Helicities at each field: "+--+" or any row of + and -.
    ramp_rate
        Axis and rate [T/min]: ``(magnet.ramp_rate, 1.0)``; without it the rate stays as it is.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per field, helicity and energy.
    """
    points = joined(regions)
    if not order or set(order) - set(HELICITIES):
        raise ValueError(f"order={order!r}: give a row of '+' and '-', as '+--+'.")
    if len(fields) == 0:
        raise ValueError("fields is empty: give at least one field [T], as (1.0, -1.0).")
    spectra = [
        {"field": float(value), "helicity": HELICITIES[sign]} for value in fields for sign in order
    ]
    about = {
        "technique": "XMCD",
        "edge": edge,
        "regions": [asdict(region) for region in regions],
        "spectra": spectra,
        "num_points": len(points) * len(spectra),
        "hints": {"dimensions": [(["energy"], "primary")]},
        **dict(md or {}),
    }
    also_read = [polarisation, field]

    @bpp.stage_decorator(detectors)
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from set_dwell(detectors, dwell)
        if ramp_rate is not None:
            yield from bps.mv(*ramp_rate)
        at: float | None = None
        for spectrum in spectra:
            if spectrum["field"] != at:
                at = spectrum["field"]
                yield from bps.checkpoint()
                yield from bps.mv(field, at)
            yield from bps.checkpoint()
            yield from bps.mv(polarisation, spectrum["helicity"])
            yield from _spectrum([*detectors, *also_read], energy, points.tolist())

    return (yield from closing_after_a_quench(measure, field))


@rehearsed
def xas_fly(
    scan: Sweepable,
    energy: Axis,
    start: ElectronVolts,
    stop: ElectronVolts,
    *,
    points: int,
    dwell: Seconds,
    edge: str,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Sweep the energy at constant speed while the counters integrate.

    Parameters
    ----------
    scan
        The hardware-timed scan; its rows carry the names of a step scan's columns.
    energy
        Photon energy [eV]; brought to ``start`` first.
    start, stop
        Middle of the first and of the last row [eV].
    points
        Rows, equally spaced.
    dwell
        Integration time of a row [s].
    edge, md
        As for `xas`.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per row.
    """
    sweep = Sweep(start, stop, points, dwell)
    about = {
        "technique": "XAS",
        "edge": edge,
        "sweep": asdict(sweep),
        "num_points": points,
        "hints": {"dimensions": [(["energy"], "primary")]},
        **dict(md or {}),
    }

    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from bps.prepare(scan, sweep, wait=True)
        yield from bps.mv(energy, start)
        yield from bps.declare_stream(scan, name="primary", collect=True)
        yield from bps.kickoff(scan, wait=True)
        yield from bps.collect_while_completing(
            [scan], [scan], flush_period=0.5, stream_name="primary"
        )

    return (yield from measure())


def set_dwell(detectors: Sequence[Any], dwell: float | None) -> MsgGenerator[None]:
    """Set ``dwell`` [s] on every detector that has one; None leaves them as they stand."""
    if dwell is None:
        return
    if not dwell > 0:
        raise ValueError(f"dwell={dwell:g}: an integration time [s] is positive.")
    for detector in detectors:
        if hasattr(detector, "dwell"):
            yield from bps.mv(detector.dwell, dwell)


def _spectrum(
    readables: Sequence[Any], energy: Axis, points: Sequence[float]
) -> MsgGenerator[None]:
    for point in points:
        yield from bps.checkpoint()
        yield from bps.mv(energy, point)
        yield from bps.trigger_and_read([*readables, energy])
