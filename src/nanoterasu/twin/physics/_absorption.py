"""Absorption at the L2,3 edges of a magnetic 3d metal, from tables and from the sample's moments.

Convention: with positive helicity and the magnetisation along a positive field, the dichroism
mu+ - mu- is *negative* at L3 for iron, cobalt and nickel.  With p its integral over L3, q over L3
and L2, and r that of the white lines in mu+ + mu-, the sum rules read

    m_orbital = -(4/3) (q/r) n,    m_spin = -((6 p - 4 q)/r) n

(Thole et al., PRL 68, 1943 (1992); Carra et al., PRL 70, 694 (1993); Chen et al., PRL 75, 152
(1995)), n being the number of 3d holes.  Here they are inverted.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from ._sample import Sample

WHITE_LINE = 6.6  # eV of edge step per 3d hole: area of both white lines; assumed
BRANCHING = 0.70  # share of L3 in the white lines; statistically 2/3, more in metals; assumed
STEP_SHARE = 2.0 / 3.0  # share of L3 in the edge step: occupation of 2p3/2 against 2p1/2
BAND_WIDTH = 1.6  # eV, full width of the empty 3d band; assumed
OXIDE_EDGE_SHIFT = 1.5  # eV, of L3 and L2 in the trivalent oxide (recalled); assumed
_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))


@dataclass(frozen=True, slots=True)
class _Element:
    l3: float  # eV
    l2: float
    width3: float  # core-hole widths, eV
    width2: float
    below: float  # absorption at L3 without the 2p electrons, cm2/g
    slope: float  # its exponent
    step: float  # what the 2p electrons add, cm2/g


@lru_cache(maxsize=16)
def _element(symbol: str) -> _Element:
    import xraydb

    l3, l2 = edges(symbol)
    # Between 60 and 25 eV below L3 and 80 eV above L2 the table is smooth: its own edges lie
    # some eV beside the tabulated edge energies.
    at = np.array([l3 - 60.0, l3 - 25.0, l2 + 80.0])
    far, near, above = np.asarray(xraydb.mu_chantler(symbol, at), dtype=float)
    slope = float(np.log(near / far) / np.log((l3 - 25.0) / (l3 - 60.0)))
    below = float(near * (l3 / (l3 - 25.0)) ** slope)
    step = float(above - below * ((l2 + 80.0) / l3) ** slope)
    widths = xraydb.core_width(symbol)
    return _Element(l3, l2, float(widths["L3"]), float(widths["L2"]), below, slope, step)


def edges(element: str) -> tuple[float, float]:
    """Energies of L3 and L2 [eV], by xraydb.

    >>> edges("Fe")
    (706.8, 719.9)
    """
    import xraydb

    found = xraydb.xray_edges(element)
    return float(found["L3"].energy), float(found["L2"].energy)


def white_line_area(sample: Sample) -> float:
    """Area r of the white lines in mu+ + mu- [eV cm2/g]."""
    return 2.0 * WHITE_LINE * sample.holes * _element(sample.element).step


def dichroic_areas(sample: Sample) -> tuple[float, float]:
    """Areas of mu+ - mu- at L3 and at L2 [eV cm2/g], saturated, in fully circular light."""
    per_moment = white_line_area(sample) / sample.holes
    q = -0.75 * sample.orbital_moment * per_moment
    p = (4.0 * q - sample.spin_moment * per_moment) / 6.0
    return p, q - p


def _lines(
    energy: np.ndarray, about: _Element, resolution: ArrayLike
) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import voigt_profile

    sigma = np.hypot(BAND_WIDTH, np.asarray(resolution, dtype=float)) / _FWHM
    return (
        voigt_profile(energy - about.l3, sigma, about.width3 / 2),
        voigt_profile(energy - about.l2, sigma, about.width2 / 2),
    )


def _step(offset: np.ndarray, width: float, resolution: ArrayLike) -> np.ndarray:
    # Full width of a Voigt profile: Olivero and Longbothum, J. Quant. Spectrosc. Radiat. Transfer
    # 17, 233 (1977).
    full = 0.5346 * width + np.sqrt(0.2166 * width**2 + np.asarray(resolution, dtype=float) ** 2)
    return 0.5 + np.arctan(2.0 * offset / full) / np.pi


def dichroism(energy: ArrayLike, sample: Sample, resolution: ArrayLike = 0.0) -> np.ndarray:
    """Absorption mu+ - mu- [cm2/g], saturated along the field, in fully circular light.

    Parameters
    ----------
    energy : float or (n,) array [eV]
    resolution : float or (n,) array [eV], full width at half maximum
    """
    line3, line2 = _lines(np.asarray(energy, dtype=float), _element(sample.element), resolution)
    area3, area2 = dichroic_areas(sample)
    return area3 * line3 + area2 * line2


def absorption(
    energy: ArrayLike, sample: Sample, *, resolution: ArrayLike = 0.0, alignment: ArrayLike = 0.0
) -> np.ndarray:
    """Absorption [cm2/g] seen through a monochromator.

    Parameters
    ----------
    energy : float or (n,) array [eV]
    sample
    resolution : float or (n,) array [eV], full width at half maximum
    alignment : float or (n,) array [1], -1 to 1
        Signed degree of circular polarisation times magnetisation along the beam.

    >>> fe = Sample.named("Fe")
    >>> bool(absorption(706.8, fe, alignment=1.0) < absorption(706.8, fe, alignment=-1.0))
    True
    """
    at = np.asarray(energy, dtype=float)
    about = _element(sample.element)
    line3, line2 = _lines(at, about, resolution)
    below = about.below * (at / about.l3) ** about.slope
    step3 = _step(at - about.l3, about.width3, resolution)
    step2 = _step(at - about.l2, about.width2, resolution)
    steps = about.step * (STEP_SHARE * step3 + (1.0 - STEP_SHARE) * step2)
    white = white_line_area(sample) / 2.0 * (BRANCHING * line3 + (1.0 - BRANCHING) * line2)
    area3, area2 = dichroic_areas(sample)
    magnetic = np.asarray(alignment, dtype=float) / 2.0 * (area3 * line3 + area2 * line2)
    return below + steps + white + magnetic
