"""APPLE-II undulator: gap, phase and polarisation, and the energy that they give.

The periods, the fields and the gap ranges of the sources are not published: everything numeric
here is *assumed*.  The fall of the field with the gap has the form a·exp(b·g/λ + c·(g/λ)²) of
Elleaume, Chavanne and Faatz, Nucl. Instrum. Methods A 455, 503 (2000), with coefficients of the
size given there for permanent magnets of 1.2 T remanence (recalled, not measured here).
"""

from __future__ import annotations

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import ArrayLike
from ophyd import Component as Cpt
from ophyd import Device, Signal
from ophyd.status import StatusBase
from ophyd.utils import LimitError

from ._positioners import Motor

Polarisation = Literal["linear_horizontal", "linear_vertical", "helicity_plus", "helicity_minus"]
POLARISATIONS: tuple[Polarisation, ...] = get_args(Polarisation)

UNDULATOR_PERIOD = 56.0  # mm, where a table gives no other; assumed
LORENTZ_FACTOR = 2998.0 / 0.510999  # 2.998 GeV design energy (facts, part A.1)
_FIELD = {  # a [T], b, c
    "linear_horizontal": (2.076, -3.24, 0.0),
    "linear_vertical": (2.400, -5.69, 1.46),
    "helicity": (1.614, -4.67, 0.620),
}
_PHASE: dict[str, float] = {  # in periods
    "linear_horizontal": 0.0,
    "helicity_plus": 1 / 4,
    "helicity_minus": -1 / 4,
    "linear_vertical": 1 / 2,
}
PHASE_TOLERANCE = 0.05  # mm, within which a polarisation is called by its name
# Of the energy without deflection: above this share of it linear light comes from the third
# harmonic.  Assumed.
FIRST_HARMONIC_UP_TO = 0.8


def _top_energy(period: float) -> float:
    """Energy [eV] on axis without deflection, 2 γ² h c / λ, for a period [mm]."""
    return 2.0 * LORENTZ_FACTOR**2 * 1.239842e-6 / (period * 1e-3)


def phase_for(polarisation: Polarisation, period: float = UNDULATOR_PERIOD) -> float:
    """Phase [mm] of the magnet rows for ``polarisation``, at an undulator's ``period`` [mm].

    >>> phase_for("helicity_plus"), phase_for("helicity_minus")
    (14.0, -14.0)
    """
    return _PHASE[polarisation] * period


def polarisation_at(phase: float, period: float = UNDULATOR_PERIOD) -> str:
    """Name of the polarisation at ``phase`` [mm]; ``"elliptical"`` between the named ones.

    >>> polarisation_at(13.99), polarisation_at(5.0)
    ('helicity_plus', 'elliptical')
    """
    for name, at in _PHASE.items():
        if abs(phase - at * period) <= PHASE_TOLERANCE:
            return name
    return "elliptical"


def harmonic_for(energy: float, polarisation: str, period: float = UNDULATOR_PERIOD) -> int:
    """Harmonic used at ``energy`` [eV]; circular light exists on axis in the first alone."""
    first = energy <= FIRST_HARMONIC_UP_TO * _top_energy(period)
    if polarisation.startswith("helicity") or first:
        return 1
    return 3


def _deflection(gap: ArrayLike, kind: str, period: float) -> np.ndarray:
    """K²/2 of linear, K² of helical light: what lengthens the wave."""
    a, b, c = _FIELD[kind]
    ratio = np.asarray(gap, dtype=float) / period
    k = 0.0934 * period * a * np.exp(b * ratio + c * ratio**2)  # K = 0.0934 λ[mm] B[T]
    return k**2 if kind == "helicity" else k**2 / 2


def resonance(
    gap: ArrayLike, phase: ArrayLike, harmonic: int = 1, period: float = UNDULATOR_PERIOD
) -> np.ndarray:
    """Photon energy [eV] on axis, λ_n = λ/(2 n γ²)·(1 + K²/2), Kx = Ky for circular light.

    Parameters
    ----------
    gap, phase : float or (n,) arrays [mm]
    harmonic : int
    period : float [mm]

    >>> float(np.round(resonance(gap_for(707.0, "helicity_plus"), 14.0), 6))
    707.0
    """
    quarter = np.abs(np.asarray(phase, dtype=float)) / (period / 4)
    first = np.sin(np.pi / 2 * np.clip(quarter, 0, 1)) ** 2
    second = np.sin(np.pi / 2 * np.clip(quarter - 1, 0, 1)) ** 2
    helical = _deflection(gap, "helicity", period)
    deflection = (1 - first) * _deflection(gap, "linear_horizontal", period) + first * helical
    deflection = deflection + second * (_deflection(gap, "linear_vertical", period) - helical)
    return harmonic * _top_energy(period) / (1 + deflection)


def gap_for(energy: float, polarisation: str, period: float = UNDULATOR_PERIOD) -> float:
    """Gap [mm] which brings the harmonic in use to ``energy`` [eV].

    Raises
    ------
    LimitError
        Where no gap gives this energy in this polarisation.
    """
    kind = "helicity" if polarisation.startswith("helicity") else polarisation
    if kind not in _FIELD:
        raise LimitError(
            f"the undulator stands at {polarisation} light, between two polarisations: set one of "
            f"{', '.join(POLARISATIONS)} first."
        )
    harmonic = harmonic_for(energy, polarisation, period)
    deflection = harmonic * _top_energy(period) / energy - 1
    a, b, c = _FIELD[kind]
    k = np.sqrt(max(deflection, 0.0) * (1 if kind == "helicity" else 2))
    field = k / (0.0934 * period)
    if not 0 < field <= a:
        raise LimitError(
            f"no undulator gap gives {energy:g} eV in {polarisation} light (harmonic {harmonic}): "
            "choose linear polarisation or an energy within the harmonic."
        )
    wanted = np.log(field / a)
    if c == 0:
        return float(period * wanted / b)
    return float(period * (-b - np.sqrt(max(b**2 + 4 * c * wanted, 0.0))) / (2 * c))


class PolarisationAxis(Signal):
    """Name of the polarisation; setting it moves the phase."""

    parent: Apple2

    def get(self, **kwargs: Any) -> str:
        """Polarisation at the phase read back last."""
        return polarisation_at(self.parent.phase.position or 0.0, self.parent.period)

    def check_value(self, value: Any, **kwargs: Any) -> None:
        """Refuse what is not one of `POLARISATIONS`."""
        if value not in POLARISATIONS:
            raise LimitError(
                f"{self.name}: {value!r} is not a polarisation; "
                f"choose one of {', '.join(POLARISATIONS)}."
            )

    def set(self, value: Polarisation, **kwargs: Any) -> StatusBase:  # type: ignore[override]
        """Move the phase; the energy follows at its next move."""
        self.check_value(value)
        return self.parent.phase.set(phase_for(value, self.parent.period))

    def stop(self, *, success: bool = False) -> None:
        """Stop the phase."""
        self.parent.phase.stop(success=success)

    def travel_time(self, start: str, target: str) -> float:
        """Time [s] of the phase's move."""
        phase, period = self.parent.phase, self.parent.period
        begin = _PHASE[start] * period if start in _PHASE else phase.position or 0.0
        return phase.travel_time(begin, _PHASE[target] * period)

    def describe(self) -> dict[str, Any]:
        """Data key: a string."""
        phase = self.parent.phase.user_readback
        source = f"computed from {phase.describe()[phase.name]['source']}"
        return {self.name: {"source": source, "dtype": "string", "shape": []}}

    def read(self) -> dict[str, Any]:
        """Name now, with the time of the phase's read-back."""
        return {
            self.name: {
                "value": self.get(),
                "timestamp": self.parent.phase.user_readback.timestamp,
            }
        }


class Apple2(Device):
    """APPLE-II undulator.

    Parameters
    ----------
    period
        Of the magnet rows [mm].

    Attributes
    ----------
    gap : Motor
        Distance of the magnet rows [mm]; `PhotonEnergy` moves it.
    phase : Motor
        Shift of the magnet rows [mm].
    polarisation : PolarisationAxis
        One of `POLARISATIONS`; moves the phase.
    """

    gap = Cpt(Motor, "GAP", units="mm", tolerance=2e-3)
    phase = Cpt(Motor, "PHASE", units="mm", tolerance=PHASE_TOLERANCE / 2)
    polarisation = Cpt(PolarisationAxis, kind="normal")

    def __init__(
        self, prefix: str = "", *, period: float = UNDULATOR_PERIOD, **kwargs: Any
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.period = period

    def gap_for(self, energy: float, polarisation: str | None = None) -> float:
        """Gap [mm] for ``energy`` [eV] at the present, or the given, polarisation."""
        return gap_for(energy, polarisation or self.polarisation.get(), self.period)
