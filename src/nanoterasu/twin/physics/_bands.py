"""Photoemission of a two-dimensional crystal: bands, Fermi edge, and what blurs them.

The band is that of a square lattice in tight binding, E = -2t (cos kx·a + cos ky·a) - mu; crystal
and intensities are assumed.  The light's polarisation is left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

MOMENTUM = 0.512317  # 1/(Angstrom sqrt(eV)): sqrt(2 m_e)/hbar by CODATA 2018
BOLTZMANN = 8.617333e-5  # eV/K, exact in the SI to the digits given


@dataclass(frozen=True, slots=True)
class Crystal:
    """A flake of a square lattice in two orientations, on polycrystalline gold; all assumed.

    Attributes
    ----------
    lattice : float [Angstrom]
    hopping : float [eV]
    chemical_potential : float [eV]
        Below zero, the band is less than half full.
    lifetime : float [eV]
        Full width of a state at the Fermi level; it grows with the square of the energy.
    orientations : (2,) tuple [deg]
        Of the lattice's axis against the stage's x, in the first and the second domain.
    boundary : (2,) tuple
        Direction of its normal [deg] and distance from the sample's origin [um]; the second
        domain is on the side to which the normal points.
    half_size : float [um]
        Of the square flake; beyond it is gold.
    spacing : float [Angstrom]
        Of the layers: it makes the intensity vary with kz.
    inner_potential : float [eV]
    """

    lattice: float = 4.0
    hopping: float = 0.25
    chemical_potential: float = -0.1
    lifetime: float = 0.04
    orientations: tuple[float, float] = (0.0, 45.0)
    boundary: tuple[float, float] = (25.0, 1.5)
    half_size: float = 20.0
    spacing: float = 6.5
    inner_potential: float = 12.0

    def band(self, kx: ArrayLike, ky: ArrayLike) -> np.ndarray:
        """Energy [eV] from the Fermi level at momenta [1/Angstrom] along the crystal's axes."""
        cosines = np.cos(self.lattice * np.asarray(kx)) + np.cos(self.lattice * np.asarray(ky))
        return -2.0 * self.hopping * cosines - self.chemical_potential

    def fermi_wave_vector(self, direction: float) -> float:
        """Momentum [1/Angstrom] at the Fermi level, at an angle [deg] to the crystal's axis.

        >>> round(Crystal().fermi_wave_vector(0.0), 4), round(Crystal().fermi_wave_vector(45.0), 4)
        (0.6245, 0.5199)
        """
        from scipy.optimize import brentq

        cosine, sine = np.cos(np.radians(direction)), np.sin(np.radians(direction))
        end = np.pi / self.lattice
        root: Any = brentq(lambda k: float(self.band(k * cosine, k * sine)), 0.0, end)
        return float(root)

    def fermi_velocity(self, direction: float) -> float:
        """Slope dE/dk [eV Angstrom] at the Fermi level, at an angle [deg]."""
        k, step = self.fermi_wave_vector(direction), 1e-5
        cosine, sine = np.cos(np.radians(direction)), np.sin(np.radians(direction))
        ends = [float(self.band(q * cosine, q * sine)) for q in (k - step, k + step)]
        return (ends[1] - ends[0]) / (2 * step)


CRYSTAL = Crystal()
BACKGROUND = 0.04  # of the strongest state: electrons that were scattered; assumed
GOLD = 0.25  # of the strongest state: emission of gold, flat up to the Fermi level; assumed
# Electrons per second, eV and deg of the strongest state in full light through the zone plate.
BRIGHTNESS = 2e6  # assumed
PHOTON_OFFSET = -0.035  # eV, true photon energy less the monochromator's reading; assumed


def fermi(energy: ArrayLike, temperature: float) -> np.ndarray:
    """Occupation [1] at an ``energy`` [eV] from the Fermi level.

    >>> fermi([-1.0, 0.0, 1.0], 20.0).round(3)
    array([1. , 0.5, 0. ])
    """
    from scipy.special import expit

    return expit(-np.asarray(energy, dtype=float) / (BOLTZMANN * max(temperature, 1.0)))


def states(energy: np.ndarray, k: np.ndarray, crystal: Crystal, orientation: float) -> np.ndarray:
    """Spectral function relative to its highest value at the Fermi level, shape (m, n).

    Parameters
    ----------
    energy : (n,) array [eV]
        From the Fermi level.
    k : (2, m, n) array [1/Angstrom]
        Momenta along x and y of the stage.
    crystal
    orientation : float [deg]
        Of the crystal's axis against x.
    """
    cosine, sine = float(np.cos(np.radians(orientation))), float(np.sin(np.radians(orientation)))
    band = crystal.band(cosine * k[0] + sine * k[1], cosine * k[1] - sine * k[0])
    half = crystal.lifetime / 2 * (1.0 + 10.0 * energy**2)
    return crystal.lifetime / 2 * half / ((energy - band) ** 2 + half**2)


def interference(kinetic: ArrayLike, in_plane: ArrayLike, crystal: Crystal) -> np.ndarray:
    """Factor [1] by which the layers' interference makes the band brighter or weaker.

    Parameters
    ----------
    kinetic : (n,) array [eV]
    in_plane : (m, n) array [1]
        Square of the sine of the emission angle.
    """
    inside = np.asarray(kinetic) * (1.0 - np.asarray(in_plane)) + crystal.inner_potential
    kz = MOMENTUM * np.sqrt(np.maximum(inside, 0.0))
    return 1.0 + 0.5 * np.cos(kz * crystal.spacing)


def shares(
    point: ArrayLike, size: tuple[float, float], crystal: Crystal
) -> tuple[float, float, float]:
    """Shares of the spot on the first domain, on the second, and on gold.

    Parameters
    ----------
    point : (2,) array [um]
        Middle of the spot on the surface.
    size : (2,) tuple [um]
        Rms size of the spot along x and y.

    >>> [round(share, 3) for share in shares((-5.0, 0.0), (0.1, 0.1), CRYSTAL)]
    [1.0, 0.0, 0.0]
    """
    from scipy.special import ndtr

    place, (direction, distance) = np.asarray(point, dtype=float), crystal.boundary
    normal = np.array([np.cos(np.radians(direction)), np.sin(np.radians(direction))])
    across = float(np.hypot(*(normal * size)))
    second = float(ndtr((place @ normal - distance) / across))
    flake = 1.0
    for where, wide in zip(place, size, strict=True):
        within = ndtr((crystal.half_size - where) / wide)
        flake *= float(within - ndtr((-crystal.half_size - where) / wide))
    return flake * (1.0 - second), flake * second, 1.0 - flake
