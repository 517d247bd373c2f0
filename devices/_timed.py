"""Hardware-timed scans: rows of counters and places that a controller records by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from event_model import PartialEventPage
from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.status import Status

from ._endings import GRACE, SLACK, Ending, guarded_put


class TimedScan(Device):
    """Flies through a pattern and records rows, each a mean over one dwell.

    A flyer: ``prepare`` a pattern, ``kickoff``, ``complete``; `collect_pages` gives the rows that
    have come since it was last called.  Subclasses say what the pattern is (`check_prepare`,
    `_settings`) and what a row holds (`columns`).

    The controller keeps the last `CAPACITY` rows of each column in a ring: row n stands at
    n modulo `CAPACITY`.  It waits before it would overwrite a row that ``taken`` does not count.

    Attributes
    ----------
    run, running, count : EpicsSignal
        Starts and ends the scan; whether it runs; rows recorded so far.
    taken : EpicsSignal
        Rows that the client has collected.
    """

    run = Cpt(EpicsSignal, "RUN", kind="omitted", auto_monitor=False)
    running = Cpt(EpicsSignalRO, "RUNNING", kind="omitted", auto_monitor=True)
    count = Cpt(EpicsSignalRO, "COUNT", kind="omitted", auto_monitor=False)
    taken = Cpt(EpicsSignal, "TAKEN", kind="omitted", auto_monitor=False)
    rows_time = Cpt(EpicsSignalRO, "TIME", kind="omitted", auto_monitor=False)

    CAPACITY = 20_000  # rows
    PATTERN = "pattern"  # class of what is prepared, and what it does then, for errors
    DOING = "scanned"

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self._pattern: Any = None
        self._asked = 0
        self._collected = 0
        self._status: Ending | None = None

    def columns(self) -> Mapping[str, tuple[EpicsSignalRO, str]]:
        """Signal and unit of each column, by the column's name."""
        raise NotImplementedError

    def check_prepare(self, pattern: Any) -> None:
        """Refuse what the beamline cannot do, with a `LimitError`."""
        raise NotImplementedError

    def flight_time(self, pattern: Any) -> float:
        """Time [s] that ``pattern`` takes."""
        return float(pattern.duration)

    def _settings(self, pattern: Any) -> Mapping[EpicsSignal, Any]:
        """What is sent to the controller for ``pattern``."""
        raise NotImplementedError

    def prepare(self, pattern: Any) -> Status:
        """Check ``pattern`` and send it to the controller."""
        self.check_prepare(pattern)
        for signal, value in self._settings(pattern).items():
            signal.put(value, wait=True, timeout=GRACE)
        self._pattern, self._asked, self._collected = pattern, int(pattern.points), 0
        return _ended(self)

    def kickoff(self) -> Status:
        """Start what was prepared."""
        if self._pattern is None:
            raise RuntimeError(
                f"{self.name}: nothing is prepared; call prepare({self.PATTERN}(...)) first."
            )
        self._status = guarded_put(
            self.run,
            1,
            timeout=GRACE + SLACK * self.flight_time(self._pattern),
            during=f"while {self.name} {self.DOING}",
            missing=self._missing_rows,
        )
        return _ended(self)

    def _missing_rows(self) -> str:
        came = int(self.count.get(use_monitor=False))
        if came == self._asked:
            return ""
        return (
            f"{self.name}: {came} rows came of the {self._asked} asked for: the scan was refused "
            "or ended early. What came is kept; look at the limits of its axes and repeat it."
        )

    def complete(self) -> Ending:
        """Status that ends with the scan."""
        if self._status is None:
            raise RuntimeError(f"{self.name}: nothing was started; call kickoff() first.")
        return self._status

    def stop(self, *, success: bool = False) -> None:
        """End the scan; rows recorded so far stay readable."""
        self.run.put(0, wait=False)

    def describe_collect(self) -> dict[str, Any]:
        """Data keys of the columns."""
        return {
            name: {
                "source": signal.describe()[signal.name]["source"],
                "dtype": "number",
                "dtype_numpy": "<f8",
                "shape": [],
                "units": units,
            }
            for name, (signal, units) in self.columns().items()
        }

    def collect_pages(self) -> Iterator[PartialEventPage]:
        """Rows recorded since the last call, as one page.

        Raises
        ------
        RuntimeError
            If the controller has overwritten some of them.
        """
        end = int(self.count.get(use_monitor=False))
        begin = self._collected
        if end <= begin:
            return
        if end - begin > self.CAPACITY:
            raise RuntimeError(
                f"{self.name}: rows {begin} to {end - self.CAPACITY} were overwritten before they "
                "were collected; its controller must wait for TAKEN. Repeat the scan with a "
                "longer dwell."
            )
        rows = np.arange(begin, end) % self.CAPACITY

        def ring(signal: EpicsSignalRO) -> list[float]:
            return np.asarray(signal.get(use_monitor=False))[rows].tolist()

        times = ring(self.rows_time)
        columns = {name: ring(signal) for name, (signal, _) in self.columns().items()}
        self._collected = end
        self.taken.put(end, wait=False)
        yield {"time": times, "data": columns, "timestamps": dict.fromkeys(columns, times)}


def _ended(device: Device) -> Status:
    status = Status(obj=device)
    status.set_finished()
    return status
