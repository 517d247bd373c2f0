"""Momentum that scattered light leaves in a sample, and the angle that gives one."""

from __future__ import annotations

import math

from ._units import Degrees, ElectronVolts, PerAngstrom

HBAR_C = 1973.269804  # eV angstrom, by the constants of the SI
MOMENTUM_FORMULA = (
    "q = 2 k sin(two_theta/2) sin(theta - 90 deg + two_theta/2), k = energy / 1973.27 eV angstrom; "
    "along the surface and in the scattering plane, positive towards grazing incidence"
)


def momentum(energy: ElectronVolts, theta: Degrees, two_theta: Degrees) -> PerAngstrom:
    """Momentum along the surface [1/angstrom], by `MOMENTUM_FORMULA`.

    Parameters
    ----------
    energy : float [eV]
    theta : float [deg]
        Of the surface normal to the beam.
    two_theta : float [deg]
        Scattering angle.

    >>> round(momentum(852.7, 45.0, 150.0), 4)
    0.4174
    """
    half = math.radians(two_theta) / 2
    tilt = math.radians(theta - 90.0) + half
    return 2.0 * energy / HBAR_C * math.sin(half) * math.sin(tilt)


def theta_for(q: PerAngstrom, energy: ElectronVolts, two_theta: Degrees) -> Degrees:
    """Angle of the surface normal to the beam [deg] at which the sample takes ``q``.

    Raises
    ------
    ValueError
        If the arm stands too low for it, or the light would come in or leave below the surface.

    >>> round(theta_for(0.0, 852.7, 150.0), 6)
    15.0
    """
    half = math.radians(two_theta) / 2
    largest = 2.0 * energy / HBAR_C * abs(math.sin(half))
    if abs(q) > largest:
        raise ValueError(
            f"q={q:g} per angstrom is beyond the {largest:.4g} that light of {energy:g} eV can "
            f"leave at two_theta={two_theta:g} deg; choose a smaller q or a larger two_theta."
        )
    theta = math.degrees(math.asin(q / largest) - half) + 90.0 if largest else 90.0
    leaves = 180.0 - two_theta - theta
    if not (abs(theta) < 90.0 and abs(leaves) < 90.0):
        raise ValueError(
            f"q={q:g} per angstrom at two_theta={two_theta:g} deg asks for light that comes in at "
            f"{theta:.4g} deg and leaves at {leaves:.4g} deg to the surface normal, where the "
            "sample is in its own way; keep both within 90 deg with a smaller q."
        )
    return theta
