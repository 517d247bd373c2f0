"""Fast switching of the helicity: by a kicker, or by a chopper behind twin undulators."""

from __future__ import annotations

from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.sim import FakeEpicsSignal, fake_device_cache
from ophyd.utils import LimitError


class _WithinTheSwitch:
    """Check of a rate against the switch's largest."""

    name: str
    parent: Any

    def check_value(self, value: Any) -> None:
        """Refuse a rate that the switch does not reach.

        Raises
        ------
        LimitError
            With the largest rate [Hz]; 0 means that nothing is switched.
        """
        largest = float(self.parent.rate_max.get())
        if not (isinstance(value, int | float) and 0 <= value <= largest):
            raise LimitError(
                f"{self.name}: {value!r} Hz is not between 0 (no switching) and this switch's "
                f"{largest:g} Hz."
            )


class SwitchRate(_WithinTheSwitch, EpicsSignal):
    """Rate of switching [Hz], checked against the largest."""


class _FakeSwitchRate(_WithinTheSwitch, FakeEpicsSignal):
    """What a simulated switch has."""


# ophyd makes fakes of its own signal classes only: a simulated switch would look for a real PV.
fake_device_cache[SwitchRate] = _FakeSwitchRate


class HelicitySwitch(Device):
    """Turns the helicity of circular light over, ``rate`` times a second there and back.

    Each helicity lasts half a period.  A hardware-timed scan starts the first half and records
    the helicity of every row; without switching it is that of the undulator.  A step scan must
    not be taken while it switches: its counters would add up both.

    Attributes
    ----------
    rate : SwitchRate
        Periods a second [Hz]; 0 switches nothing.
    rate_max : EpicsSignalRO
        What the switch allows [Hz].
    helicity : EpicsSignalRO
        Now: +1, -1, or 0 in light that is not circular.
    """

    rate = Cpt(SwitchRate, "RATE", kind="config", auto_monitor=True)
    rate_max = Cpt(EpicsSignalRO, "RATE_MAX", kind="config", auto_monitor=True)
    helicity = Cpt(EpicsSignalRO, "HELICITY", kind="normal", auto_monitor=False)

    def check_dwell(self, dwell: float, rate: float | None = None) -> None:
        """Refuse a ``dwell`` [s] in which a row would see both helicities.

        Parameters
        ----------
        dwell
            Of a row [s].
        rate
            That it is going to have [Hz]; without it, the one that it has.

        Raises
        ------
        LimitError
            With the dwells that fit.
        """
        rate = float(self.rate.get()) if rate is None else rate
        self.rate.check_value(rate)
        if rate == 0 or not dwell > 0:
            return
        half = 0.5 / rate
        rows = half / dwell
        if round(rows) < 1 or abs(rows - round(rows)) > 1e-6 * rows:
            raise LimitError(
                f"{self.name}: at {rate:g} Hz each helicity lasts {half:g} s, which is not a whole "
                f"number of dwells of {dwell:g} s, so that rows would see both. Take a dwell of "
                f"{half:g} s, or that over 2, 3, …; or set {self.rate.name} to 0."
            )
