"""Continuous scan: the energy sweeps while the counters integrate, timed by hardware."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ophyd import Component as Cpt
from ophyd import EpicsSignal, EpicsSignalRO
from ophyd.utils import LimitError

from ._helicity import HelicitySwitch
from ._mono import PhotonEnergy
from ._timed import TimedScan


class Sweep(Protocol):
    """One continuous sweep of the energy, as a plan asks for it.

    Attributes
    ----------
    start, stop : float [eV]
    points : int
        Rows recorded, equally spaced in time.
    dwell : float [s]
        Integration time of a row.
    speed : float [eV/s]
    duration : float [s]
    """

    @property
    def start(self) -> float: ...
    @property
    def stop(self) -> float: ...
    @property
    def points(self) -> int: ...
    @property
    def dwell(self) -> float: ...
    @property
    def speed(self) -> float: ...
    @property
    def duration(self) -> float: ...


class ContinuousScan(TimedScan):
    """Sweeps the energy and records rows of energy, helicity, I0, TEY and TFY.

    A flyer: ``prepare`` a `Sweep`, ``kickoff``, ``complete``; its rows carry the names of the step
    scan's columns, and ``helicity``: +1, -1, or 0 for light that is not circular, or was not for
    all of the row.

    Parameters
    ----------
    energy
        The coupled energy, for its limits and its place before the start.
    counters
        Of "i0", "tey" and "tfy" those that the beamline has.
    switch
        What switches the helicity during a sweep, if the beamline has one.
    """

    start_energy = Cpt(EpicsSignal, "START", kind="config", auto_monitor=True)
    stop_energy = Cpt(EpicsSignal, "STOP", kind="config", auto_monitor=True)
    points = Cpt(EpicsSignal, "POINTS", kind="config", auto_monitor=True)
    dwell = Cpt(EpicsSignal, "DWELL", kind="config", auto_monitor=True)
    rows_energy = Cpt(EpicsSignalRO, "ENERGY", kind="omitted", auto_monitor=False)
    rows_helicity = Cpt(EpicsSignalRO, "HELICITY", kind="omitted", auto_monitor=False)
    rows_i0 = Cpt(EpicsSignalRO, "I0", kind="omitted", auto_monitor=False)
    rows_tey = Cpt(EpicsSignalRO, "TEY", kind="omitted", auto_monitor=False)
    rows_tfy = Cpt(EpicsSignalRO, "TFY", kind="omitted", auto_monitor=False)

    POINTS_MAX = TimedScan.CAPACITY
    PATTERN = "Sweep"
    DOING = "swept the energy"

    def __init__(
        self,
        prefix: str = "",
        *,
        energy: PhotonEnergy,
        counters: Sequence[str] = ("i0", "tey", "tfy"),
        switch: HelicitySwitch | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.energy = energy
        self.counters = tuple(counters)
        self.switch = switch

    def columns(self) -> Mapping[str, tuple[EpicsSignalRO, str]]:
        """Signal and unit of each column, by its name."""
        counted = {name: (getattr(self, f"rows_{name}"), "A") for name in self.counters}
        return {"energy": (self.rows_energy, "eV"), "helicity": (self.rows_helicity, "")} | counted

    def check_prepare(self, pattern: Sweep) -> None:
        """Refuse a sweep that the beamline cannot do.

        Raises
        ------
        LimitError
            Naming the limit.
        """
        if not 2 <= pattern.points <= self.POINTS_MAX:
            raise LimitError(
                f"{self.name}: {pattern.points} points asked for; it records 2 to "
                f"{self.POINTS_MAX}."
            )
        if not pattern.dwell > 0:
            raise LimitError(f"{self.name}: a dwell of {pattern.dwell:g} s is not positive.")
        self.energy.check_value(pattern.start)
        self.energy.check_value(pattern.stop)
        fastest = float(self.energy.mono.energy.velocity.get())
        if pattern.speed > fastest:
            raise LimitError(
                f"{self.name}: {pattern.speed:.3g} eV/s is faster than the monochromator's "
                f"{fastest:g} eV/s; take more points, a longer dwell or a shorter range."
            )
        if self.switch is not None:
            self.switch.check_dwell(pattern.dwell)

    def _settings(self, pattern: Sweep) -> Mapping[EpicsSignal, Any]:
        return {
            self.start_energy: pattern.start,
            self.stop_energy: pattern.stop,
            self.points: pattern.points,
            self.dwell: pattern.dwell,
        }
