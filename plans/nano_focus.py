"""Keeping a small spot: the focus, and a rotation that stays on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator
from numpy.typing import NDArray

from ._cut import Cut
from ._rehearsal import rehearsed
from ._taken import ImagingSpectrometer, Taken, refuse_none
from ._units import Degrees, ElectronVolts, Micrometres, Millimetres
from .xas import Axis

__all__ = ["focus", "tracked_places", "tracked_rotation"]


@rehearsed
def focus(
    analyser: ImagingSpectrometer,
    energy: Axis,
    cut: Cut,
    *,
    z: Axis,
    across: Axis,
    depths: Sequence[Micrometres],
    places: Sequence[Micrometres],
    photon_energy: ElectronVolts,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Move an edge of the sample through the beam at each place of the focusing optic.

    Where the edge is sharpest is the focus; `nanoterasu.analysis.arpes.focus` finds it.

    Parameters
    ----------
    analyser
        Its total is what the edge changes.
    energy
        Photon energy [eV]; without the optic following, since the plan moves it.
    cut
        Energies and dwell of a frame.
    z
        Of the focusing optic [um].
    across
        Of the stage, across the edge [um].
    depths, places
        Places of ``z`` and, at each, of ``across`` [um].
    photon_energy
        Of the light [eV].
    detectors
        Read with each frame too: ``[i0]``.
    md
        More about the run, as ``{"sample": {"id": …, "name": …}}``.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event per depth and place.
    """
    refuse_none(depths=depths, places=places)
    about = {
        "scan": "focus",
        "shape": [len(depths), len(places)],
        "hints": {"dimensions": [([z.name], "primary"), ([across.name], "primary")]},
    }
    points = [{z: depth, across: place} for depth in depths for place in places]
    taken = Taken(analyser, energy, cut, photon_energy, detectors, about, md)
    return (yield from taken.at(points))


@rehearsed
def tracked_rotation(
    analyser: ImagingSpectrometer,
    energy: Axis,
    cut: Cut,
    *,
    angle: Axis,
    angles: Sequence[Degrees],
    x: Axis,
    y: Axis,
    z: Axis,
    home: Sequence[Millimetres],
    eccentricity: Sequence[Millimetres],
    axis: Sequence[float] = (0.0, 1.0, 0.0),
    photon_energy: ElectronVolts,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take a frame at each angle of the sample, with the same spot of it in the beam.

    The manipulator's x, y and z make up for what the rotation moves; see `tracked_places`.

    Parameters
    ----------
    analyser, energy, cut, photon_energy, detectors, md
        As for `arpes_map`.
    angle
        Of the sample, about ``axis`` [deg].
    angles
        Its places [deg].
    x, y, z
        Of the manipulator below the rotation [mm].
    home
        Where they stand with the spot in the beam at an angle of 0 [mm].
    eccentricity, axis
        As of `tracked_places`.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event an angle, with x, y and z.
    """
    refuse_none(angles=angles)
    about = {
        "scan": "tracked rotation",
        "eccentricity": [float(each) for each in eccentricity],
        "hints": {"dimensions": [([angle.name], "primary")]},
    }
    places = tracked_places(angles, home=home, eccentricity=eccentricity, axis=axis)
    points = [
        {angle: turned, x: at[0], y: at[1], z: at[2]}
        for turned, at in zip(angles, places.tolist(), strict=True)
    ]
    taken = Taken(analyser, energy, cut, photon_energy, detectors, about, md)
    return (yield from taken.at(points))


def tracked_places(
    angles: Sequence[Degrees],
    *,
    home: Sequence[Millimetres],
    eccentricity: Sequence[Millimetres],
    axis: Sequence[float] = (0.0, 1.0, 0.0),
) -> NDArray[np.float64]:
    """Places of x, y and z that keep a spot in the beam while the sample turns.

    A spot at r from the axis of rotation goes, at an angle θ about the unit vector n, to

        R(θ) r = r cos θ + (n × r) sin θ + n (n·r) (1 - cos θ)

    (Rodrigues), so that the manipulator has to go from its ``home`` m to m - (R(θ) - 1) r.  The
    way to measure r: bring the spot back by hand at two angles, and solve for it; the method of
    Iwasawa et al., https://pmc.ncbi.nlm.nih.gov/articles/PMC6258666, traces it so.

    Parameters
    ----------
    angles : (n,) [deg]
    home : (3,) [mm]
        Place at an angle of 0.
    eccentricity : (3,) [mm]
        The spot from the axis of rotation at an angle of 0: r.
    axis : (3,)
        Direction n of the axis in x, y and z; the manipulator's theta turns about y.

    Returns
    -------
    (n, 3) array [mm]

    >>> tracked_places([0.0, 90.0], home=(0, 0, 0), eccentricity=(1.0, 0.0, 0.0)).round(6) + 0.0
    array([[0., 0., 0.],
           [1., 0., 1.]])
    """
    r, n = np.asarray(eccentricity, dtype=float), np.asarray(axis, dtype=float)
    if r.shape != (3,) or n.shape != (3,) or not np.any(n) or np.shape(home) != (3,):
        raise ValueError(
            f"home={home}, eccentricity={eccentricity}, axis={axis}: give three numbers each, "
            "along x, y and z, and a direction for the axis."
        )
    n = n / np.linalg.norm(n)
    theta = np.radians(np.asarray(angles, dtype=float))[:, None]
    turned = r * np.cos(theta) + np.cross(n, r) * np.sin(theta) + n * (n @ r) * (1 - np.cos(theta))
    return np.asarray(home, dtype=float) - (turned - r)
