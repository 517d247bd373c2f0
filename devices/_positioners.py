"""Axes: motor records, and values that ramp to a set point."""

from __future__ import annotations

from typing import Any

from ophyd import Component as Cpt
from ophyd import EpicsMotor, EpicsSignal, EpicsSignalRO, PVPositioner
from ophyd.status import MoveStatus
from ophyd.utils import LimitError

from ._endings import lost
from ._guard import GuardedPositioner


class Motor(EpicsMotor, GuardedPositioner):
    """A motor record that either arrives or says why not.

    Parameters
    ----------
    prefix : str
        The record.
    tolerance : float
        Largest distance between request and read-back that counts as arrival [EGU].
    units : str
        In which its positions are meant, as "mm"; `nanoterasu check` compares the record's.
    """

    def __init__(
        self, prefix: str = "", *, tolerance: float = 1e-3, units: str = "", **kwargs: Any
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.tolerance = tolerance
        self.units = units
        self.user_setpoint.name = f"{self.name}_setpoint"
        self._watch_connection(self.motor_done_move)

    def fresh_readback(self) -> float:
        """Read-back asked from the record now [EGU]."""
        return float(self.user_readback.get(use_monitor=False, timeout=1.0))

    def at_rest(self) -> bool:
        """Whether the record says that it has done its move."""
        return bool(self.motor_done_move.get(use_monitor=False, timeout=1.0))

    def move(self, position: float, wait: bool = True, **kwargs: Any) -> MoveStatus:
        """Move to ``position`` [EGU]; see `GuardedPositioner.move`."""
        if not self.motor_done_move.connected:
            raise lost(self.motor_done_move, f"before {self.name} could move to {position!r}")
        return super().move(position, wait=wait, **kwargs)

    def stop(self, *, success: bool = False) -> None:
        """Halt; a pending move fails with `MoveFailed`, unless ``success`` says otherwise."""
        self._give_up(success)
        super().stop(success=success)

    def travel_time(self, start: float, target: float) -> float:
        """Time of a trapezoidal move [s] by the record's VELO and ACCL."""
        velocity = float(self.velocity.get())
        if not velocity > 0:
            raise LimitError(
                f"{self.name}: its velocity is {velocity:g} {self.egu}/s, so it cannot move. "
                f"Set {self.velocity.name} to the axis' working velocity."
            )
        distance = abs(target - start)
        return distance / velocity + (float(self.acceleration.get()) if distance else 0.0)

    def check_value(self, pos: float) -> None:
        """Refuse positions outside the record's soft limits.

        Raises
        ------
        LimitError
            With the limits and their unit.
        """
        self.check_arguments(pos)
        low, high = float(self.low_limit_travel.get()), float(self.high_limit_travel.get())
        if low < high and not low <= pos <= high:
            raise LimitError(
                f"{self.name}: {pos:g} {self.egu} is outside its soft limits, "
                f"{low:g} to {high:g} {self.egu}."
            )


class Ramp(PVPositioner, GuardedPositioner):
    """A value that a controller brings to a set point at a rate: a field, a temperature.

    Subclasses give ``setpoint``, ``readback``, ``done`` and, if there is one, ``stop_signal``.
    The read-back carries the name of the axis itself, as with a motor.
    """

    setpoint: Any
    readback: Any
    done: Any

    def __init__(self, prefix: str = "", *, tolerance: float, **kwargs: Any) -> None:
        super().__init__(prefix, **kwargs)
        self.tolerance = tolerance
        self.readback.name = self.name
        self._watch_connection(self.done)

    def fresh_readback(self) -> float:
        """Read-back asked from the controller now."""
        return float(self.readback.get(use_monitor=False, timeout=1.0))

    def at_rest(self) -> bool:
        """Whether the controller says that it holds its value."""
        return self.done.get(use_monitor=False, timeout=1.0) == self.done_value

    def move(self, position: float, wait: bool = True, **kwargs: Any) -> MoveStatus:
        """Ramp to ``position``; see `GuardedPositioner.move`."""
        if not self.done.connected:
            raise lost(self.done, f"before {self.name} could move to {position!r}")
        return super().move(position, wait=wait, **kwargs)

    def stop(self, *, success: bool = False) -> None:
        """Halt; a pending move fails with `MoveFailed`, unless ``success`` says otherwise."""
        self._give_up(success)
        super().stop(success=success)

    def check_value(self, pos: float) -> None:
        """Refuse what the controller could not reach."""
        self.check_arguments(pos)

    def _setup_move(self, position: float) -> None:
        # Not waited for: with some controllers the put completes only when the ramp has ended.
        # Nothing is asked before it: the end of a ramp before, reported meanwhile, would be this
        # one's.
        self.setpoint.put(position, wait=False)
        if self.at_rest() and abs(self.fresh_readback() - position) <= self.tolerance:
            self._done_moving(success=True)  # a controller need not show a ramp of no length


class Temperature(Ramp):
    """Sample temperature [K], held by a controller."""

    setpoint = Cpt(EpicsSignal, "TEMPERATURE", auto_monitor=True, kind="normal")
    readback = Cpt(EpicsSignalRO, "TEMPERATURE_RBV", auto_monitor=True, kind="hinted")
    done = Cpt(EpicsSignalRO, "TEMPERATURE_DONE", auto_monitor=True, kind="omitted")
    rate = Cpt(EpicsSignal, "TEMPERATURE_RATE", auto_monitor=True, kind="config")  # K/min

    def travel_time(self, start: float, target: float) -> float:
        """Time [s] at the controller's rate [K/min]."""
        rate = float(self.rate.get())
        if not rate > 0:
            raise LimitError(
                f"{self.name}: its rate is {rate:g} K/min, so it cannot move. Set "
                f"{self.rate.name} to a positive value."
            )
        return 60.0 * abs(target - start) / rate
