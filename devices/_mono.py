"""Monochromator, and the photon energy that it makes together with the undulator."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignalRO
from ophyd.status import StatusBase
from ophyd.utils import LimitError

from ._apple2 import Apple2
from ._endings import Together
from ._positioners import Motor


class GratingMono(Device):
    """Variable-line-spacing plane-grating monochromator.

    Attributes
    ----------
    energy : Motor
        Photon energy [eV] for which the grating and the mirror stand.
    grating : Motor
        Translation between gratings [mm].
    c_ff : EpicsSignalRO
        Fixed-focus constant cos(beta) / cos(alpha) [1].
    line_density : EpicsSignalRO
        Central line density of the grating in use [1/mm].
    """

    energy = Cpt(Motor, "ENERGY", units="eV", tolerance=0.01)
    grating = Cpt(Motor, "GRATING", units="mm", kind="config")
    c_ff = Cpt(EpicsSignalRO, "CFF", kind="config", auto_monitor=True)
    line_density = Cpt(EpicsSignalRO, "LINES", kind="config", auto_monitor=True)


class PhotonEnergy(Device):
    """Photon energy [eV]: the monochromator, with the undulator's gap following.

    Scan this, never one of the two alone: with the gap left behind the flux is gone.

    Parameters
    ----------
    mono, undulator
        What it moves.
    energy_range : (2,) tuple [eV]
        What the beamline delivers.
    """

    def __init__(
        self,
        prefix: str = "",
        *,
        name: str,
        mono: GratingMono,
        undulator: Apple2,
        energy_range: tuple[float, float],
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, name=name, **kwargs)
        self.mono = mono
        self.undulator = undulator
        self.energy_range = energy_range

    @property
    def position(self) -> float:
        """Photon energy [eV] by the monochromator's read-back."""
        return float(self.mono.energy.position or 0.0)

    @property
    def hints(self) -> dict[str, Any]:
        """Plot against the energy itself."""
        return {"fields": [self.name]}

    def check_value(self, value: float) -> None:
        """Refuse what the beamline, the monochromator or the undulator cannot give.

        Raises
        ------
        LimitError
            Naming the range.
        """
        self.check_move(value, {})

    def check_move(self, value: float, positions: Mapping[str, Any]) -> None:
        """Check ``value`` [eV] for the moment when the axes stand at ``positions``.

        ``positions`` holds what a rehearsed plan has set before, by name.
        """
        low, high = self.energy_range
        self.mono.energy.check_arguments(value)
        if not low <= value <= high:
            raise LimitError(
                f"{self.name}: {value:g} eV is outside this beamline's {low:g} to {high:g} eV."
            )
        polarisation = positions.get(self.undulator.polarisation.name)
        self.mono.energy.check_value(value)
        self.undulator.gap.check_value(self.undulator.gap_for(value, polarisation))

    def travel_time(self, start: float, target: float) -> float:
        """Time [s] of the slower of the two."""
        gap = self.undulator.gap
        try:
            distance = gap.travel_time(
                self.undulator.gap_for(start), self.undulator.gap_for(target)
            )
        except LimitError:  # a rehearsal may ask for light other than the present one
            distance = 0.0
        return max(self.mono.energy.travel_time(start, target), distance)

    def set(self, value: float) -> StatusBase:
        """Move both; done when both have arrived."""
        self.check_value(value)
        gap = self.undulator.gap_for(value)
        return Together(self, self.mono.energy.set(value), self.undulator.gap.set(gap))

    def stop(self, *, success: bool = False) -> None:
        """Stop both."""
        self.mono.energy.stop(success=success)
        self.undulator.gap.stop(success=success)

    def describe(self) -> OrderedDict[str, Any]:
        """Data keys: the energy read back and asked for [eV]."""
        keys = self.mono.energy.describe()
        return OrderedDict(
            (self._renamed(key), value | {"units": "eV"}) for key, value in keys.items()
        )

    def read(self) -> OrderedDict[str, Any]:
        """Energy read back and asked for [eV]."""
        return OrderedDict(
            (self._renamed(key), value) for key, value in self.mono.energy.read().items()
        )

    def _renamed(self, key: Any) -> str:
        return self.name + str(key).removeprefix(self.mono.energy.name)
