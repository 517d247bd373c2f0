"""The beam: joins what the instruments are doing to what the electrometers see."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from nanoterasu.devices import UNDULATOR_PERIOD, gap_for, polarisation_at, resonance

from ._chamber import Chamber
from ._clock import Clock
from ._errors import TwinError
from ._instruments import Manipulator, Mono, Motors, Shutter
from .physics import (
    CIRCULAR_DEGREE,
    FLUX,
    IMAGE_SIGMA,
    OXIDE_EDGE_SHIFT,
    RING,
    Sample,
    absorption,
    circular_degree,
    currents,
    harmonic_peak,
    illuminated,
    resolution,
    slit_transmission,
    thermal_factor,
)

if TYPE_CHECKING:
    from ._helicity import HelicitySwitch
    from ._magnet import Magnet
    from ._microscope import Microscope


class Beam:
    """What is in the beam, from source to sample; an instrument that is absent does nothing.

    Attributes
    ----------
    undulator, exit_slit : Motors or None
    period : float
        Of the undulator [mm].
    resolving : tuple of float
        What `resolution` needs to know of the monochromator, if it is no ordinary one.
    slits : list of Motors
        Four-blade slits, each with the beam centred on it.
    mono : Mono or None
    shutter : Shutter or None
    magnet : Magnet or None
    manipulator : Manipulator or None
    chamber : Chamber
        Around the sample; where nothing is let in, it stays as it is.
    switch : HelicitySwitch or None
    microscope : Microscope or None
    """

    def __init__(self, sample: Sample, clock: Clock) -> None:
        self.sample, self._clock = sample, clock
        self.chamber = Chamber(clock)
        self.undulator: Motors | None = None
        self.period = UNDULATOR_PERIOD
        self.resolving: tuple[float, float] | tuple[()] = ()
        self.slits: list[Motors] = []
        self.mono: Mono | None = None
        self.exit_slit: Motors | None = None
        self.shutter: Shutter | None = None
        self.magnet: Magnet | None = None
        self.manipulator: Manipulator | None = None
        self.switch: HelicitySwitch | None = None
        self.microscope: Microscope | None = None

    def at_a_station(self) -> Beam:
        """Return the same light with the same optics, where no sample stands in it yet."""
        same = copy(self)
        same.magnet = same.manipulator = None
        same.slits = [*self.slits]
        same.chamber = Chamber(self._clock)
        return same

    def gaps(self, energies: np.ndarray, instant: float) -> np.ndarray:
        """Undulator gaps [mm] for ``energies`` [eV] in the light made at ``instant`` [s].

        Raises
        ------
        LimitError
            Where the undulator cannot give an energy.
        """
        if self.undulator is None:
            return np.zeros_like(energies)
        light = polarisation_at(float(self.undulator["PHASE"].where(instant)), self.period)
        return np.array([gap_for(float(energy), light, self.period) for energy in energies])

    def photons(self, t: ArrayLike, energy: np.ndarray) -> np.ndarray:
        """Photons per second on the mesh at the instants ``t`` [s]."""
        at = np.asarray(t, dtype=float)
        rate = FLUX * RING.current(at) / RING.design_current * RING.steadiness(at)
        if self.undulator is not None:
            rate = rate * self._harmonics(at, energy)
        for slits in self.slits:
            for across in "HV":
                gap, centre = slits[f"{across}GAP"].where(at), slits[f"{across}CEN"].where(at)
                rate = rate * slit_transmission(gap, centre)
        if self.exit_slit is not None:
            rate = rate * slit_transmission(self.exit_slit["GAP"].where(at), sigma=IMAGE_SIGMA)
        if self.shutter is not None:
            rate = rate * self.shutter.opening.at(at)
        return rate

    def _harmonics(self, t: np.ndarray, energy: np.ndarray) -> np.ndarray:
        assert self.undulator is not None
        gap, phase = self.undulator["GAP"].where(t), self.undulator["PHASE"].where(t)
        first = harmonic_peak(energy, resonance(gap, phase, 1, self.period))
        third = harmonic_peak(energy, resonance(gap, phase, 3, self.period))
        # Helical undulators have no higher harmonics on axis.
        helical = (circular_degree(phase, self.period / 4) / CIRCULAR_DEGREE) ** 2
        return np.maximum(first, (1.0 - helical) * third)

    def circular(self, t: ArrayLike) -> np.ndarray:
        """Signed degree of circular polarisation [1] at the instants ``t`` [s]."""
        at = np.asarray(t, dtype=float)
        if self.undulator is None:
            return np.zeros_like(at)
        circular = circular_degree(self.undulator["PHASE"].where(at), self.period / 4)
        return circular if self.switch is None else circular * self.switch.sign(at)

    def helicity(self, t: ArrayLike) -> np.ndarray:
        """+1, -1, or 0 for light that is not circular, at the instants ``t`` [s]."""
        circular = self.circular(t)
        return np.where(np.abs(circular) > 0.9 * CIRCULAR_DEGREE, np.sign(circular), 0.0)

    def magnetisation(self, t: ArrayLike) -> np.ndarray:
        """Magnetisation that the magnet makes along the beam, as a fraction of saturation [1]."""
        at = np.asarray(t, dtype=float)
        return np.zeros_like(at) if self.magnet is None else self.magnet.magnetisation(at)

    def alignment(self, t: ArrayLike) -> np.ndarray:
        """Degree of circular polarisation times magnetisation along the beam [1]."""
        aligned = self.circular(t) * self.magnetisation(t)
        if self.manipulator is not None:
            at = np.asarray(t, dtype=float)
            aligned = aligned * thermal_factor(self.manipulator.cryostat.where(at), self.sample)
        return aligned

    def energy(self, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Energy of the light and its width [eV] at the instants ``t`` [s]."""
        if self.mono is None:
            raise TwinError("The twin has no monochromator here, so no absorption to measure.")
        energy = self.mono["ENERGY"].where(t)
        if self.exit_slit is None:
            return energy, np.zeros_like(energy)
        return energy, resolution(energy, self.exit_slit["GAP"].where(t), *self.resolving)

    def current(self, name: str, t: ArrayLike) -> np.ndarray:
        """True current [A] of the electrometer ``name`` at the instants ``t`` [s]."""
        at = np.asarray(t, dtype=float)
        if name == "transmission" and self.microscope is not None:
            return self.microscope.current(at, *self.energy(at))
        return self.currents(at)[name]

    def currents(self, t: ArrayLike) -> dict[str, np.ndarray]:
        """True currents [A] of ``i0``, ``tey`` and ``tfy`` at the instants ``t`` [s]."""
        at = np.asarray(t, dtype=float)
        energy, width = self.energy(at)
        absorbed = absorption(energy, self.sample, resolution=width, alignment=self.alignment(at))
        if self.chamber.setpoint is not None:
            oxide = absorption(energy - OXIDE_EDGE_SHIFT, self.sample, resolution=width)
            share = self.chamber.at(at).oxide
            absorbed = (1.0 - share) * absorbed + share * oxide
        on_sample = np.ones_like(at)
        if (holder := self.manipulator) is not None:
            x, y, theta = (holder[axis].where(at) for axis in ("X", "Y", "THETA"))
            on_sample = illuminated(x, y, theta, self.sample)
        return currents(self.photons(at, energy), absorbed, on_sample)
