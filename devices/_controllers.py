"""What a controller brings to a set point at a rate: gas, pressure, heat, potential, bias."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.sim import FakeEpicsSignal, fake_device_cache
from ophyd.utils import LimitError

from ._environment import Manipulator
from ._positioners import Ramp


class Controlled(Ramp):
    """A ramp whose controller says its rate, its limits and whether it holds.

    Parameters
    ----------
    tolerance : float
        Largest distance between request and read-back that counts as arrival [EGU].
    settling : float [s]
        Time that the value takes behind its set point.

    Attributes
    ----------
    rate : EpicsSignal
        Rate of the set point [EGU/min].
    lowest, highest : EpicsSignalRO
        What the controller may be asked for [EGU].
    """

    setpoint = Cpt(EpicsSignal, "", kind="normal", auto_monitor=True)
    readback = Cpt(EpicsSignalRO, "_RBV", kind="hinted", auto_monitor=True)
    done = Cpt(EpicsSignalRO, "_DONE", kind="omitted", auto_monitor=True)
    stop_signal = Cpt(EpicsSignal, "_STOP", kind="omitted")
    rate = Cpt(EpicsSignal, "_RATE", kind="config", auto_monitor=True)
    lowest = Cpt(EpicsSignalRO, "_MIN", kind="config", auto_monitor=True)
    highest = Cpt(EpicsSignalRO, "_MAX", kind="config", auto_monitor=True)

    def __init__(self, prefix: str = "", *, settling: float = 0.0, **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self.settling = settling

    def travel_time(self, start: float, target: float) -> float:
        """Time [s] at the rate that is set, and to settle."""
        rate = float(self.rate.get())
        if not rate > 0:
            raise LimitError(
                f"{self.name}: its rate is {rate:g} {self.egu}/min, so it cannot move. Set "
                f"{self.rate.name} to a positive value."
            )
        distance = abs(target - start)
        return 60.0 * distance / rate + (self.settling if distance else 0.0)

    def check_value(self, pos: float) -> None:
        """Refuse what the controller may not be asked for.

        Raises
        ------
        LimitError
            With the limits and their unit.
        """
        self.check_arguments(pos)
        low, high = float(self.lowest.get()), float(self.highest.get())
        if not low <= pos <= high:
            raise LimitError(
                f"{self.name}: {pos:g} {self.egu} is outside what its controller allows, "
                f"{low:g} to {high:g} {self.egu}; choose a value within."
            )


class MassFlow(Controlled):
    """Mass-flow controller of one gas [sccm].

    Attributes
    ----------
    gas : EpicsSignalRO
        For which it is calibrated.
    """

    gas = Cpt(EpicsSignalRO, "_GAS", kind="config", auto_monitor=True, string=True)


class GasCell(Device):
    """Gas cell in front of the analyser: two gases in, and a valve that holds the pressure.

    The pressure follows its set point only with gas flowing: with none, nothing fills the cell.

    Attributes
    ----------
    oxygen, hydrogen : MassFlow
        Flow into the cell [sccm].
    pressure : Controlled
        Of the cell [mbar], held by the valve to the pump; at most what the front cone of the
        analyser stands.
    """

    oxygen = Cpt(MassFlow, "OXYGEN", egu="sccm", tolerance=0.05, settling=1.0)
    hydrogen = Cpt(MassFlow, "HYDROGEN", egu="sccm", tolerance=0.05, settling=1.0)
    pressure = Cpt(Controlled, "PRESSURE", egu="mbar", tolerance=0.02, settling=60.0)


class HeatedManipulator(Manipulator):
    """Sample manipulator with a heater instead of a cryostat.

    Attributes
    ----------
    temperature : Controlled
        Of the sample [K].
    """

    temperature = Cpt(Controlled, "TEMPERATURE", egu="K", tolerance=0.5, settling=5.0)


MODES = ("open_circuit", "potential_control")


class _OneOfTheModes:
    """Check of a mode against those that there are."""

    name: str

    def check_value(self, value: Any) -> None:
        """Refuse anything but a mode.

        Raises
        ------
        LimitError
            With the modes.
        """
        if value not in MODES:
            raise LimitError(f"{self.name}: {value!r} is no mode; say one of {', '.join(MODES)}.")


class Mode(_OneOfTheModes, EpicsSignal):
    """Mode of a potentiostat, by name."""


class _FakeMode(_OneOfTheModes, FakeEpicsSignal):
    """What a simulated potentiostat has."""


fake_device_cache[Mode] = _FakeMode


class Potential(Controlled):
    """Potential between the working and the reference electrode [V]."""

    parent: Potentiostat

    def check_value(self, pos: float) -> None:
        """Refuse what `check_move` refuses, with the mode as it is."""
        self.check_move(pos, {})

    def check_move(self, value: float, positions: Mapping[str, Any]) -> None:
        """Refuse a potential beyond the limits, or while none is controlled.

        ``positions`` holds what a rehearsed plan has set before, by name.

        Raises
        ------
        LimitError
            With what to do.
        """
        super().check_value(value)
        mode = self.parent.mode
        # Asked now: a monitor may come later than the end of the put.
        if positions.get(mode.name, mode.get(use_monitor=False)) != "potential_control":
            raise LimitError(
                f"{self.name}: the circuit is open, so {value:g} V would not be held. Set "
                f"{mode.name} to 'potential_control' first."
            )


class Potentiostat(Device):
    """Potentiostat at the working electrode, which is the sample.

    Attributes
    ----------
    mode : Mode
        ``"open_circuit"`` or ``"potential_control"``.
    potential : Potential
        Of the working electrode [V].
    current : EpicsSignalRO
        Through it, positive when it oxidises [A].
    """

    mode = Cpt(Mode, "MODE", kind="config", auto_monitor=True, string=True)
    potential = Cpt(Potential, "POTENTIAL", egu="V", tolerance=1e-3, settling=0.5)
    current = Cpt(EpicsSignalRO, "CURRENT", kind="normal", auto_monitor=True)


class BiasSource(Device):
    """Voltage source at the sample's holder, against the analyser.

    Attributes
    ----------
    voltage : Controlled
        Of the sample [V]; electrons lose it on their way.
    """

    voltage = Cpt(Controlled, "VOLTAGE", egu="V", tolerance=0.01, settling=0.2)
