"""Angle-resolved photoemission with a small focus: maps, Fermi surfaces and series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import bluesky.plan_stubs as bps
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator

from ._cut import Cut
from ._rehearsal import rehearsed
from ._taken import ImagingSpectrometer, Taken, refuse_none
from ._units import Degrees, ElectronVolts, Kelvin, Micrometres, Seconds
from .xas import Axis

__all__ = ["arpes_map", "fermi_surface", "kz_scan", "temperature_series"]


@rehearsed
def arpes_map(
    analyser: ImagingSpectrometer,
    energy: Axis,
    cut: Cut,
    *,
    x: Axis,
    y: Axis,
    columns: Sequence[Micrometres],
    rows: Sequence[Micrometres],
    photon_energy: ElectronVolts,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take a frame at each point of a raster, every other row backward.

    Parameters
    ----------
    analyser, cut, photon_energy, detectors, md
        As for `focus`.
    energy
        Photon energy [eV], with the focus following.
    x, y
        Of the stage [um].
    columns, rows
        Places of ``x`` and of ``y`` [um].

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event a point: a frame of angles by energies, so
        that the run is a map of four dimensions.
    """
    refuse_none(columns=columns, rows=rows)
    about = {
        "scan": "map",
        "shape": [len(rows), len(columns)],
        "extents": [[min(rows), max(rows)], [min(columns), max(columns)]],
        "snaking": [False, True],
        "hints": {"dimensions": [([y.name], "primary"), ([x.name], "primary")]},
    }
    points = [
        {y: row, x: column}
        for number, row in enumerate(rows)
        for column in (list(columns)[::-1] if number % 2 else columns)
    ]
    taken = Taken(analyser, energy, cut, photon_energy, detectors, about, md)
    return (yield from taken.at(points))


@rehearsed
def fermi_surface(
    analyser: ImagingSpectrometer,
    energy: Axis,
    cut: Cut,
    *,
    angle: Axis,
    angles: Sequence[Degrees],
    photon_energy: ElectronVolts,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take a frame at each angle across the slit.

    Parameters
    ----------
    analyser, energy, cut, photon_energy, detectors, md
        As for `arpes_map`.
    angle
        The analyser's deflector, which leaves the sample alone, or an angle of the sample that
        turns it across the slit; then with a large spot, or by `tracked_rotation`.
    angles
        Its places [deg].

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event an angle.
    """
    refuse_none(angles=angles)
    about = {"scan": "Fermi surface", "hints": {"dimensions": [([angle.name], "primary")]}}
    taken = Taken(analyser, energy, cut, photon_energy, detectors, about, md)
    return (yield from taken.at([{angle: place} for place in angles]))


@rehearsed
def kz_scan(
    analyser: ImagingSpectrometer,
    energy: Axis,
    cut: Cut,
    *,
    energies: Sequence[ElectronVolts],
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take a frame at each photon energy, its window following the Fermi level.

    Parameters
    ----------
    analyser, energy, cut, detectors, md
        As for `arpes_map`.
    energies
        Photon energies [eV].

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event a photon energy; the kinetic energies of each
        frame stand beside it, and those of the configuration are of the first alone.
    """
    refuse_none(energies=energies)
    about = {"scan": "kz", "hints": {"dimensions": [([energy.name], "primary")]}}

    def follow(point: Mapping[Any, float]) -> MsgGenerator[None]:
        yield from cut.look(analyser, point[energy])

    points = [{energy: photon_energy} for photon_energy in energies]
    taken = Taken(analyser, energy, cut, energies[0], detectors, about, md)
    return (yield from taken.at(points, then=follow))


@rehearsed
def temperature_series(
    analyser: ImagingSpectrometer,
    energy: Axis,
    cut: Cut,
    *,
    temperature: Axis,
    temperatures: Sequence[Kelvin],
    photon_energy: ElectronVolts,
    settle: Seconds = 0.0,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take a frame at each temperature, in the order given.

    Parameters
    ----------
    analyser, energy, cut, photon_energy, detectors, md
        As for `arpes_map`.
    temperature
        Of the sample [K]; its controller ramps at its own rate.
    temperatures
        Measured at [K].
    settle
        Time to wait at each before it is measured [s]: the manipulator grows and shrinks.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event a temperature.
    """
    refuse_none(temperatures=temperatures)
    about = {
        "scan": "temperature series",
        "hints": {"dimensions": [([temperature.name], "primary")]},
    }

    def wait(point: Mapping[Any, float]) -> MsgGenerator[None]:
        if settle:
            yield from bps.sleep(settle)

    points = [{temperature: kelvin} for kelvin in temperatures]
    taken = Taken(analyser, energy, cut, photon_energy, detectors, about, md)
    return (yield from taken.at(points, then=wait))
