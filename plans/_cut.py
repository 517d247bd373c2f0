"""What an analyser's frame shows: a cut through the bands, from the Fermi level."""

from __future__ import annotations

import math
from dataclasses import dataclass
from numbers import Real
from typing import Any

import bluesky.plan_stubs as bps
from bluesky.utils import MsgGenerator

from ._units import ElectronVolts, Seconds


@dataclass(frozen=True, slots=True)
class Cut:
    """Energies of a frame about the Fermi level, and how long it is taken.

    Attributes
    ----------
    dwell : float [s]
        Of a frame in fixed mode; of each energy, where there is a ``step``.
    pass_energy : float [eV]
        It gives the resolution and, in fixed mode, the range.
    middle : float [eV]
        Below the Fermi level, in the middle of the frame.
    reach : float [eV]
        To either side of the middle, where there is a ``step``.
    step : float or None [eV]
        Given, the energies are swept in such steps; else the detector stands still.

    Raises
    ------
    ValueError
        If a number is none, or not above 0 where it has to be.

    >>> round(Cut(0.2, 20.0).centre(photon_energy=100.0, work_function=4.4), 6)
    95.1
    """

    dwell: Seconds
    pass_energy: ElectronVolts
    middle: ElectronVolts = 0.5
    reach: ElectronVolts = 1.0
    step: ElectronVolts | None = None

    def __post_init__(self) -> None:
        step = () if self.step is None else (self.step,)
        numbers = (self.dwell, self.pass_energy, self.middle, self.reach, *step)
        if not all(isinstance(value, Real) and math.isfinite(value) for value in numbers):
            raise ValueError(f"{self}: give numbers [s], [eV].")
        if min(self.dwell, self.pass_energy, self.reach, *step) <= 0:
            raise ValueError(f"{self}: give a dwell, a pass energy, a reach and a step above 0.")

    def centre(self, *, photon_energy: float, work_function: float) -> float:
        """Kinetic energy [eV] in the middle."""
        return round(photon_energy - work_function - self.middle, 6)

    def look(self, analyser: Any, photon_energy: float) -> MsgGenerator[None]:
        """Set the energies of ``analyser``, in light of ``photon_energy`` [eV].

        Their number stays from one photon energy to another.
        """
        work_function = float(analyser.work_function.get())
        centre = self.centre(photon_energy=photon_energy, work_function=work_function)
        if self.step is None:
            yield from bps.mv(analyser.centre, centre)
            return
        count = math.floor(2 * self.reach / self.step + 1e-6)
        low = round(centre - self.reach, 6)
        high = round(low + count * self.step, 6)
        yield from bps.mv(analyser.low, low, analyser.high, high, analyser.step, self.step)

    def prepare(self, analyser: Any, photon_energy: float) -> MsgGenerator[None]:
        """Set ``analyser`` to this cut; before it is staged, since it fixes the frames' size."""
        mode = "fixed" if self.step is None else "swept"
        yield from bps.mv(analyser.acquisition_mode, mode, analyser.pass_energy, self.pass_energy)
        yield from bps.mv(analyser.dwell, self.dwell)
        yield from self.look(analyser, photon_energy)
