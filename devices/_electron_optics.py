"""What an electron analyser is set to: lens, pass energy, and the energies that follow."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
from ophyd.utils import LimitError

AcquisitionMode = Literal["fixed", "swept"]
ACQUISITION_MODES: tuple[AcquisitionMode, ...] = get_args(AcquisitionMode)
WINDOW_SHARE = 0.08  # of the pass energy: width of what the detector sees at once; assumed
STEPS_MAX = 20_000


@dataclass(frozen=True, slots=True)
class Lens:
    """A mode of the analyser's lens.

    Attributes
    ----------
    acceptance : float [deg]
        Range of angles on the detector, symmetric about zero; 0 in transmission, where angles
        are not told apart.
    low, high : float [eV]
        Kinetic energies that it can focus.
    """

    acceptance: float
    low: float
    high: float


# Of the size usual at hemispherical analysers of 200 mm mean radius; assumed.
LENS_MODES: Mapping[str, Lens] = {
    "transmission": Lens(0.0, 0.5, 1500.0),
    "angular_14": Lens(14.0, 2.0, 1500.0),
    "angular_30": Lens(30.0, 3.0, 1200.0),
}
PASS_ENERGIES = (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0)  # eV; assumed
ENTRANCE_SLITS = (0.1, 0.2, 0.3, 0.5, 0.8, 1.5, 2.5, 4.0)  # mm; assumed


@dataclass(frozen=True, slots=True)
class ElectronOptics:
    """Settings of an analyser that belong together.

    Attributes
    ----------
    lens_mode : str
    pass_energy : float [eV]
    acquisition_mode : "fixed" or "swept"
    centre : float [eV]
        Kinetic energy in the middle of the detector, in fixed mode.
    low, high, step : float [eV]
        Kinetic energies, in swept mode.

    >>> ElectronOptics("transmission", 50.0, "fixed", 100.0, 0.0, 0.0, 0.0).span()
    (98.0, 102.0)
    >>> ElectronOptics("transmission", 50.0, "swept", 0.0, 99.0, 100.0, 0.5).energies(800)
    array([ 99. ,  99.5, 100. ])
    """

    lens_mode: str
    pass_energy: float
    acquisition_mode: str
    centre: float
    low: float
    high: float
    step: float

    @property
    def swept(self) -> bool:
        """Whether the energies are swept over the detector."""
        return self.acquisition_mode == "swept"

    @property
    def window(self) -> float:
        """Range of energies on the detector at once [eV]."""
        return WINDOW_SHARE * self.pass_energy

    def span(self) -> tuple[float, float]:
        """Lowest and highest kinetic energy [eV] of a spectrum."""
        if self.swept:
            return self.low, self.high
        return self.centre - self.window / 2, self.centre + self.window / 2

    def steps(self) -> int:
        """Energies of a swept spectrum."""
        return math.floor((self.high - self.low) / self.step + 1e-6) + 1

    def energies(self, channels: int) -> np.ndarray:
        """Kinetic energies of a spectrum [eV], on a detector of so many energy ``channels``."""
        if self.swept:
            return np.round(self.low + self.step * np.arange(self.steps()), 9)
        low, high = self.span()
        return np.linspace(low, high, channels)

    def check(self, name: str, lens_modes: Mapping[str, Lens]) -> None:
        """Refuse settings that do not go together, in the words of the analyser ``name``.

        Raises
        ------
        LimitError
            Naming what does not fit.
        """
        lens = lens_modes[self.lens_mode]
        if self.swept:
            if not self.high > self.low or not self.step > 0:
                raise LimitError(
                    f"{name}: {self.low:g} to {self.high:g} eV in steps of {self.step:g} eV is no "
                    "region; give low < high and step > 0."
                )
            if self.steps() > STEPS_MAX:
                raise LimitError(
                    f"{name}: {self.low:g} to {self.high:g} eV in steps of {self.step:g} eV are "
                    f"{self.steps()} energies; it sweeps over {STEPS_MAX} at most. Take a larger "
                    "step or a shorter region."
                )
        low, high = self.span()
        if not lens.low <= low < high <= lens.high:
            raise LimitError(
                f"{name}: kinetic energies {low:.6g} to {high:.6g} eV are not within the "
                f"{lens.low:g} to {lens.high:g} eV of its lens in mode {self.lens_mode}. Choose "
                "other energies, another lens mode or a smaller pass energy."
            )
