"""Magnetic moments as a result: values, uncertainties and what they rest on."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from ._integrals import Choices
from ._lines import Lines


@dataclass(frozen=True, slots=True)
class Moments:
    """Moments per atom along the beam's projection of the magnetisation.

    Statistical uncertainties are one standard deviation.  Systematic ones come from varying each
    choice of the analysis over what a careful person could have chosen, added in quadrature.
    The number of holes and the degree of polarisation are taken as given: their relative errors
    carry over to both moments one to one, and are not included.

    Attributes
    ----------
    element
        Chemical symbol.
    orbital, spin
        Orbital and effective spin moment [mu_B].  The effective spin is
        ``m_spin (1 + 7 <Tz> / 2 <Sz>)``: the magnetic dipole term stays in it.
    orbital_statistical, orbital_systematic, spin_statistical, spin_systematic
        Uncertainties [mu_B].
    ratio, ratio_statistical, ratio_systematic
        Orbital over effective spin [1], free of holes, polarisation and white-line area; not a
        number where the spin is zero.
    p, q, r
        Integrals [eV, in units of the edge step], corrected for ``tails``; not for polarisation.
    tails
        What was added to p, q and r for the parts of the lines that lie beyond cut and range.
    total_lines, difference_lines
        Voigt lines fitted to the sum and to the difference, from which ``tails`` follow.
    holes, circular_polarisation, angle
        Holes in the d shell, degree of polarisation [1], angle of beam and magnetisation [deg].
    choices
        Cut, end, steps and windows that were used.
    budget
        Change of (orbital, spin) [mu_B] with each choice.
    """

    element: str
    orbital: float
    orbital_statistical: float
    orbital_systematic: float
    spin: float
    spin_statistical: float
    spin_systematic: float
    ratio: float
    ratio_statistical: float
    ratio_systematic: float
    p: float
    q: float
    r: float
    tails: tuple[float, float, float]
    holes: float
    circular_polarisation: float
    angle: float
    choices: Choices
    total_lines: Lines
    difference_lines: Lines
    budget: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    unit: str = "mu_B"

    @property
    def orbital_uncertainty(self) -> float:
        """Statistical and systematic uncertainty of the orbital moment together [mu_B]."""
        return float(np.hypot(self.orbital_statistical, self.orbital_systematic))

    @property
    def spin_uncertainty(self) -> float:
        """Statistical and systematic uncertainty of the spin moment together [mu_B]."""
        return float(np.hypot(self.spin_statistical, self.spin_systematic))

    @property
    def ratio_uncertainty(self) -> float:
        """Statistical and systematic uncertainty of the ratio together [1]."""
        return float(np.hypot(self.ratio_statistical, self.ratio_systematic))

    @property
    def cut(self) -> float:
        """Energy between L3 and L2 where ``p`` ends [eV]."""
        return self.choices.cut

    def __str__(self) -> str:
        def line(name: str, value: float, statistical: float, systematic: float) -> str:
            digits = _digits(min(statistical, systematic) or max(statistical, systematic))
            return (
                f"{name} {value:.{digits}f} ± {statistical:.{digits}f} (statistical) "
                f"± {systematic:.{digits}f} (systematic) {self.unit}"
            )

        return "\n".join(
            [
                f"{self.element} L2,3 sum rules, {self.holes:g} holes",
                line("orbital  ", self.orbital, self.orbital_statistical, self.orbital_systematic),
                line("spin     ", self.spin, self.spin_statistical, self.spin_systematic)
                + ", with the dipole term 7<Tz>",
                f"ratio     {self.ratio:.3f} ± {self.ratio_uncertainty:.3f}",
                f"p {self.p:.3f} eV to {self.cut:.1f} eV, q {self.q:.3f} eV, r {self.r:.3f} eV "
                f"to {self.choices.end:.1f} eV",
            ]
        )


def _digits(smallest: float) -> int:
    """Decimals that show the first digit of an uncertainty, two to four."""
    if not np.isfinite(smallest) or smallest <= 0:
        return 3
    return int(np.clip(-np.floor(np.log10(smallest)), 2, 4))
