"""What counts, and the machine that makes the light."""

from __future__ import annotations

from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO

from ._endings import GRACE, SLACK, Ending, guarded_put, lost


class RingCurrent(Device):
    """Stored current of the ring.

    Attributes
    ----------
    current : EpicsSignalRO
        Stored current [mA].
    """

    current = Cpt(EpicsSignalRO, "CURRENT", kind="hinted", auto_monitor=True)


class Electrometer(Device):
    """Electrometer: mean current over a dwell.

    Attributes
    ----------
    current : EpicsSignalRO
        Mean current of the last dwell [A]; its data key is the electrometer's own name.
    dwell : EpicsSignal
        Integration time [s].
    acquire : EpicsSignal
        Starts one dwell.
    """

    # Asked for at each reading: a monitor may come later than the end of the dwell, and the
    # value of the point before would be recorded.
    current = Cpt(EpicsSignalRO, "CURRENT", kind="hinted", auto_monitor=False)
    dwell = Cpt(EpicsSignal, "DWELL", kind="config", auto_monitor=True)
    acquire = Cpt(EpicsSignal, "ACQUIRE", kind="omitted", auto_monitor=False)

    def __init__(self, prefix: str = "", **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self.current.name = self.name

    @property
    def trigger_time(self) -> float:
        """Time [s] that a trigger takes."""
        return float(self.dwell.get())

    def trigger(self) -> Ending:
        """Integrate over one dwell; fails if the IOC goes away meanwhile."""
        if not self.acquire.connected:
            raise lost(self.acquire, f"before {self.name} could count")
        limit = GRACE + SLACK * self.trigger_time
        return guarded_put(self.acquire, 1, timeout=limit, during=f"while {self.name} counted")
