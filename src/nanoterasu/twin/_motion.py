"""Where something is at any instant: at rest, on its way, or drawn along."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike


class Trajectory(Protocol):
    """A position as a function of time."""

    @property
    def end(self) -> float:
        """Instant [s] from which the position does not change."""
        ...

    def at(self, t: ArrayLike) -> np.ndarray:
        """Position at the instants ``t`` [s]."""
        ...


@dataclass(frozen=True, slots=True)
class Rest:
    """A position that stays, until ``end`` [s] in the sense that something is still awaited."""

    position: float
    end: float = -math.inf

    def at(self, t: ArrayLike) -> np.ndarray:
        """Position, whenever."""
        return np.full(np.shape(t), self.position)


@dataclass(frozen=True, slots=True)
class Trapezoid:
    """Point-to-point move: constant acceleration, cruise, constant deceleration.

    Attributes
    ----------
    begin : float [s]
    start, target : float
    velocity : float [1/s]
        Of the cruise; positive.
    ramp : float [s]
        Time from rest to ``velocity``.  A move too short for it keeps the acceleration and
        turns around on the way up.

    >>> move = Trapezoid(begin=0.0, start=0.0, target=10.0, velocity=2.0, ramp=1.0)
    >>> move.end, move.at([-1.0, 1.0, 3.0, 6.0, 9.0]).tolist()
    (6.0, [0.0, 1.0, 5.0, 10.0, 10.0])
    """

    begin: float
    start: float
    target: float
    velocity: float
    ramp: float = 0.0

    def _shape(self) -> tuple[float, float, float]:
        """Peak speed, ramp time and cruise time."""
        distance = abs(self.target - self.start)
        if distance == 0.0:
            return 0.0, 0.0, 0.0
        if self.velocity * self.ramp > distance:
            ramp = math.sqrt(distance * self.ramp / self.velocity)
            # A distance so small that its time is no number is there at once.
            return (distance / ramp, ramp, 0.0) if ramp else (0.0, 0.0, 0.0)
        return self.velocity, self.ramp, distance / self.velocity - self.ramp

    @property
    def end(self) -> float:
        """Instant of arrival [s]."""
        _, ramp, cruise = self._shape()
        return self.begin + 2.0 * ramp + cruise

    def at(self, t: ArrayLike) -> np.ndarray:
        """Position at the instants ``t`` [s]."""
        peak, ramp, cruise = self._shape()
        since = np.asarray(t, dtype=float) - self.begin
        up, down = np.clip(since, 0.0, ramp), np.clip(since - ramp - cruise, 0.0, ramp)
        travelled = peak * (np.clip(since - ramp, 0.0, cruise) + down)
        if ramp:
            travelled = travelled + 0.5 * peak * (up * (up / ramp) - down * (down / ramp))
        position = self.start + math.copysign(1.0, self.target - self.start) * travelled
        # To the last digit at the end: a record compares its position with what was asked for.
        return np.where(np.asarray(t) >= self.end, self.target, position)


@dataclass(frozen=True, slots=True)
class Tabulated:
    """Positions given at instants, joined by straight lines.

    Attributes
    ----------
    instants : (n,) array [s], increasing
    positions : (n,) array
    """

    instants: np.ndarray
    positions: np.ndarray

    @property
    def end(self) -> float:
        """Last instant [s]."""
        return float(self.instants[-1])

    def at(self, t: ArrayLike) -> np.ndarray:
        """Position at the instants ``t`` [s]."""
        return np.interp(np.asarray(t, dtype=float), self.instants, self.positions)
