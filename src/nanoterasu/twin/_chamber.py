"""The chamber around the sample: gas, heat and potential, and what they make of its surface."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from ._clock import Clock
from ._instruments import Ramped
from .physics import BASE_PRESSURE, FIRST_OXIDE, filled, oxidised, surface_rates

STEP = 0.5  # s of instrument time in which nothing else changes
KEPT = 40_000  # steps that can still be asked for


class State(NamedTuple):
    """What it is like at instants, each of shape (n,).

    Attributes
    ----------
    oxygen, hydrogen : array [mbar]
    oxide : array [1]
        Oxidised share of the sample's surface.
    """

    oxygen: np.ndarray
    hydrogen: np.ndarray
    oxide: np.ndarray


class Chamber:
    """Reckons pressures and surface along the courses of the controllers, as far as asked.

    Call `reckon` before any of them changes its course.

    Attributes
    ----------
    oxygen, hydrogen : Ramped or None
        Flows into the cell [sccm].
    setpoint : Ramped or None
        Of the pressure [mbar].
    temperature : Ramped or None
        Of the sample [K].
    potential : Ramped or None
        Of the working electrode [V].
    controlled : bool
        Whether the potential is held; else the circuit is open.
    bias : Ramped or None
        Of the sample against the analyser [V].
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.oxygen: Ramped | None = None
        self.hydrogen: Ramped | None = None
        self.setpoint: Ramped | None = None
        self.temperature: Ramped | None = None
        self.potential: Ramped | None = None
        self.controlled = False
        self.bias: Ramped | None = None
        self._first = 0  # number of the step that comes first of those kept
        self._states: list[tuple[float, float, float]] = [(0.0, 0.0, FIRST_OXIDE)]

    def reckon(self, upto: float | None = None) -> None:
        """Reckon up to ``upto`` [s], or to now."""
        instant = self._clock.now() if upto is None else upto
        begin = self._first + len(self._states) - 1
        end = int(instant / STEP) + 1
        if end <= begin:
            return
        middles = STEP * (np.arange(begin, end) + 0.5)
        courses = [
            (course.trajectory.at(middles) if course is not None else np.full(len(middles), rest))
            for course, rest in (
                (self.oxygen, 0.0),
                (self.hydrogen, 0.0),
                (self.setpoint, 0.0),
                (self.temperature, 300.0),
                (self.potential, 0.0),
            )
        ]
        oxygen, hydrogen, share = self._states[-1]
        for o2, h2, pressure, kelvin, volt in np.column_stack(courses).tolist():
            oxygen, hydrogen = filled((oxygen, hydrogen), (o2, h2), pressure, STEP)
            rates = surface_rates(kelvin, oxygen, hydrogen, volt if self.controlled else None)
            share = oxidised(share, *rates, STEP)
            self._states.append((oxygen, hydrogen, share))
        if (over := len(self._states) - KEPT) > KEPT:
            del self._states[:over]
            self._first += over

    def at(self, t: ArrayLike) -> State:
        """State at the instants ``t`` [s]; before what is kept, the first that is."""
        instants = np.asarray(t, dtype=float)
        self.reckon(float(instants.max()))
        low = max(int(instants.min() / STEP) - self._first, 0)
        high = max(int(instants.max() / STEP) - self._first + 2, low + 1)
        rows = np.array(self._states[low:high])
        steps = (instants / STEP) - self._first - low
        return State(*(np.interp(steps, np.arange(len(rows)), column) for column in rows.T))

    def pressure(self, t: ArrayLike) -> np.ndarray:
        """Total pressure [mbar] at the instants ``t`` [s]."""
        state = self.at(t)
        return state.oxygen + state.hydrogen + BASE_PRESSURE
