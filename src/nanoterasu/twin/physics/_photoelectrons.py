"""Photoelectrons of the core levels: where they are, how wide, how many, what they leave behind.

Binding energies by xraydb.  Those of gases count from the vacuum, so that the analyser sees them
lower by its work function; those of solids count from the Fermi level.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ._analyser import WORK_FUNCTION

OXIDE_SHIFT = 3.9  # eV, of 2p in the trivalent oxide: Fe 710.8 against 706.9 (recalled); assumed
OXIDE_WIDTH = 2.2  # eV, full Gaussian width: unresolved multiplets; assumed
METAL_TAIL = (
    0.30,
    1.2,
)  # share of the line with a tail of electron-hole pairs, decay [eV]; assumed
LATTICE_OXYGEN = 530.0  # eV, O 1s in the oxide; recalled
CARBON = 284.8  # eV, C 1s of the usual contamination; the field's convention
PHONON_WIDTH = 0.15  # eV, full Gaussian width at 300 K; it grows with the root of T; assumed
STEP = 0.018  # of a line, left as background by electrons that lost energy, per eV below; assumed
LOSS_RANGE = 60.0  # eV over which that falls off; assumed
FLAT = 0.02  # 1/eV, background of everything else, of the C 1s area at full cover; assumed
OXYGEN_GAS = ((543.1, 2.0), (544.2, 1.0))  # eV and weight: O 1s of O2, split by its spin; recalled
GAS_PER_MBAR = 1.5  # O 1s of the gas, of a full layer of oxide, per mbar; assumed
CARBON_SHARE = 0.05  # of a layer; assumed
_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
_GRID = 0.02  # eV

# Relative sensitivities (Scofield, for 1487 eV, recalled); to C 1s.
_SENSITIVITY = {
    "2p3/2": {"Fe": 10.8, "Co": 12.6, "Ni": 14.6},
    "2p1/2": {"Fe": 5.6, "Co": 6.5, "Ni": 7.6},
    "3s": {"Fe": 0.75, "Co": 0.8, "Ni": 0.9},
    "3p3/2": {"Fe": 1.1, "Co": 1.4, "Ni": 1.5},
}
_EDGE = {"2p3/2": "L3", "2p1/2": "L2", "3s": "M1", "3p3/2": "M3"}
_OXYGEN = 2.9
OXYGEN_PER_METAL = 1.5


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the spectrum.

    Attributes
    ----------
    binding : float [eV]
        From the Fermi level, as the analyser sees it.
    area : float [1]
        Relative to C 1s of a full layer, where its `state` is fully there.
    width : float [eV]
        Full Lorentzian width.
    broad : float [eV]
        Full Gaussian width of its own.
    state : str
        Which share of the surface scales it: "metal", "oxide", "carbon", "gas".
    tail : (2,) tuple
        Share with a tail to higher binding energy, and its decay [eV].
    """

    binding: float
    area: float
    width: float
    broad: float
    state: str
    tail: tuple[float, float] = (0.0, 1.0)


@lru_cache(maxsize=8)
def lines(element: str) -> tuple[Line, ...]:
    """Lines of a metal, its oxide, carbon on it and oxygen above it."""
    import xraydb

    levels, widths = xraydb.xray_edges(element), xraydb.core_width(element)
    found = []
    for level, edge in _EDGE.items():
        area = _SENSITIVITY[level][element]
        binding, width = float(levels[edge].energy), float(widths[edge])
        found.append(Line(binding, area, width, 0.0, "metal", METAL_TAIL))
        found.append(Line(binding + OXIDE_SHIFT, area, width, OXIDE_WIDTH, "oxide"))
    found.append(Line(LATTICE_OXYGEN, _OXYGEN * OXYGEN_PER_METAL, 0.2, 1.0, "oxide"))
    found.append(Line(CARBON, 1.0, 0.1, 1.1, "carbon"))
    total = sum(weight for _, weight in OXYGEN_GAS)
    for binding, weight in OXYGEN_GAS:
        area = _OXYGEN * GAS_PER_MBAR * weight / total
        found.append(Line(binding - WORK_FUNCTION, area, 0.2, 0.4, "gas"))
    return tuple(found)


def shape(binding: np.ndarray, line: Line, width: float) -> np.ndarray:
    """Line of unit area on a uniform grid of binding energies [1/eV].

    The tail is an exponential, drawn to higher binding energy, as electron-hole pairs give
    (G. D. Mahan, Phys. Rev. B 11, 4814 (1975), of first order).

    Parameters
    ----------
    binding : (n,) array [eV], increasing, equally spaced
    line
    width : float [eV]
        Full Gaussian width of light, analyser and phonons.
    """
    from scipy.signal import lfilter
    from scipy.special import voigt_profile

    sigma = np.hypot(line.broad, width) / _FWHM
    plain = voigt_profile(binding - line.binding, sigma, line.width / 2)
    share, decay = line.tail
    if not share:
        return plain
    kept = np.exp(-(binding[1] - binding[0]) / decay)
    tailed: Any = lfilter([(1.0 - kept) / 2, (1.0 - kept) / 2], [1.0, -kept], plain)
    return (1.0 - share) * plain + share * tailed


def photoelectrons(
    binding: ArrayLike,
    element: str,
    *,
    oxide: ArrayLike,
    oxygen: ArrayLike = 0.0,
    bias: float = 0.0,
    width: float = 0.3,
    temperature: float = 300.0,
    on_sample: float = 1.0,
) -> np.ndarray:
    """Spectral density of photoelectrons [1/eV], before gas and analyser, shape (n,).

    Parameters
    ----------
    binding : (n,) array [eV]
        As the analyser reckons it: a sample biased by U seems U deeper bound.
    element : str
        Of the metal.
    oxide : float or (n,) array [1]
        Oxidised share of the surface, at each energy's own instant.
    oxygen : float or (n,) array [mbar]
        Oxygen above the sample; its electrons do not feel the bias.
    bias : float [V]
    width : float [eV]
        Full Gaussian width of light and analyser.
    temperature : float [K]
    on_sample : float [1]
        Fraction of the light that hits the sample; the gas is everywhere.
    """
    at = np.asarray(binding, dtype=float)
    share = np.asarray(oxide, dtype=float)
    gas = np.asarray(oxygen, dtype=float)
    present = {"metal": 1.0 - share, "oxide": share, "carbon": CARBON_SHARE, "gas": gas}
    phonons = PHONON_WIDTH * np.sqrt(max(temperature, 0.0) / 300.0)
    total = np.full(at.shape, FLAT * on_sample)
    for line in lines(element):
        solid = line.state != "gas"
        offset = bias if solid else 0.0
        full = float(np.hypot(width, phonons)) if solid else width
        grid, density, behind = _profile(line, round(full, 3))
        seen = at - offset - line.binding
        spectrum = np.interp(seen, grid, density, left=0.0, right=0.0)
        spectrum = spectrum + np.interp(seen, grid, behind, left=0.0, right=0.0)
        weight = present[line.state] * (on_sample if solid else 1.0)
        total = total + line.area * weight * spectrum
    return total


@lru_cache(maxsize=256)
def _profile(line: Line, width: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Line and background behind it on a grid of energies from the line's own."""
    near = np.arange(-15.0, 25.0, _GRID)
    density = shape(near + line.binding, line, width)
    far = np.arange(25.0, 4.0 * LOSS_RANGE, 1.0)
    grid = np.concatenate([near, far])
    # A step where the line is (Shirley, Phys. Rev. B 5, 4709 (1972)), that falls off far behind.
    lost = np.concatenate([np.cumsum(density) * _GRID, np.ones(len(far))])
    behind = STEP * lost * np.exp(-np.maximum(grid, 0.0) / LOSS_RANGE)
    return grid, np.concatenate([density, np.zeros(len(far))]), behind
