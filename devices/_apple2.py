"""APPLE-II undulator: gap, phase and polarisation, and the energy that they give.

The period, the field and the gap range of the source are not published: everything numeric here
is *assumed*.  The fall of the field with the gap has the form a·exp(b·g/λ + c·(g/λ)²) of
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

UNDULATOR_PERIOD = 56.0  # mm, assumed
LORENTZ_FACTOR = 2998.0 / 0.510999  # 2.998 GeV design energy (facts, part A.1)
# On axis, without deflection: 2 γ² h c / λ [eV].
_TOP_ENERGY = 2.0 * LORENTZ_FACTOR**2 * 1.239842e-6 / (UNDULATOR_PERIOD * 1e-3)
_FIELD = {  # a [T], b, c
    "linear_horizontal": (2.076, -3.24, 0.0),
    "linear_vertical": (2.400, -5.69, 1.46),
    "helicity": (1.614, -4.67, 0.620),
}
_PHASE: dict[str, float] = {
    "linear_horizontal": 0.0,
    "helicity_plus": UNDULATOR_PERIOD / 4,
    "helicity_minus": -UNDULATOR_PERIOD / 4,
    "linear_vertical": UNDULATOR_PERIOD / 2,
}
PHASE_TOLERANCE = 0.05  # mm, within which a polarisation is called by its name
FIRST_HARMONIC_UP_TO = 1200.0  # eV, assumed; above it linear light comes from the third


def phase_for(polarisation: Polarisation) -> float:
    """Phase [mm] of the magnet rows for ``polarisation``.

    >>> phase_for("helicity_plus"), phase_for("helicity_minus")
    (14.0, -14.0)
    """
    return _PHASE[polarisation]


def polarisation_at(phase: float) -> str:
    """Name of the polarisation at ``phase`` [mm]; ``"elliptical"`` between the named ones.

    >>> polarisation_at(13.99), polarisation_at(5.0)
    ('helicity_plus', 'elliptical')
    """
    for name, at in _PHASE.items():
        if abs(phase - at) <= PHASE_TOLERANCE:
            return name
    return "elliptical"


def harmonic_for(energy: float, polarisation: str) -> int:
    """Harmonic used at ``energy`` [eV]; circular light exists on axis in the first alone."""
    if polarisation.startswith("helicity") or energy <= FIRST_HARMONIC_UP_TO:
        return 1
    return 3


def _deflection(gap: ArrayLike, kind: str) -> np.ndarray:
    """K²/2 of linear, K² of helical light: what lengthens the wave."""
    a, b, c = _FIELD[kind]
    ratio = np.asarray(gap, dtype=float) / UNDULATOR_PERIOD
    k = 0.0934 * UNDULATOR_PERIOD * a * np.exp(b * ratio + c * ratio**2)  # K = 0.0934 λ[mm] B[T]
    return k**2 if kind == "helicity" else k**2 / 2


def resonance(gap: ArrayLike, phase: ArrayLike, harmonic: int = 1) -> np.ndarray:
    """Photon energy [eV] on axis, λ_n = λ/(2 n γ²)·(1 + K²/2), Kx = Ky for circular light.

    Parameters
    ----------
    gap, phase : float or (n,) arrays [mm]
    harmonic : int

    >>> float(np.round(resonance(gap_for(707.0, "helicity_plus"), 14.0), 6))
    707.0
    """
    quarter = np.abs(np.asarray(phase, dtype=float)) / (UNDULATOR_PERIOD / 4)
    first = np.sin(np.pi / 2 * np.clip(quarter, 0, 1)) ** 2
    second = np.sin(np.pi / 2 * np.clip(quarter - 1, 0, 1)) ** 2
    helical = _deflection(gap, "helicity")
    deflection = (1 - first) * _deflection(gap, "linear_horizontal") + first * helical
    deflection = deflection + second * (_deflection(gap, "linear_vertical") - helical)
    return harmonic * _TOP_ENERGY / (1 + deflection)


def gap_for(energy: float, polarisation: str) -> float:
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
    harmonic = harmonic_for(energy, polarisation)
    deflection = harmonic * _TOP_ENERGY / energy - 1
    a, b, c = _FIELD[kind]
    k = np.sqrt(max(deflection, 0.0) * (1 if kind == "helicity" else 2))
    field = k / (0.0934 * UNDULATOR_PERIOD)
    if not 0 < field <= a:
        raise LimitError(
            f"no undulator gap gives {energy:g} eV in {polarisation} light (harmonic {harmonic}): "
            "choose linear polarisation or an energy within the harmonic."
        )
    wanted = np.log(field / a)
    if c == 0:
        return float(UNDULATOR_PERIOD * wanted / b)
    return float(UNDULATOR_PERIOD * (-b - np.sqrt(max(b**2 + 4 * c * wanted, 0.0))) / (2 * c))


class PolarisationAxis(Signal):
    """Name of the polarisation; setting it moves the phase."""

    parent: Apple2

    def get(self, **kwargs: Any) -> str:
        """Polarisation at the phase read back last."""
        return polarisation_at(self.parent.phase.position or 0.0)

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
        return self.parent.phase.set(phase_for(value))

    def stop(self, *, success: bool = False) -> None:
        """Stop the phase."""
        self.parent.phase.stop(success=success)

    def travel_time(self, start: str, target: str) -> float:
        """Time [s] of the phase's move."""
        phase = self.parent.phase
        begin = _PHASE.get(start, phase.position or 0.0)
        return phase.travel_time(begin, _PHASE[target])

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

    Attributes
    ----------
    gap : Motor
        Distance of the magnet rows [mm]; `PhotonEnergy` moves it.
    phase : Motor
        Shift of the magnet rows [mm].
    polarisation : PolarisationAxis
        One of `POLARISATIONS`; moves the phase.
    """

    gap = Cpt(Motor, "GAP", tolerance=2e-3)
    phase = Cpt(Motor, "PHASE", tolerance=PHASE_TOLERANCE / 2)
    polarisation = Cpt(PolarisationAxis, kind="normal")

    def gap_for(self, energy: float, polarisation: str | None = None) -> float:
        """Gap [mm] for ``energy`` [eV] at the present, or the given, polarisation."""
        return gap_for(energy, polarisation or self.polarisation.get())
