"""Magnetic dichroism in one continuous sweep, the helicity switching meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Protocol

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.protocols import Movable
from bluesky.utils import MsgGenerator

from ._magnets import closing_after_a_quench
from ._regions import Sweep
from ._rehearsal import rehearsed
from ._units import ElectronVolts, Hertz, Seconds, Tesla
from .xas import HELICITIES, Axis, Sweepable

__all__ = ["Switch", "xmcd_fly"]


class Switch(Protocol):
    """What turns the helicity over at a rate [Hz]."""

    @property
    def rate(self) -> Movable[float]:
        """Periods a second [Hz]; 0 switches nothing."""
        ...

    def check_dwell(self, dwell: float, rate: float | None = None) -> None:
        """Refuse a dwell [s] in which a row would see both helicities at ``rate`` [Hz]."""
        ...


@rehearsed
def xmcd_fly(
    scan: Sweepable,
    energy: Axis,
    start: ElectronVolts,
    stop: ElectronVolts,
    *,
    points: int,
    dwell: Seconds,
    edge: str,
    switch: Switch,
    rate: Hertz,
    polarisation: Axis,
    field: Axis,
    at: Tesla,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Sweep the energy once while the helicity switches: both helicities see the same drifts.

    When the magnet quenches the plan fails and says so, and the shutter that the magnet names is
    closed.  The switch rests afterwards.

    Parameters
    ----------
    scan, energy, start, stop, points, dwell, edge, md
        As for `xas_fly`; ``points`` counts the rows of both helicities.
    switch
        Turns the helicity over; set to ``rate`` and, at the end, to 0.
    rate
        Periods a second [Hz]; half a period is a whole number of dwells.
    polarisation
        Set to "helicity_plus", which the switch turns over.
    field
        Magnetic field along the beam [T].
    at
        Measured in this field [T].

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per row, with its ``helicity``; ``field`` the
        magnetic field before and after the sweep.
    """
    if not rate > 0:
        raise ValueError(f"rate={rate:g}: give how often a second the helicity turns [Hz].")
    switch.check_dwell(dwell, rate)
    sweep = Sweep(start, stop, points, dwell)
    about = {
        "technique": "XMCD",
        "edge": edge,
        "sweep": asdict(sweep),
        "switching": rate,
        "num_points": points,
        "hints": {"dimensions": [(["energy"], "primary")]},
        **dict(md or {}),
    }

    @bpp.finalize_decorator(lambda: bps.mv(switch.rate, 0.0))
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        yield from bps.mv(field, at)
        yield from bps.mv(polarisation, HELICITIES["+"])
        yield from bps.mv(energy, start)
        yield from bps.mv(switch.rate, rate)
        yield from bps.prepare(scan, sweep, wait=True)
        yield from bps.trigger_and_read([field], name="field")
        yield from bps.declare_stream(scan, name="primary", collect=True)
        yield from bps.kickoff(scan, wait=True)
        yield from bps.collect_while_completing(
            [scan], [scan], flush_period=0.5, stream_name="primary"
        )
        yield from bps.trigger_and_read([field], name="field")

    return (yield from closing_after_a_quench(measure, field))
