"""What the photon counter of an emission spectrometer sees: photon by photon, to the pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ._beam import Beam
from ._instruments import Motors
from .physics import illuminated, resolution, rixs, spectrometer

INSTANTS = 8  # in an exposure, at which the beamline is looked at
BANDS = 16  # equally filled slices of the incident bandwidth
ROW_SIGMA = 600.0  # rows (rms) that the light fills; assumed
HEIGHT_SIGMA = 0.02  # mm (rms), of the line focus of imaging mode; assumed
HEIGHT_BLUR = 1e-3 / 2.355  # mm (rms): 1.0 um full width (facts, part B)
ENERGY_BLUR = 1.0  # rows (rms), in hv2 mode; assumed
_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
_MIDDLE = (spectrometer.SHAPE[0] - 1) / 2
_FULL = np.iinfo(np.uint16).max


@dataclass(frozen=True, slots=True)
class _Now:
    """The beamline at an instant: [eV], [mm], [deg], [K]; photons a second; share of vertical."""

    photons: float
    energy: float
    bandwidth: float
    vertical: float
    x: float
    y: float
    theta: float
    temperature: float
    two_theta: float
    pitch: float
    distance: float
    drift: float


class EmissionView:
    """Frames of an emission spectrometer; a `nanoterasu.twin._frames.View`.

    Parameters
    ----------
    beam
        With its sample: an oxide of the sample's element, and carbon tape above it.
    arm
        Motors of the spectrometer.

    Attributes
    ----------
    mode : str
        As of `nanoterasu.devices.EmissionSpectrometer`.
    """

    shape = spectrometer.SHAPE
    dtype = "<u2"

    def __init__(self, beam: Beam, arm: Motors) -> None:
        self._beam, self._arm = beam, arm
        self.mode = "spectrum"

    def frame(
        self, begin: float, dwell: float, binning: int, generator: np.random.Generator
    ) -> np.ndarray:
        """Frame of counts, shape (rows // binning, columns // binning)."""
        middles = begin + dwell * (np.arange(INSTANTS) + 0.5) / INSTANTS
        places = [self._photons(t, dwell / INSTANTS, generator) for t in middles]
        dark = generator.poisson(spectrometer.DARK_RATE * dwell)
        places.append(generator.uniform(0.0, self.shape, (dark, 2)).T)
        tracks, left = spectrometer.cosmic_hits(dwell, generator)
        row, column = np.floor(np.concatenate([*places, tracks.T], axis=1)).astype(int)
        counts = np.ones(len(row))
        counts[len(row) - len(left) :] = left
        inside = (row >= 0) & (row < self.shape[0]) & (column >= 0) & (column < self.shape[1])
        rows, columns = self.shape[0] // binning, self.shape[1] // binning
        pixel = row[inside] // binning * columns + column[inside] // binning
        image = np.bincount(pixel, counts[inside], minlength=rows * columns)
        return np.minimum(image, _FULL).astype(self.dtype).reshape(rows, columns)

    def _photons(self, t: float, dwell: float, generator: np.random.Generator) -> np.ndarray:
        """Rows and columns, shape (2, n), where photons arrive in ``dwell`` [s] around ``t``."""
        now, sample = self._now(t), self._beam.sample
        imaging = self.mode == "imaging"
        energies = now.energy + now.bandwidth / _FWHM * _normal((np.arange(BANDS) + 0.5) / BANDS)
        tape_at, tape_height = rixs.CARBON_TAPE
        oxide = rixs.emission(
            energies,
            sample.element,
            q=float(rixs.momentum(now.energy, now.theta, now.two_theta)),
            two_theta=now.two_theta,
            vertical=now.vertical,
            temperature=now.temperature,
        )
        tape = rixs.carbon(energies, two_theta=now.two_theta, vertical=now.vertical)
        everything = (
            (oxide, 0.0, sample),
            (tape, tape_at, replace(sample, height=tape_height)),
        )
        places = []
        for emitted, at, strip in everything:
            lit = illuminated(now.x, 0.0 if imaging else now.y - at, now.theta, strip)
            expected = now.photons * dwell / BANDS * float(lit) * emitted.rate
            incident, lost = _drawn(now, expected, emitted, generator)
            height = generator.normal(0.0, HEIGHT_SIGMA, len(incident))
            row = self._rows(now, incident, height, generator)
            column = spectrometer.column(incident - lost, now.pitch, now.distance)
            column += spectrometer.curvature(row) + now.drift
            blur = float(spectrometer.point_spread(now.distance)) / _FWHM
            column += blur * generator.normal(size=len(row))
            # The beam meets the holder at -y.
            on = np.abs(height - now.y + at) <= strip.height / 2 if imaging else slice(None)
            places.append(np.stack([row, column])[:, on])
        return np.concatenate(places, axis=1) + 0.5  # a pixel's number is its middle

    def _rows(
        self, now: _Now, incident: np.ndarray, height: np.ndarray, generator: np.random.Generator
    ) -> np.ndarray:
        drawn = generator.normal(size=len(incident))
        if self.mode == "imaging":
            return _MIDDLE + (height + HEIGHT_BLUR * drawn) / spectrometer.HEIGHT_PER_ROW
        if self.mode == "hv2":
            offset = (incident - now.energy) / spectrometer.ENERGY_PER_ROW
            return _MIDDLE + offset + ENERGY_BLUR * drawn
        return _MIDDLE + ROW_SIGMA * drawn

    def _now(self, t: float) -> _Now:
        beam = self._beam
        assert beam.mono is not None
        assert beam.manipulator is not None
        energy = float(beam.mono["ENERGY"].where(t))
        gap = 0.0 if beam.exit_slit is None else beam.exit_slit["GAP"].where(t)
        phase = 0.0 if beam.undulator is None else float(beam.undulator["PHASE"].where(t))
        holder, arm = beam.manipulator, self._arm
        return _Now(
            photons=float(beam.photons(t, np.asarray(energy))),
            energy=energy,
            bandwidth=float(resolution(energy, gap, *beam.resolving)),
            vertical=float(np.sin(np.pi * phase / beam.period) ** 2),
            x=float(holder["X"].where(t)),
            y=float(holder["Y"].where(t)),
            theta=float(holder["THETA"].where(t)),
            temperature=float(holder.cryostat.where(t)),
            two_theta=float(arm["TWOTHETA"].where(t)),
            pitch=float(arm["PITCH"].where(t)),
            distance=float(arm["DISTANCE"].where(t)),
            drift=float(spectrometer.drift(t)),
        )


def _normal(chance: np.ndarray) -> np.ndarray:
    """Value that a normal distribution stays below with a ``chance``, both of shape (n,)."""
    from scipy.special import ndtri

    return ndtri(chance)


def _drawn(
    now: _Now, expected: np.ndarray, emitted: rixs.Emission, generator: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Incident energy and loss [eV] of photons, ``expected`` by slice of the band and by line."""
    number = generator.poisson(expected).ravel()
    band = np.repeat(np.indices(expected.shape)[0].ravel(), number)
    chance = (band + generator.uniform(size=len(band))) / BANDS
    incident = now.energy + now.bandwidth / _FWHM * _normal(chance)
    width = np.repeat(emitted.width.ravel(), number) / _FWHM
    lost = np.repeat(emitted.loss.ravel(), number) + width * generator.normal(size=len(band))
    return incident, lost
