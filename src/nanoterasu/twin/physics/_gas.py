"""Gas in the cell: what flows in, what the valve lets out, and how electrons fare in between.

Every constant is assumed, of the size usual for ambient-pressure cells.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

VOLUME = 0.5  # L, of the cell
PER_SCCM = 1013.25e-3 / 60.0  # mbar L/s in 1 sccm, by its definition at 0 C and 1 atm
VALVE = (0.002, 20.0)  # L/s, pumping speed with the valve almost closed, and open
BASE_PRESSURE = 1e-9  # mbar, without gas
BOLTZMANN = 1.380649e-23  # J/K, exact in the SI
GAS_TEMPERATURE = 300.0  # K
PATH = 3e-4  # m, through the gas to the front cone
CROSS_SECTION = 5e-20  # m2, of an electron of 300 eV
SLOWING = 0.7  # exponent with which the cross section falls with energy


def filled(
    partial: tuple[float, ...], flows: tuple[float, ...], setpoint: float, seconds: float
) -> tuple[float, ...]:
    """Partial pressures [mbar] after a time in which nothing else changes.

    The valve takes the pumping speed that would hold ``setpoint`` with the present flow, if it
    can: so the pressure rises with the time constant of the cell, slower the less gas flows.
    From above, the valve opens as far as it must.

    Parameters
    ----------
    partial : (n,) [mbar]
        At the beginning.
    flows : (n,) [sccm]
    setpoint : float [mbar]
    seconds : float [s]

    >>> filled((0.0,), (10.0,), 1.0, 60.0)[0].__round__(3)
    1.0
    >>> filled((0.0,), (0.0,), 1.0, 60.0)
    (0.0,)
    """
    entering = [PER_SCCM * max(flow, 0.0) for flow in flows]
    total = sum(entering)
    wanted = total / setpoint if setpoint > 0 else math.inf
    if setpoint > 0 and (above := sum(partial) / setpoint) > 1.0:
        wanted = max(wanted, math.log(above) * VOLUME / seconds)
    speed = min(max(wanted, VALVE[0]), VALVE[1])
    remains = math.exp(-seconds * speed / VOLUME)
    return tuple(
        inflow / speed + (before - inflow / speed) * remains
        for before, inflow in zip(partial, entering, strict=True)
    )


def transmitted(kinetic: ArrayLike, pressure: ArrayLike) -> np.ndarray:
    """Fraction of electrons [1] that pass the gas without loss.

    Parameters
    ----------
    kinetic : float or (n,) array [eV]
    pressure : float or (n,) array [mbar]

    >>> transmitted(300.0, [0.0, 1.0]).round(2)
    array([1. , 0.7])
    """
    energy = np.maximum(np.asarray(kinetic, dtype=float), 1.0)
    section = CROSS_SECTION * (300.0 / energy) ** SLOWING
    density = 100.0 * np.asarray(pressure, dtype=float) / (BOLTZMANN * GAS_TEMPERATURE)
    return np.exp(-density * section * PATH)
