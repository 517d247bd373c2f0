"""Surface of the sample: a share of its atoms is oxidised, by gas, temperature and potential.

Every constant is assumed: of first order in both directions, whose time constant is minutes
at 600 K in 1 mbar, and far longer than a shift at room temperature.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

BOLTZMANN = 8.617333262e-5  # eV/K
REFERENCE = 600.0  # K
OXIDATION = (5e-3, 0.6)  # 1/s in 1 mbar of oxygen at the reference, activation energy [eV]
REDUCTION = (5e-3, 0.8)  # the same in hydrogen
ORDER = 0.5  # in the pressure of a gas that comes apart on the surface
# Rate at its potential [1/s], the potential [V], and what changes it e-fold [V].
ELECTRO_OXIDATION = (2e-3, 0.8, 0.1)
ELECTRO_REDUCTION = (2e-3, 0.0, 0.1)
FASTEST = 1.0  # 1/s, where transport limits
FILM_CHARGE = 4e-4  # C, to oxidise what is seen
LEAK = 1e6  # ohm
FIRST_OXIDE = 0.1  # share that is oxidised when a sample comes in


def surface_rates(
    temperature: float, oxygen: float, hydrogen: float, potential: float | None
) -> tuple[float, float]:
    """Rates of oxidation and of reduction [1/s].

    Parameters
    ----------
    temperature : float [K]
    oxygen, hydrogen : float [mbar]
    potential : float or None [V]
        None while the circuit is open.

    >>> surface_rates(600.0, 1.0, 0.0, None)
    (0.005, 0.0)
    """
    heat = 1.0 / REFERENCE - 1.0 / max(temperature, 1.0)

    def thermal(rate: float, barrier: float, pressure: float) -> float:
        return rate * math.exp(barrier * heat / BOLTZMANN) * max(pressure, 0.0) ** ORDER

    electro = (0.0, 0.0) if potential is None else electrochemical(potential)
    forward = thermal(*OXIDATION, oxygen) + electro[0]
    backward = thermal(*REDUCTION, hydrogen) + electro[1]
    return min(forward, FASTEST), min(backward, FASTEST)


def electrochemical(potential: float) -> tuple[float, float]:
    """Rates of oxidation and of reduction [1/s] at a potential [V]."""
    rate, at, scale = ELECTRO_OXIDATION
    forward = rate * math.exp(min((potential - at) / scale, 30.0))
    rate, at, scale = ELECTRO_REDUCTION
    backward = rate * math.exp(min((at - potential) / scale, 30.0))
    return min(forward, FASTEST), min(backward, FASTEST)


def oxidised(share: float, forward: float, backward: float, seconds: float) -> float:
    """Oxidised share [1] after a time at constant rates [1/s].

    >>> oxidised(0.0, 0.01, 0.0, 100.0).__round__(4)
    0.6321
    """
    total = forward + backward
    if total <= 0.0:
        return share
    final = forward / total
    return final + (share - final) * math.exp(-total * seconds)


def cell_current(share: float, potential: float | None) -> float:
    """Current of the potentiostat [A]: what oxidises less what reduces, and a leak."""
    if potential is None:
        return 0.0
    forward, backward = electrochemical(potential)
    return FILM_CHARGE * (forward * (1.0 - share) - backward * share) + potential / LEAK


def oxidation_history(
    seconds: Sequence[float] | NDArray[np.float64],
    temperature: Sequence[float] | NDArray[np.float64],
    oxygen: Sequence[float] | NDArray[np.float64],
    hydrogen: Sequence[float] | NDArray[np.float64],
    first: float = FIRST_OXIDE,
) -> NDArray[np.float64]:
    """Oxidised share [1], shape (n,), along a known environment at open circuit.

    Parameters
    ----------
    seconds : (n,) [s], increasing
    temperature : (n,) [K]
    oxygen, hydrogen : (n,) [mbar]
    first : float [1]
        Share at the first instant.
    """
    rows = np.column_stack([temperature, oxygen, hydrogen]).astype(float)
    between = 0.5 * (rows[1:] + rows[:-1])
    shares = [first]
    for step, (kelvin, o2, h2) in zip(np.diff(seconds), between.tolist(), strict=True):
        shares.append(oxidised(shares[-1], *surface_rates(kelvin, o2, h2, None), float(step)))
    return np.array(shares)
