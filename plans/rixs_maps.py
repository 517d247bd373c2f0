"""Inelastic scattering against something: maps of the incident energy and of the momentum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bluesky.plan_stubs as bps
from bluesky.protocols import Movable, Readable
from bluesky.utils import MsgGenerator

from ._exposures import RixsMode, Spectrometer, check_exposures, expose, run_of
from ._momentum import MOMENTUM_FORMULA, theta_for
from ._regions import Region, joined
from ._rehearsal import rehearsed
from ._units import Degrees, ElectronVolts, PerAngstrom, Seconds
from .xas import Axis

__all__ = ["rixs_map", "rixs_momentum"]


@rehearsed
def rixs_map(
    detectors: Sequence[Readable[Any]],
    energy: Axis,
    regions: Sequence[Region],
    *,
    edge: str,
    spectrometer: Spectrometer,
    dwell: Seconds,
    exposures: int = 1,
    mode: RixsMode = "spectrum",
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Expose at each incident energy of ``regions``: a map of incident energy and energy loss.

    The spectrometer stands still, so that the losses move over the detector: it must see all of
    them at the first and the last energy.

    Parameters
    ----------
    detectors, energy, edge, spectrometer, dwell, mode, md
        As for `rixs`.
    regions
        Joined end to end; a shared end point is measured once.
    exposures
        At each energy.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per energy and exposure.
    """
    check_exposures(exposures)
    points = joined(regions).tolist()
    about = {
        "technique": "RIXS map",
        "edge": edge,
        "mode": mode,
        "energies": points,
        "dwell": float(dwell),
        "num_points": len(points) * exposures,
        "hints": {"dimensions": [(["energy"], "primary")]},
        **dict(md or {}),
    }
    readables = [*detectors, spectrometer, energy]

    def measure() -> MsgGenerator[None]:
        for point in points:
            yield from bps.checkpoint()
            yield from bps.mv(energy, point)
            yield from expose(readables, exposures)

    return (yield from run_of(about, detectors, spectrometer, dwell, measure()))


@rehearsed
def rixs_momentum(
    detectors: Sequence[Readable[Any]],
    energy: Axis,
    incident: ElectronVolts,
    *,
    edge: str,
    spectrometer: Spectrometer,
    theta: Axis,
    two_theta: tuple[Movable[float], Degrees],
    momenta: Sequence[PerAngstrom],
    dwell: Seconds,
    exposures: int = 1,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Expose at each momentum along the surface, by turning the sample under a fixed arm.

    Parameters
    ----------
    detectors, energy, incident, edge, spectrometer, dwell, md
        As for `rixs`.
    theta
        Angle of the surface normal to the beam [deg].
    two_theta
        Axis of the arm and its scattering angle [deg]: ``(spectrometer.two_theta, 150.0)``.
    momenta
        Each q [1/angstrom], in this order; positive towards grazing incidence.
    exposures
        At each momentum.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per momentum and exposure; ``momenta`` of the
        start document gives q and theta of each, ``momentum_formula`` how they belong together.

    Raises
    ------
    ValueError
        For a momentum that this light or this geometry cannot give; before anything moves.
    """
    check_exposures(exposures)
    arm, scattering = two_theta
    places = [(float(q), theta_for(q, incident, scattering)) for q in momenta]
    if not places:
        raise ValueError("momenta is empty: give some [1/angstrom], as (-0.2, 0.0, 0.2).")
    about = {
        "technique": "RIXS momentum",
        "edge": edge,
        "mode": "spectrum",
        "incident_energy": float(incident),
        "two_theta": float(scattering),
        "momenta": [{"q": q, "theta": at} for q, at in places],
        "momentum_formula": MOMENTUM_FORMULA,
        "dwell": float(dwell),
        "num_points": len(places) * exposures,
        "hints": {"dimensions": [([theta.name], "primary")]},
        **dict(md or {}),
    }
    readables = [*detectors, spectrometer, energy, theta]

    def measure() -> MsgGenerator[None]:
        yield from bps.mv(energy, incident, arm, scattering)
        for _, at in places:
            yield from bps.checkpoint()
            yield from bps.mv(theta, at)
            yield from expose(readables, exposures)

    return (yield from run_of(about, detectors, spectrometer, dwell, measure()))
