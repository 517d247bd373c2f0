"""Which energies a spectrum is measured at."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import NDArray

from ._units import ElectronVolts, Seconds


@dataclass(frozen=True, slots=True)
class Region:
    """Equally spaced energies, both ends included.

    Attributes
    ----------
    start, stop, step : float [eV]

    Raises
    ------
    ValueError
        If the region is empty, or runs downward.

    >>> Region(705.0, 706.0, 0.25).points()
    array([705.  , 705.25, 705.5 , 705.75, 706.  ])
    """

    start: ElectronVolts
    stop: ElectronVolts
    step: ElectronVolts

    def __post_init__(self) -> None:
        values = (self.start, self.stop, self.step)
        if not all(isinstance(value, Real) and math.isfinite(value) for value in values):
            raise ValueError(f"{self}: start, stop and step are energies [eV]; give numbers.")
        if not self.step > 0 or not self.stop > self.start:
            raise ValueError(f"{self}: a region runs upward; give start < stop and step > 0.")

    def points(self) -> NDArray[np.float64]:
        """Energies of the region, shape (n,) [eV]; a last short step is kept short."""
        count = math.floor((self.stop - self.start) / self.step + 1e-9)
        points = self.start + self.step * np.arange(count + 1)
        if self.stop - points[-1] > 1e-6:
            points = np.append(points, self.stop)
        return np.round(points, 6)


@dataclass(frozen=True, slots=True)
class Sweep:
    """One continuous sweep of the energy.

    Attributes
    ----------
    start, stop : float [eV]
    points : int
        Rows recorded, equally spaced in time.
    dwell : float [s]
        Integration time of a row.

    >>> Sweep(700.0, 730.0, 301, 0.1).speed
    1.0
    """

    start: ElectronVolts
    stop: ElectronVolts
    points: int
    dwell: Seconds

    @property
    def duration(self) -> float:
        """Time that the sweep takes [s]."""
        return self.points * self.dwell

    @property
    def speed(self) -> float:
        """Speed of the energy [eV/s], from the middle of the first row to that of the last."""
        return abs(self.stop - self.start) / (max(self.points - 1, 1) * self.dwell)


@dataclass(frozen=True, slots=True)
class Frames:
    """A burst of frames of an area detector.

    Attributes
    ----------
    number : int
    dwell : float [s]
        Exposure of a frame.
    triggered : bool
        By another device's pulses, one a frame; else by the detector's own clock.

    >>> Frames(10, 0.5).duration
    5.0
    """

    number: int
    dwell: Seconds
    triggered: bool = False

    @property
    def duration(self) -> float:
        """Time that the burst takes [s]."""
        return self.number * self.dwell


def joined(regions: Sequence[Region]) -> NDArray[np.float64]:
    """Energies of ``regions`` end to end, shape (n,) [eV]; a shared end point comes once.

    >>> joined([Region(1.0, 2.0, 1.0), Region(2.0, 2.5, 0.5)])
    array([1. , 2. , 2.5])
    """
    if not regions:
        raise ValueError(
            "no region is given; a spectrum needs at least one Region(start, stop, step)."
        )
    return np.unique(np.concatenate([region.points() for region in regions]))
