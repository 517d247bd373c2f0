"""Nano-ARPES: joins light, focus, stages and crystal to what the analyser sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nanoterasu.devices import focal_length

from ._hemisphere import Look
from ._instruments import Motors
from .physics import (
    ANGULAR_RESOLUTION,
    BACKGROUND,
    BRIGHTNESS,
    CRYSTAL,
    FLUX,
    FOCUS_OFFSET,
    GOLD,
    MOMENTUM,
    OPTIC_DIAMETER,
    OPTIC_ZONE,
    PHOTON_OFFSET,
    Crystal,
    emission,
    fermi,
    focused_sigma,
    in_the_beam,
    interference,
    passes,
    resolution,
    rotation,
    shares,
    states,
)

if TYPE_CHECKING:
    from ._table import SimulatedBeamline

_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
_REACH = 4.0  # standard deviations, beyond the ends of a spectrum, from which electrons come


class Bands:
    """The crystal under the beam, as `Photoemission`."""

    def __init__(self, twin: SimulatedBeamline, crystal: Crystal = CRYSTAL) -> None:
        self._twin, self._beam, self.crystal = twin, twin.beam, crystal

    def _motors(self, line: str) -> Motors:
        found = self._twin.instruments[line]
        assert isinstance(found, Motors)
        return found

    def _at(self, line: str, axes: str, t: float) -> list[float]:
        return [float(self._motors(line)[axis].where(t)) for axis in axes.split()]

    def intensity(self, look: Look, t: float) -> np.ndarray:
        """Electrons per second, eV and deg, shape (m, n); see `Photoemission`."""
        beam, sample = self._beam, self._beam.manipulator
        assert beam.mono is not None
        assert sample is not None
        photon = float(beam.mono["ENERGY"].where(t))
        turned = rotation(*(float(sample[axis].where(t)) for axis in ("THETA", "TILT", "PHI")))
        kelvin = float(sample.cryostat.where(t))
        spot = self._spot(turned, photon, t)
        blur = look.resolution / _FWHM
        if beam.exit_slit is not None:
            opening = beam.exit_slit["GAP"].where(t)
            blur = float(np.hypot(look.resolution, resolution(photon, opening))) / _FWHM
        kinetic, padding = _wider(look.energies, _REACH * blur)
        energy = kinetic - (photon + PHOTON_OFFSET - look.work_function)
        directions = emission(turned, look.angles, look.deflection)
        # In single precision, which renders a frame in half the time.
        k = np.multiply(
            directions[:, :, None], MOMENTUM * np.sqrt(np.maximum(kinetic, 0.0)), dtype=np.float32
        )
        crystal = self.crystal
        ground = BACKGROUND * (1.0 - spot[2])
        seen = np.full((len(look.angles), len(kinetic)), ground, np.float32)
        for share, orientation in zip(spot, crystal.orientations, strict=False):
            if share > 1e-4:
                in_plane = (directions**2).sum(axis=0)[:, None]
                bright = interference(kinetic[None, :], in_plane, crystal).astype(np.float32)
                seen = seen + np.float32(share) * bright * states(
                    energy.astype(np.float32), k, crystal, orientation
                )
        seen = (seen + np.float32(GOLD * spot[2])) * fermi(energy, kelvin).astype(np.float32)
        sharp = _blurred(seen, blur, kinetic, look.angles)[:, padding]
        return sharp * BRIGHTNESS * self._light(photon, t)

    def _spot(self, turned: np.ndarray, photon: float, t: float) -> tuple[float, float, float]:
        moved = 1e3 * np.array(self._at("sample", "X Y Z", t))
        point, past, longer = in_the_beam(turned, moved, self._at("stage", "X Y Z", t))
        focal = focal_length(photon, OPTIC_DIAMETER, OPTIC_ZONE)
        aside, up, along = self._at("optic", "X Y Z", t)
        sigma = float(focused_sigma(along - focal - FOCUS_OFFSET + past, focal))
        return shares(point + np.array([aside, up]), (sigma * longer, sigma), self.crystal)

    def _light(self, photon: float, t: float) -> float:
        """Light in the focus, as a fraction of the beamline's full flux."""
        photons = float(self._beam.photons(t, np.asarray(photon))) / FLUX
        x, y, z = self._at("aperture", "X Y Z", t)
        aside = float(np.hypot(*(np.array([x, y]) - self._at("optic", "X Y", t))))
        focal = focal_length(photon, OPTIC_DIAMETER, OPTIC_ZONE)
        return photons * passes(z, focal, aside)


def _wider(energies: np.ndarray, reach: float) -> tuple[np.ndarray, slice]:
    """Energies with more of the same step at both ends, and where the old ones are in them."""
    step = energies[1] - energies[0] if len(energies) > 1 else 1.0
    more = int(np.ceil(reach / step))
    below = energies[0] - step * np.arange(more, 0, -1)
    above = energies[-1] + step * np.arange(1, more + 1)
    return np.concatenate([below, energies, above]), slice(more, more + len(energies))


def _blurred(
    seen: np.ndarray,
    sigma: float,
    energies: np.ndarray,
    angles: np.ndarray,
) -> np.ndarray:
    from scipy.ndimage import gaussian_filter1d

    if len(energies) > 1 and sigma > 0:
        seen = gaussian_filter1d(seen, sigma / (energies[1] - energies[0]), axis=1, mode="nearest")
    if len(angles) > 1 and (row := angles[1] - angles[0]) > 0:
        seen = gaussian_filter1d(seen, ANGULAR_RESOLUTION / _FWHM / row, axis=0, mode="nearest")
    return seen
