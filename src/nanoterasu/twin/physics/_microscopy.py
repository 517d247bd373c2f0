"""Scanning transmission microscopy: the spot of a zone plate, and a thin film with domains.

Formulas: D. T. Attwood, Soft X-Rays and Extreme Ultraviolet Radiation (Cambridge 2000), chapter 9.
Sizes of zone plate, aperture and film are assumed, of the size usual at such microscopes.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

ZONE_PLATE_DIAMETER = 200.0  # um; assumed
OUTERMOST_ZONE = 40.0  # nm; assumed: a focus below the 100 nm that are published
APERTURE_DIAMETER = 50.0  # um; assumed
FOCUSED_SHARE = 1e-4  # of the beamline's photons in the spot: coherence, efficiency; assumed
RAYLEIGH = 1.22  # resolution over outermost zone width (Attwood, chapter 9)
RUNOUT = 1.5e-3  # um across (x) that the spot moves per um of the zone plate's z; assumed
RUNOUT_ZERO = 4516.7  # um, where the spot is at the zone plate's x: at 700 eV; assumed
_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
_STEP = 0.025  # um, of the maps
_SIDE = 512  # of the maps
_MARGIN = 128  # around them, as wide as the widest spot
_SPOT_RATIO = 1.03  # spots that differ by less share their maps


@dataclass(frozen=True, slots=True)
class Film:
    """A thin film on a window, with stripe domains and two particles; beyond its edge nothing.

    Attributes
    ----------
    thickness : float [nm]
    edge : float [um]
        Place along x; the film lies at larger x.
    period : float [um]
        Of the domains along x; they wind along y.
    particles : tuple of (x, y, radius) [um]
    particle_thickness : float [nm]
        That of a particle adds to the film's; it is magnetised as the film below.
    """

    thickness: float = 20.0
    edge: float = -2.0
    period: float = 1.6
    particles: tuple[tuple[float, float, float], ...] = ((0.9, 1.1, 0.45), (1.8, -1.2, 0.3))
    particle_thickness: float = 15.0

    def domain(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Direction of the magnetisation along the beam without field, +1 or -1."""
        winding = 0.25 * np.sin(2.0 * np.pi * np.asarray(y) / 5.0)
        phase = np.sin(2.0 * np.pi * (np.asarray(x) - self.edge + winding) / self.period)
        return np.where(phase >= 0.0, 1.0, -1.0)

    def on_particle(self, x: ArrayLike, y: ArrayLike) -> np.ndarray:
        """Whether there is a particle."""
        across, up = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
        near = [np.hypot(across - px, up - py) < r for px, py, r in self.particles]
        return np.any(near, axis=0) & (across >= self.edge)

    def kinds(self) -> tuple[tuple[float, float], ...]:
        """Thickness [nm] and domain of each kind of area, in the order of `_areas`."""
        thick = self.thickness + self.particle_thickness
        return ((0.0, 0.0), (self.thickness, 1.0), (self.thickness, -1.0), (thick, 1.0),
                (thick, -1.0))  # fmt: skip


FILM = Film()


def spot_sigma(defocus: ArrayLike, focal: ArrayLike) -> np.ndarray:
    """Rms size of the spot [um], out of focus by ``defocus`` [um] at a focal length [um].

    In focus its full width at half maximum is taken as the Rayleigh resolution, 1.22 Δr; out of
    focus the cone's disc, of diameter D |dz| / f and rms size a quarter of it, adds in quadrature.

    >>> spot_sigma([0.0, 100.0], 4500.0).round(3)
    array([0.021, 1.111])
    """
    disc = ZONE_PLATE_DIAMETER * np.abs(np.asarray(defocus, dtype=float)) / np.asarray(focal)
    return np.hypot(RAYLEIGH * OUTERMOST_ZONE * 1e-3 / _FWHM, disc / 4.0)


def runout(z: ArrayLike) -> np.ndarray:
    """Where the spot is along x [um] with the zone plate at ``z`` [um]: stages do not run true.

    >>> float(runout(4616.7).round(3))
    0.15
    """
    return RUNOUT * (np.asarray(z, dtype=float) - RUNOUT_ZERO)


def aperture_share(
    distance: ArrayLike, focal: ArrayLike, aside: ArrayLike, diameter: float
) -> np.ndarray:
    """Share [1] of the focused cone that passes the order-sorting aperture.

    Parameters
    ----------
    distance : float or array [um]
        Of the aperture to the sample.
    focal : float or array [um]
    aside : float or array [um]
        Distance of the aperture's centre from the cone's axis.
    diameter : float [um]

    >>> aperture_share([500.0, 2000.0], 4500.0, [0.0, 0.0], 50.0).round(2)
    array([1.  , 0.32])
    """
    cone = np.maximum(ZONE_PLATE_DIAMETER * np.asarray(distance) / np.asarray(focal), 1e-9)
    reach = (diameter + cone) / 2 - np.asarray(aside)
    within = np.clip(reach / np.minimum(cone, diameter), 0.0, 1.0)
    return within * np.minimum(1.0, (diameter / cone) ** 2)


def film_transmission(
    x: np.ndarray,
    y: np.ndarray,
    spot: np.ndarray,
    *,
    absorbed: np.ndarray,
    dichroic: np.ndarray,
    saturation: np.ndarray,
    film: Film,
    element: str,
) -> np.ndarray:
    """Share of the light [1] that passes the film, averaged over the spot.

    Parameters
    ----------
    x, y, spot : arrays [um]
        Place and rms size of the spot.
    absorbed : array [cm2/g]
        Absorption without dichroism.
    dichroic : array [cm2/g]
        What a domain along the beam adds to it, at the light's degree of polarisation.
    saturation : array [1]
        Magnetisation of the film by an applied field, -1 to 1; it eats up the domains.
    element
        Of the film.
    """
    passed = np.zeros(np.shape(x))
    shares = _shares(x, y, spot, film)
    for (thickness, domain), share in zip(film.kinds(), shares, strict=True):
        aligned = saturation + (1.0 - np.abs(saturation)) * domain
        depth = density(element) * thickness * 1e-7 * (absorbed + aligned * dichroic)
        passed = passed + share * np.exp(-depth)
    return passed


@lru_cache(maxsize=8)
def density(element: str) -> float:
    """Density [g/cm3], by xraydb."""
    import xraydb

    return float(xraydb.atomic_density(element))


def _shares(x: np.ndarray, y: np.ndarray, spot: np.ndarray, film: Film) -> np.ndarray:
    """Share of the spot that falls on each kind of area, shape (5, ...)."""
    from scipy.ndimage import map_coordinates

    finest = spot_sigma(0.0, 1.0)
    x, y, spot = np.atleast_1d(x, y, spot)
    size = np.rint(np.log(np.minimum(spot, 2.0) / finest) / np.log(_SPOT_RATIO)).astype(int)
    found = np.zeros((5, *x.shape))
    for step in np.unique(size):
        here = size == step
        column, row = (each[here] / _STEP + (_SIDE - 1) / 2 for each in (x, y))
        for kind, area in enumerate(_areas(film, float(finest * _SPOT_RATIO**step))):
            found[kind][here] = map_coordinates(area, [row, column], order=1, mode="nearest")
    return found


@lru_cache(maxsize=24)
def _areas(film: Film, spot: float) -> np.ndarray:
    """Maps of the share of each kind of area within a spot, shape (5, side, side)."""
    transformed, damping = _transformed(film)
    blurred = np.fft.irfft2(transformed * np.exp(-((spot / _STEP) ** 2) * damping))
    return blurred[:, _MARGIN : _MARGIN + _SIDE, _MARGIN : _MARGIN + _SIDE]


@lru_cache(maxsize=2)
def _transformed(film: Film) -> tuple[np.ndarray, np.ndarray]:
    """Fourier transform of the sharp maps, and half the squared frequency."""
    margins = ((0, 0), (_MARGIN, _MARGIN), (_MARGIN, _MARGIN))
    padded = np.pad(_sharp(film), margins, mode="edge")
    side = padded.shape[-1]
    up, across = np.fft.fftfreq(side), np.fft.rfftfreq(side)
    damping = 2.0 * np.pi**2 * (up[:, None] ** 2 + across[None, :] ** 2)
    return np.fft.rfft2(padded), damping


def _sharp(film: Film) -> np.ndarray:
    fine = 2
    along = (np.arange(_SIDE * fine) - (_SIDE * fine - 1) / 2) * _STEP / fine
    x, y = np.meshgrid(along, along)
    covered, up, thick = x >= film.edge, film.domain(x, y) > 0, film.on_particle(x, y)
    kinds = [~covered] + [
        covered & (thick == particle) & (up == plus)
        for particle in (False, True)
        for plus in (True, False)
    ]
    return np.stack(
        [k.reshape(_SIDE, fine, _SIDE, fine).mean(axis=(1, 3), dtype=float) for k in kinds]
    )
