"""What a simulated electron analyser is set to, and what falls on its detector."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from ophyd.utils import LimitError

from nanoterasu.devices import (
    ACQUISITION_MODES,
    DEFLECTION,
    ENTRANCE_SLITS,
    LENS_MODES,
    PASS_ENERGIES,
    STEPS_MAX,
    ElectronOptics,
    Lens,
)

from ._channels import Channel, Choice, Integer, Number, Rejected, Waveform, readback
from .physics import WORK_FUNCTION, analyser_resolution, collected

SLIT_ACCEPTANCE = 10.0  # deg, that transmission gathers over all rows; assumed
FINER = 4  # at most, into which a row of joined angles is divided to be rendered
NUMBERS = {"PASS_ENERGY": "eV", "SLIT": "mm", "CENTRE": "eV", "LOW": "eV", "HIGH": "eV"}


@dataclass(frozen=True, slots=True)
class Look:
    """Where an analyser looks, and how sharply.

    Attributes
    ----------
    energies : (n,) array [eV]
        Kinetic, measured with the analyser's work function.
    angles : (m,) array [deg]
        Along the slit; all zero in transmission.
    deflection : float [deg]
        Across the slit.
    resolution : float [eV]
        Of the analyser alone, full width at half maximum.
    work_function : float [eV]
        Kinetic energy at the Fermi level is the photon energy less this.
    """

    energies: NDArray[np.float64]
    angles: NDArray[np.float64]
    deflection: float
    resolution: float
    work_function: float


class Photoemission(Protocol):
    """What there is to see: the electrons that the beam takes out of the sample."""

    def intensity(self, look: Look, t: float) -> NDArray[np.float64]:
        """Electrons per second, eV and deg, shape (m, n), at the instant ``t`` [s].

        Through an entrance slit of ``REFERENCE_SLIT`` mm, with the light and the sample as they
        are then; without noise.
        """
        ...


class Hemisphere:
    """Settings of an analyser, the axes that follow, and what falls on its detector.

    Parameters
    ----------
    settings
        Of the table's line: lens modes, pass energies, slits, where they are not the usual ones.
    sensor : (2,) tuple of int
        Angles and energies that the detector tells apart.
    start : float [eV]
        Kinetic energy in the middle of the window when the IOC starts.

    Attributes
    ----------
    changed : coroutine function
        Called after a setting has changed.
    """

    def __init__(
        self,
        prefix: str,
        settings: Mapping[str, Any],
        model: Photoemission,
        sensor: tuple[int, int],
        start: float,
    ) -> None:
        self._model, self.sensor = model, sensor
        self._lens_modes: Mapping[str, Lens] = settings.get("lens_modes", LENS_MODES)
        self._allowed: Mapping[str, Sequence[float]] = {
            "PASS_ENERGY": settings.get("pass_energies", PASS_ENERGIES),
            "SLIT": settings.get("slits", ENTRANCE_SLITS),
        }
        self.changed: Callable[[], Awaitable[None]] = self.post_axes
        passing = min(self._allowed["PASS_ENERGY"], key=lambda each: abs(each - 20.0))
        first = {
            "PASS_ENERGY": passing,
            "SLIT": min(self._allowed["SLIT"], key=lambda each: abs(each - 0.2)),
            "CENTRE": start,
            "LOW": start - 1.0,
            "HIGH": start + 1.0,
        }
        # The last of the modes gathers the widest angle; an analyser starts in it.
        self._lens_mode = Choice(len(self._lens_modes) - 1, tuple(self._lens_modes))
        self._mode = Choice(0, ACQUISITION_MODES)
        self._numbers = {name: Number(first[name], unit) for name, unit in NUMBERS.items()}
        self._numbers |= {"STEP": Number(0.01, "eV"), "DEFLECTOR": Number(0.0, "deg")}
        energies, angles = self.energies(), self.angles()
        self._energies = Waveform(STEPS_MAX, "eV", energies)
        self._angles = Waveform(sensor[0], "deg", angles)
        self._spectrum = Waveform(STEPS_MAX, "counts", np.zeros(len(energies)))
        named: dict[str, Channel] = {
            "LENS_MODE": self._lens_mode,
            "MODE": self._mode,
            **self._numbers,
            "CHANNELS": readback(Integer(sensor[1])),
            "WORK_FUNCTION": readback(Number(WORK_FUNCTION, "eV")),
            "ENERGIES": self._energies,
            "ANGLES": self._angles,
            "SPECTRUM": self._spectrum,
            "SLIT_DIRECTION": readback(Choice(0, ("vertical", "horizontal"))),
        }
        for name in ("LENS_MODE", "MODE", *self._numbers):
            named[name].on_put = self._setter(name, named[name])
        self.channels = {prefix + name: channel for name, channel in named.items()}

    def _setter(self, name: str, channel: Channel) -> Callable[[Any], Awaitable[None]]:
        async def put(value: Any) -> None:
            if isinstance(channel, Number) and not np.isfinite(value):
                raise Rejected
            if name in self._allowed and value not in self._allowed[name]:
                raise Rejected
            if name == "DEFLECTOR" and abs(value) > DEFLECTION:
                raise Rejected
            await channel.post(value)
            await self.changed()

        return put

    def optics(self) -> ElectronOptics:
        """Settings that belong together."""
        number = {name.lower(): float(channel.value) for name, channel in self._numbers.items()}
        return ElectronOptics(
            lens_mode=list(self._lens_modes)[int(self._lens_mode.value)],
            pass_energy=number["pass_energy"],
            acquisition_mode=ACQUISITION_MODES[int(self._mode.value)],
            centre=number["centre"],
            low=number["low"],
            high=number["high"],
            step=number["step"],
        )

    def possible(self) -> bool:
        """Whether the settings go together."""
        try:
            self.optics().check("", self._lens_modes)
        except LimitError:
            return False
        return True

    def energies(self, binning: int = 1) -> NDArray[np.float64]:
        """Kinetic energies [eV] of the columns; one zero where settings do not go together."""
        if not self.possible():
            return np.zeros(1)
        optics = self.optics()
        return optics.energies(self.sensor[1] // binning)

    def angles(self, binning: int = 1, finer: int = 1) -> NDArray[np.float64]:
        """Angles [deg] of the rows, each divided into ``finer``."""
        rows = self.sensor[0] // binning * finer
        acceptance = self._lens_modes[self.optics().lens_mode].acceptance
        return acceptance * ((np.arange(rows) + 0.5) / rows - 0.5)

    def exposure(self, dwell: float) -> float:
        """Time [s] of a spectrum."""
        optics = self.optics()
        return dwell * (optics.steps() if optics.swept else 1)

    async def post_axes(self, binning: int = 1) -> None:
        """Post the energies and the angles."""
        await self._energies.post(self.energies(binning))
        await self._angles.post(self.angles(binning))

    async def post_spectrum(self, counts: NDArray[Any]) -> None:
        """Post a spectrum."""
        await self._spectrum.post(np.asarray(counts, dtype=float))

    def expected(self, begin: float, exposure: float, binning: int) -> NDArray[np.float64]:
        """Counts of a spectrum begun at ``begin`` [s], shape (rows, columns), without noise."""
        optics, slit = self.optics(), float(self._numbers["SLIT"].value)
        energies, angles = self.energies(binning), self.angles(binning)
        # A row that joins several gathers what is between its middle and its ends.
        finer = min(binning, FINER)
        look = Look(
            energies,
            self.angles(binning, finer),
            float(self._numbers["DEFLECTOR"].value),
            analyser_resolution(optics.pass_energy, slit),
            WORK_FUNCTION,
        )
        # In a sweep an energy is on the detector while the window passes over it: for a dwell a
        # step, and at any instant the window is wide.
        width = optics.window / len(energies)
        acceptance = self._lens_modes[optics.lens_mode].acceptance or SLIT_ACCEPTANCE
        share = collected(width=width, acceptance=acceptance / len(angles), slit=slit)
        intensity = self._model.intensity(look, begin + exposure / 2)
        mean = intensity.reshape(len(angles), finer, len(energies)).mean(axis=1)
        return exposure * share * mean
