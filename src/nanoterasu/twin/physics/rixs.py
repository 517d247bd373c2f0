"""What a 3d oxide does with soft X-rays at its L3 edge: elastic line, dd excitations, fluorescence.

The energies of the dd excitations are of the size known for the monoxides (recalled: NiO near 1.1,
1.7 and 3 eV); widths, strengths and dispersions are assumed.  Real dd excitations disperse less;
these do it visibly, so that a wrong momentum shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ._absorption import edges

HBAR_C = 1973.269804  # eV angstrom
BOLTZMANN = 8.617333262e-5  # eV/K
CARBON_TAPE = (8.0, 4.0)  # mm: middle and height of the strip above the sample
RESONANCE_WIDTH = 0.6  # eV, full width at half maximum, of the intermediate state
PHONON = 0.05  # eV, of the vibration that broadens dd excitations with temperature
# Counted photons for each that is incident.
ELASTIC_OF_CARBON, ELASTIC, INELASTIC, FLUORESCENCE = 2e-9, 6e-10, 1.2e-9, 1.5e-9
SPECULAR_GAIN, SPECULAR_WIDTH = 20.0, 0.02  # 1, 1/angstrom
FLUORESCENCE_BELOW, FLUORESCENCE_WIDTH = 4.5, 2.0  # eV below L3, full width


@dataclass(frozen=True, slots=True)
class Excitation:
    """An excitation within the 3d shell.

    Attributes
    ----------
    energy : float [eV]
        Loss at zero momentum.
    width : float [eV]
        Full width at half maximum, without temperature.
    strength : float
        Share of the inelastic intensity on its resonance.
    bandwidth : float [eV]
        By which the loss rises from the centre to the edge of the zone.
    detuning : float [eV]
        Of its resonance, from L3.
    """

    energy: float
    width: float
    strength: float
    bandwidth: float
    detuning: float


LATTICE = {"Fe": 4.33, "Co": 4.26, "Ni": 4.18}  # angstrom, of the monoxides (recalled)
EXCITATIONS = {
    "Fe": (Excitation(1.20, 0.09, 0.6, 0.05, 0.0), Excitation(2.30, 0.20, 0.4, 0.0, 0.3)),
    "Co": (Excitation(0.95, 0.09, 0.6, 0.05, 0.0), Excitation(2.05, 0.18, 0.4, 0.0, 0.3)),
    "Ni": (
        Excitation(1.07, 0.08, 0.5, 0.05, 0.0),
        Excitation(1.75, 0.14, 0.3, 0.0, 0.2),
        Excitation(2.95, 0.20, 0.2, 0.0, 0.4),
    ),
}


@dataclass(frozen=True, slots=True)
class Emission:
    """What is emitted at one incident energy: Gaussian lines, the elastic one first.

    Attributes
    ----------
    loss : (..., n) array [eV]
    width : (..., n) array [eV]
        Full width at half maximum, of the emitter alone.
    rate : (..., n) array [1]
        Photons counted for each incident one.
    """

    loss: np.ndarray
    width: np.ndarray
    rate: np.ndarray


def momentum(energy: ArrayLike, theta: ArrayLike, two_theta: ArrayLike) -> np.ndarray:
    """Momentum [1/angstrom] given to the sample along its surface.

    Of the incoming and outgoing wave vectors, each projected on the surface in the scattering
    plane: k (sin(theta) - sin(theta + two_theta)).

    Parameters
    ----------
    energy : float or (n,) array [eV]
    theta : float or (n,) array [deg]
        Of the surface normal to the beam.
    two_theta : float or (n,) array [deg]
        Scattering angle.

    >>> float(momentum(852.7, 15.0, 150.0).round(6)) + 0.0
    0.0
    """
    incoming = np.radians(np.asarray(theta, dtype=float))
    outgoing = incoming + np.radians(np.asarray(two_theta, dtype=float))
    return np.asarray(energy, dtype=float) / HBAR_C * (np.sin(incoming) - np.sin(outgoing))


def emission(
    energy: ArrayLike,
    element: str,
    *,
    q: float = 0.3,
    two_theta: float = 150.0,
    vertical: float = 0.0,
    temperature: float = 300.0,
) -> Emission:
    """What the oxide of ``element`` emits.

    Parameters
    ----------
    energy : float or (m,) array [eV]
        Incident.
    element
        One of `EXCITATIONS`.
    q : float [1/angstrom]
        Momentum along the surface.
    two_theta : float [deg]
        Scattering angle, in the horizontal plane.
    vertical : float [1]
        Share of the light that is polarised vertically, out of the scattering plane.
    temperature : float [K]
    """
    at = np.asarray(energy, dtype=float)
    l3, _ = edges(element)
    lines = EXCITATIONS[element]
    zone = (1.0 - np.cos(q * LATTICE[element])) / 2
    hot = np.sqrt(1.0 / np.tanh(PHONON / (2 * BOLTZMANN * max(temperature, 1.0))))
    along = _polarised(vertical, two_theta)
    specular = 1.0 + SPECULAR_GAIN / (1.0 + (q / SPECULAR_WIDTH) ** 2)
    elastic = ELASTIC * along * specular * (0.5 + _resonance(at - l3))
    above = 0.5 + np.arctan((at - l3) / (RESONANCE_WIDTH / 2)) / np.pi
    zero = np.zeros_like(at)
    loss = [zero, *(zero + each.energy + each.bandwidth * zone for each in lines)]
    width = [zero, *(zero + each.width * hot for each in lines)]
    inelastic = [INELASTIC * each.strength * _resonance(at - l3 - each.detuning) for each in lines]
    return Emission(
        loss=np.stack([*loss, at - l3 + FLUORESCENCE_BELOW], axis=-1),
        width=np.stack([*width, zero + FLUORESCENCE_WIDTH], axis=-1),
        rate=np.stack([elastic, *inelastic, FLUORESCENCE * above], axis=-1),
    )


def carbon(energy: ArrayLike, *, two_theta: float = 150.0, vertical: float = 0.0) -> Emission:
    """What carbon tape sends back: the elastic line alone; parameters as of `emission`."""
    zero = np.zeros_like(np.asarray(energy, dtype=float))[..., None]
    return Emission(zero, zero, zero + ELASTIC_OF_CARBON * _polarised(vertical, two_theta))


def _polarised(vertical: float, two_theta: float) -> float:
    # Charges scatter along the polarisation: Thomson's cos^2 within the plane.
    return vertical + (1.0 - vertical) * float(np.cos(np.radians(two_theta))) ** 2


def _resonance(offset: np.ndarray) -> np.ndarray:
    return 1.0 / (1.0 + (offset / (RESONANCE_WIDTH / 2)) ** 2)
