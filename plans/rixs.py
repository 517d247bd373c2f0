"""Resonant inelastic X-ray scattering: elastic references, and one energy in sub-exposures.

Each exposure is an event of its own, with the frame, the monitors and the energy as they were: a
reduction can then follow what drifts, and drop what went wrong.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bluesky.plan_stubs as bps
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator

from ._exposures import (
    Reference,
    RixsMode,
    Spectrometer,
    check_exposures,
    expose,
    moved,
    run_of,
    visit,
)
from ._rehearsal import rehearsed
from ._units import ElectronVolts, Seconds
from .positions import go_to
from .xas import Axis

__all__ = ["elastic_reference", "rixs"]


@rehearsed
def elastic_reference(
    detectors: Sequence[Readable[Any]],
    energy: Axis,
    energies: Sequence[ElectronVolts],
    *,
    edge: str,
    spectrometer: Spectrometer,
    dwell: Seconds,
    exposures: int = 1,
    reference: Reference | None = None,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Expose the elastic line at some incident energies, the spectrometer standing still.

    It gives the curvature of a line of one energy, and the energy of each column.  Three energies
    or more show that the scale is not straight.

    Parameters
    ----------
    detectors
        The photon counter and what is read with each frame: ``[rixs_detector, i0, ring]``.
    energy
        Photon energy [eV], with the undulator following.
    energies
        Incident energies [eV], in this order; without a ``reference``, off every resonance.
    edge
        What is measured, as "Ni L3"; kept in the start document.
    spectrometer
        Read with each frame; set to "spectrum".
    dwell
        Of an exposure [s], set on every detector that has one.
    exposures
        At each energy.
    reference
        Visited for all of it; its own number of exposures does not count.
    md
        More about the run.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per exposure.
    """
    check_exposures(exposures)
    points = [float(each) for each in energies]
    if not points:
        raise ValueError("energies is empty: give some [eV], as (851.7, 852.7, 853.7).")
    about = {
        "technique": "RIXS elastic reference",
        "edge": edge,
        "mode": "spectrum",
        "energies": points,
        "dwell": float(dwell),
        "num_points": len(points) * exposures,
        "hints": {"dimensions": [(["energy"], "primary")]},
        **dict(md or {}),
    }
    readables = [*detectors, spectrometer, energy, *moved(reference)]

    def measure() -> MsgGenerator[None]:
        if reference is not None:
            yield from go_to(reference.manipulator, reference.there)
        for point in points:
            yield from bps.checkpoint()
            yield from bps.mv(energy, point)
            yield from expose(readables, exposures)
        if reference is not None:
            yield from bps.checkpoint()
            yield from go_to(reference.manipulator, reference.back)

    return (yield from run_of(about, detectors, spectrometer, dwell, measure()))


@rehearsed
def rixs(
    detectors: Sequence[Readable[Any]],
    energy: Axis,
    incident: ElectronVolts,
    *,
    edge: str,
    spectrometer: Spectrometer,
    exposures: int,
    dwell: Seconds,
    mode: RixsMode = "spectrum",
    reference: Reference | None = None,
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Expose at one incident energy, in parts that a reduction can align.

    Parameters
    ----------
    detectors, energy, edge, dwell, md
        As for `elastic_reference`.
    incident
        Incident energy [eV].
    spectrometer
        Read with each frame; set to ``mode``.
    exposures
        Parts into which the counting is split, each of ``dwell``.
    mode
        "spectrum"; "imaging", where the rows are heights on the sample; or "hv2", where they are
        incident energies, with a wide exit slit.
    reference
        Visited before and after, if given.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per exposure; ``exposures`` of the start
        document says of each whether it is of the "sample" or a "reference".

    Examples
    --------
    ``RE(rixs([rixs_detector, i0, ring], energy, 852.7, edge="Ni L3", spectrometer=spectrometer,
    exposures=10, dwell=60))``
    """
    check_exposures(exposures)
    kinds = ["sample"] * exposures
    if reference is not None:
        around = ["reference"] * reference.exposures
        kinds = [*around, *kinds, *around]
    about = {
        "technique": "RIXS",
        "edge": edge,
        "mode": mode,
        "incident_energy": float(incident),
        "exposures": kinds,
        "dwell": float(dwell),
        "num_points": len(kinds),
        "hints": {"dimensions": [(["time"], "primary")]},
        **dict(md or {}),
    }
    readables = [*detectors, spectrometer, energy, *moved(reference)]

    def measure() -> MsgGenerator[None]:
        yield from bps.mv(energy, incident)
        yield from visit(readables, reference)
        yield from expose(readables, exposures)
        yield from visit(readables, reference)

    return (yield from run_of(about, detectors, spectrometer, dwell, measure()))
