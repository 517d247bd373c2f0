"""Continuous scan: the energy sweeps while the counters integrate, timed by hardware."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol

import numpy as np
from event_model import PartialEventPage
from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.status import Status
from ophyd.utils import LimitError

from ._endings import GRACE, SLACK, Ending, guarded_put
from ._mono import PhotonEnergy


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


class ContinuousScan(Device):
    """Sweeps the energy and records rows of energy, I0, TEY and TFY.

    A flyer: ``prepare`` a `Sweep`, ``kickoff``, ``complete``; `collect_pages` gives the rows
    that have come since it was last called, under the names of the step scan's columns.

    Parameters
    ----------
    energy
        The coupled energy, for its limits and its place before the start.
    """

    start_energy = Cpt(EpicsSignal, "START", kind="config", auto_monitor=True)
    stop_energy = Cpt(EpicsSignal, "STOP", kind="config", auto_monitor=True)
    points = Cpt(EpicsSignal, "POINTS", kind="config", auto_monitor=True)
    dwell = Cpt(EpicsSignal, "DWELL", kind="config", auto_monitor=True)
    run = Cpt(EpicsSignal, "RUN", kind="omitted", auto_monitor=False)
    running = Cpt(EpicsSignalRO, "RUNNING", kind="omitted", auto_monitor=True)
    count = Cpt(EpicsSignalRO, "COUNT", kind="omitted", auto_monitor=False)
    rows_time = Cpt(EpicsSignalRO, "TIME", kind="omitted", auto_monitor=False)
    rows_energy = Cpt(EpicsSignalRO, "ENERGY", kind="omitted", auto_monitor=False)
    rows_i0 = Cpt(EpicsSignalRO, "I0", kind="omitted", auto_monitor=False)
    rows_tey = Cpt(EpicsSignalRO, "TEY", kind="omitted", auto_monitor=False)
    rows_tfy = Cpt(EpicsSignalRO, "TFY", kind="omitted", auto_monitor=False)

    POINTS_MAX = 20_000
    COLUMNS = (("energy", "eV"), ("i0", "A"), ("tey", "A"), ("tfy", "A"))

    def __init__(self, prefix: str = "", *, energy: PhotonEnergy, **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self.energy = energy
        self._sweep: Sweep | None = None
        self._collected = 0
        self._status: Ending | None = None

    def check_prepare(self, sweep: Sweep) -> None:
        """Refuse a sweep that the beamline cannot do.

        Raises
        ------
        LimitError
            Naming the limit.
        """
        if not 2 <= sweep.points <= self.POINTS_MAX:
            raise LimitError(
                f"{self.name}: {sweep.points} points asked for; it records 2 to {self.POINTS_MAX}."
            )
        if not sweep.dwell > 0:
            raise LimitError(f"{self.name}: a dwell of {sweep.dwell:g} s is not positive.")
        self.energy.check_value(sweep.start)
        self.energy.check_value(sweep.stop)
        fastest = float(self.energy.mono.energy.velocity.get())
        if sweep.speed > fastest:
            raise LimitError(
                f"{self.name}: {sweep.speed:.3g} eV/s is faster than the monochromator's "
                f"{fastest:g} eV/s; take more points, a longer dwell or a shorter range."
            )

    def prepare(self, sweep: Sweep) -> Status:
        """Check ``sweep`` and send it to the counters."""
        self.check_prepare(sweep)
        values = (sweep.start, sweep.stop, sweep.points, sweep.dwell)
        signals = (self.start_energy, self.stop_energy, self.points, self.dwell)
        for signal, value in zip(signals, values, strict=True):
            signal.put(value, wait=True, timeout=GRACE)
        self._sweep, self._collected = sweep, 0
        status = Status(obj=self)
        status.set_finished()
        return status

    def kickoff(self) -> Status:
        """Start the sweep that was prepared."""
        if self._sweep is None:
            raise RuntimeError(f"{self.name}: nothing is prepared; call prepare(Sweep(...)) first.")
        limit = GRACE + SLACK * self._sweep.duration
        self._status = guarded_put(
            self.run,
            1,
            timeout=limit,
            during=f"while {self.name} swept the energy",
            missing=self._missing_rows,
        )
        status = Status(obj=self)
        status.set_finished()
        return status

    def _missing_rows(self) -> str:
        asked = self._sweep.points if self._sweep else 0
        came = int(self.count.get(use_monitor=False))
        if came == asked:
            return ""
        return (
            f"{self.name}: {came} rows came of the {asked} asked for: the sweep was refused or "
            "ended early. What came is kept; look at the monochromator's limits and repeat it."
        )

    def complete(self) -> Ending:
        """Status that ends with the sweep."""
        if self._status is None:
            raise RuntimeError(f"{self.name}: nothing was started; call kickoff() first.")
        return self._status

    def stop(self, *, success: bool = False) -> None:
        """End the sweep; rows recorded so far stay readable."""
        self.run.put(0, wait=False)

    def describe_collect(self) -> dict[str, Any]:
        """Columns of the rows, named as in a step scan."""
        sources = (self.rows_energy, self.rows_i0, self.rows_tey, self.rows_tfy)
        return {
            name: {
                "source": signal.describe()[signal.name]["source"],
                "dtype": "number",
                "dtype_numpy": "<f8",
                "shape": [],
                "units": units,
            }
            for (name, units), signal in zip(self.COLUMNS, sources, strict=True)
        }

    def collect_pages(self) -> Iterator[PartialEventPage]:
        """Rows recorded since the last call, as one page."""
        end = int(self.count.get(use_monitor=False))
        begin, self._collected = self._collected, end
        if end <= begin:
            return
        signals = (self.rows_energy, self.rows_i0, self.rows_tey, self.rows_tfy)
        times = _rows(self.rows_time, begin, end)
        names = [name for name, _ in self.COLUMNS]
        columns = [_rows(signal, begin, end) for signal in signals]
        yield {
            "time": times,
            "data": dict(zip(names, columns, strict=True)),
            "timestamps": dict.fromkeys(names, times),
        }


def _rows(signal: EpicsSignalRO, begin: int, end: int) -> list[float]:
    return np.asarray(signal.get(use_monitor=False))[begin:end].tolist()
