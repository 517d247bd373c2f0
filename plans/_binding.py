"""Which binding energies a photoelectron spectrum is measured at, and core levels by name."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from numbers import Real

from ._units import ElectronVolts, Seconds

# What xraydb has for these are binding energies of the molecules, from the vacuum; this is what
# their atoms have in solids, from the Fermi level, to some eV (recalled).
_IN_SOLIDS = {"N 1s": 399.0, "O 1s": 531.0, "F 1s": 685.0}
_SHELLS = "KLMNOP"
_SUBSHELLS = ("s", "p1/2", "p3/2", "d3/2", "d5/2", "f5/2", "f7/2")
_PAIRS = {"p": ("p1/2", "p3/2"), "d": ("d3/2", "d5/2"), "f": ("f5/2", "f7/2")}


@dataclass(frozen=True, slots=True)
class BindingRegion:
    """Equally spaced binding energies, and how long each is counted.

    Attributes
    ----------
    name : str
        Of the core level, or "survey", "valence": names the stream.
    low, high, step : float [eV]
        Binding energies.
    dwell : float [s]
        Of an energy, in one sweep.
    sweeps : int

    Raises
    ------
    ValueError
        If there is nothing to measure.

    >>> BindingRegion("Fe 2p3/2", 700.0, 718.0, 0.1).stream
    'Fe_2p3_2'
    """

    name: str
    low: ElectronVolts
    high: ElectronVolts
    step: ElectronVolts = 0.1
    dwell: Seconds = 0.1
    sweeps: int = 1

    def __post_init__(self) -> None:
        numbers = (self.low, self.high, self.step, self.dwell)
        if not all(isinstance(value, Real) and math.isfinite(value) for value in numbers):
            raise ValueError(
                f"{self}: low, high and step are energies [eV], dwell a time [s]; give numbers."
            )
        if not self.high > self.low or not self.step > 0 or not self.dwell > 0:
            raise ValueError(f"{self}: give low < high, and a step and a dwell above 0.")
        if not isinstance(self.sweeps, int) or self.sweeps < 1:
            raise ValueError(f"{self}: sweeps is a whole number, at least 1.")
        if not self.stream.strip("_"):
            raise ValueError(f"{self}: a region has a name, as 'C 1s'; it names its stream.")

    @property
    def stream(self) -> str:
        """Name of its stream: letters, digits and underscores."""
        return re.sub(r"\W+", "_", self.name, flags=re.ASCII)

    def kinetic(self, photon_energy: float, work_function: float) -> tuple[float, float]:
        """Lowest and highest kinetic energy [eV]; a last short step is left out.

        Raises
        ------
        ValueError
            Where the light does not take electrons out.

        >>> BindingRegion("C 1s", 280.0, 290.0).kinetic(1000.0, 4.5)
        (705.5, 715.5)
        """
        low = photon_energy - work_function - self.high
        if not low > 0:
            raise ValueError(
                f"{self.name}: light of {photon_energy:g} eV takes out no electrons bound with "
                f"{self.high:g} eV. Choose a photon energy above "
                f"{self.high + work_function:g} eV, or a smaller region."
            )
        return round(low, 6), round(photon_energy - work_function - self.low, 6)


def core_level(name: str) -> float:
    """Binding energy [eV] of a core level, as ``"Fe 2p3/2"``, by xraydb.

    Raises
    ------
    LookupError
        If there is no such level.

    >>> core_level("Fe 2p3/2"), core_level("O 1s")
    (706.8, 531.0)
    """
    return sum(_ends(name)) / 2


def core_level_region(
    name: str,
    *,
    margin: ElectronVolts = 10.0,
    step: ElectronVolts = 0.1,
    dwell: Seconds = 0.1,
    sweeps: int = 1,
) -> BindingRegion:
    """Region around a core level, as ``"Fe 2p3/2"``, or around both of a pair, as ``"Fe 2p"``.

    Parameters
    ----------
    name
        Element and level.
    margin
        Reach to either side [eV].
    step, dwell, sweeps
        As of `BindingRegion`.

    >>> core_level_region("C 1s").low, core_level_region("Fe 2p").high
    (274.2, 729.9)
    """
    low, high = _ends(name)
    return BindingRegion(name, round(low - margin, 6), round(high + margin, 6), step, dwell, sweeps)


def _ends(name: str) -> tuple[float, float]:
    if name in _IN_SOLIDS:
        return _IN_SOLIDS[name], _IN_SOLIDS[name]
    import xraydb

    element, _, level = name.partition(" ")
    try:
        edges = xraydb.xray_edges(element)
    except ValueError:
        edges = {}
    found = [float(edges[edge].energy) for edge in _edges(level) if edge in edges]
    if not found:
        raise LookupError(
            f"{name!r} is no core level: give an element and a level, as 'C 1s' or 'Fe 2p3/2'; "
            f"{element} has the edges {', '.join(edges) or 'of no element'}."
        )
    return min(found), max(found)


def _edges(level: str) -> list[str]:
    """X-ray names of a level, or of both levels of a pair."""
    shell, kind = level[:1], level[1:]
    if not shell.isdigit() or not 1 <= int(shell) <= len(_SHELLS):
        return []
    letter, parts = _SHELLS[int(shell) - 1], _PAIRS.get(kind, (kind,))
    return [
        letter + (str(_SUBSHELLS.index(part) + 1) if letter != "K" else "")
        for part in parts
        if part in _SUBSHELLS
    ]
