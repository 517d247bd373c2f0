"""Where the sample is, and what it is exposed to."""

from __future__ import annotations

from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.sim import FakeEpicsSignal, fake_device_cache
from ophyd.utils import LimitError

from ._positioners import Motor, Ramp, Temperature


class MagnetField(Ramp):
    """Field of a superconducting magnet along the beam [T], ramped by its supply."""

    parent: Magnet

    setpoint = Cpt(EpicsSignal, "FIELD", kind="normal", auto_monitor=True)
    readback = Cpt(EpicsSignalRO, "FIELD_RBV", kind="hinted", auto_monitor=True)
    done = Cpt(EpicsSignalRO, "DONE", kind="omitted", auto_monitor=True)
    stop_signal = Cpt(EpicsSignal, "STOP", kind="omitted")

    def travel_time(self, start: float, target: float) -> float:
        """Time [s] at the ramp rate that is set."""
        rate = float(self.parent.ramp_rate.get())
        if not rate > 0:
            raise LimitError(
                f"{self.parent.name}: the ramp rate is {rate:g} T/min, so the field cannot move. "
                f"Set {self.parent.ramp_rate.name} to a positive value."
            )
        return 60.0 * abs(target - start) / rate

    def check_value(self, pos: float) -> None:
        """Refuse fields beyond the magnet's.

        Raises
        ------
        LimitError
            With the largest field [T].
        """
        self.check_arguments(pos)
        largest = float(self.parent.field_max.get())
        if abs(pos) > largest:
            raise LimitError(
                f"{self.name}: {pos:g} T is beyond this magnet's {largest:g} T; "
                f"choose a field between {-largest:g} and {largest:g} T."
            )


class _WithinTheMagnets:
    """Check of a ramp rate against the magnet's largest."""

    name: str
    parent: Any

    def check_value(self, value: Any) -> None:
        """Refuse a rate that could quench the magnet.

        Raises
        ------
        LimitError
            With the largest rate [T/min].
        """
        largest = float(self.parent.ramp_rate_max.get())
        if not (isinstance(value, int | float) and 0 < value <= largest):
            raise LimitError(
                f"{self.name}: {value!r} T/min is not between 0 and this magnet's {largest:g} "
                "T/min; a faster ramp could quench it."
            )


class RampRate(_WithinTheMagnets, EpicsSignal):
    """Ramp rate of the field [T/min], checked against the magnet's largest."""


class _FakeRampRate(_WithinTheMagnets, FakeEpicsSignal):
    """What a simulated magnet has."""


# ophyd makes fakes of its own signal classes only: a simulated magnet would look for a real PV.
fake_device_cache[RampRate] = _FakeRampRate


class Magnet(Device):
    """Superconducting magnet.

    Attributes
    ----------
    field : MagnetField
        Field along the beam [T].
    ramp_rate : RampRate
        Rate at which ``field`` moves [T/min].
    field_max, ramp_rate_max : EpicsSignalRO
        What the magnet allows [T], [T/min].
    """

    field = Cpt(MagnetField, "", egu="T", tolerance=1e-3)
    ramp_rate = Cpt(RampRate, "RATE", kind="config", auto_monitor=True)
    field_max = Cpt(EpicsSignalRO, "FIELD_MAX", kind="config", auto_monitor=True)
    ramp_rate_max = Cpt(EpicsSignalRO, "RATE_MAX", kind="config", auto_monitor=True)


class Manipulator(Device):
    """Sample manipulator with a cryostat.

    Attributes
    ----------
    x, y, z : Motor
        Across the beam, up, along the beam [mm].
    theta : Motor
        Angle of the surface normal to the beam [deg].
    temperature : Temperature
        Of the sample [K].
    """

    x = Cpt(Motor, "X", units="mm")
    y = Cpt(Motor, "Y", units="mm")
    z = Cpt(Motor, "Z", units="mm")
    theta = Cpt(Motor, "THETA", units="deg", tolerance=0.01)
    temperature = Cpt(Temperature, "", egu="K", tolerance=0.2)
