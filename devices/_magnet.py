"""Superconducting magnet: a field that ramps by rules, and what follows when it quenches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.sim import FakeEpicsSignal, fake_device_cache
from ophyd.status import MoveStatus, Status
from ophyd.utils import LimitError

from ._optics import Shutter
from ._positioners import Ramp


class MagnetQuenched(RuntimeError):
    """The magnet has lost its superconductivity: its field is not what was set."""


class MagnetField(Ramp):
    """Field of a superconducting magnet along the beam [T], ramped by its supply."""

    parent: Magnet

    setpoint = Cpt(EpicsSignal, "FIELD", kind="normal", auto_monitor=True)
    readback = Cpt(EpicsSignalRO, "FIELD_RBV", kind="hinted", auto_monitor=True)
    done = Cpt(EpicsSignalRO, "DONE", kind="omitted", auto_monitor=True)
    stop_signal = Cpt(EpicsSignal, "STOP", kind="omitted")

    @property
    def close_on_failure(self) -> Shutter | None:
        """Shutter that a plan closes when it fails under a quenched magnet."""
        return self.parent.shutter if self.parent.quenched else None

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
        """Refuse fields beyond the magnet's, ramps that could quench it, and a quenched magnet.

        Raises
        ------
        LimitError
            With the largest field [T], or the largest rate [T/min].
        MagnetQuenched
            Until the magnet is reset.
        """
        self.check_move(pos, {})

    def check_move(self, value: float, positions: Mapping[str, Any]) -> None:
        """Check ``value`` [T] for the moment when the axes stand at ``positions``."""
        magnet = self.parent
        self.check_arguments(value)
        if magnet.quenched:
            raise MagnetQuenched(magnet.advice("cannot be ramped"))
        largest = float(magnet.field_max.get())
        if abs(value) > largest:
            raise LimitError(
                f"{self.name}: {value:g} T is beyond this magnet's {largest:g} T; "
                f"choose a field between {-largest:g} and {largest:g} T."
            )
        rate = float(positions.get(magnet.ramp_rate.name, magnet.ramp_rate.get()))
        here = float(positions.get(self.name, self.position or 0.0))
        farthest = max(abs(value), abs(here))
        allowed = magnet.rate_at(farthest)
        if rate > allowed:
            raise LimitError(
                f"{self.name}: at {rate:g} T/min a ramp that reaches {farthest:g} T could quench "
                f"the magnet; it allows {allowed:g} T/min there. Set {magnet.ramp_rate.name} to "
                "that, or stay at lower fields."
            )

    def move(self, position: float, wait: bool = True, **kwargs: Any) -> MoveStatus:
        """Ramp to ``position``; fails with `MagnetQuenched` if the magnet quenches."""
        status = super().move(position, wait=False, **kwargs)
        if not self.parent.connected or status.done:
            return status

        def changed(value: Any = 0, **_: Any) -> None:
            if value:
                self._fail_pending(
                    MagnetQuenched(self.parent.advice(f"quenched on its way to {position:g} T"))
                )

        quench = self.parent.quench
        quench.subscribe(changed, run=True)
        status.add_callback(lambda _: quench.clear_sub(changed))
        if wait:
            status.wait()
        return status

    def trigger(self) -> Status:
        """Fail if the magnet has quenched, so that no event is measured in an unknown field."""
        status = Status(obj=self)
        if self.parent.quenched:
            status.set_exception(MagnetQuenched(self.parent.advice("quenched during the scan")))
        else:
            status.set_finished()
        return status


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

    Parameters
    ----------
    ramp_rules
        Largest rate [T/min] up to a field [T], in the order of the fields: ``((4.0, 2.0), (8.0,
        1.0))`` ramps at up to 2 T/min to 4 T, and at up to 1 T/min beyond, to 8 T at most.
    shutter
        Closed by a plan that fails because of a quench.

    Attributes
    ----------
    field : MagnetField
        Field along the beam [T].
    ramp_rate : RampRate
        Rate at which ``field`` moves [T/min].
    field_max, ramp_rate_max : EpicsSignalRO
        What the magnet allows [T], [T/min].
    quench : EpicsSignalRO
        1 from a quench until the magnet is reset, else 0.
    reset : EpicsSignal
        Put 1 when the magnet is cold again and its field is gone.
    """

    field = Cpt(MagnetField, "", egu="T", tolerance=1e-3)
    ramp_rate = Cpt(RampRate, "RATE", kind="config", auto_monitor=True)
    field_max = Cpt(EpicsSignalRO, "FIELD_MAX", kind="config", auto_monitor=True)
    ramp_rate_max = Cpt(EpicsSignalRO, "RATE_MAX", kind="config", auto_monitor=True)
    quench = Cpt(EpicsSignalRO, "QUENCH", kind="omitted", auto_monitor=True)
    reset = Cpt(EpicsSignal, "RESET", kind="omitted")

    RAMP_RULES = ((7.0, 2.0),)  # assumed, where a table gives no others

    def __init__(
        self,
        prefix: str = "",
        *,
        ramp_rules: Sequence[tuple[float, float]] = RAMP_RULES,
        shutter: Shutter | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(prefix, **kwargs)
        self.ramp_rules, self.shutter = tuple(ramp_rules), shutter

    @property
    def quenched(self) -> bool:
        """Whether the magnet has quenched and was not reset."""
        return bool(self.quench.get())

    def rate_at(self, field: float) -> float:
        """Largest ramp rate [T/min] at ``field`` [T]."""
        return allowed_rate(self.ramp_rules, field)

    def advice(self, what: str) -> str:
        """Sentence on a quench: what happened, and what to do."""
        return (
            f"{self.name} {what}: it has quenched, and its field is not to be trusted. Let it cool "
            f"and find out why; when its field is zero set {self.reset.name} to 1, then measure "
            "again from the last good spectrum."
        )


def allowed_rate(rules: Sequence[tuple[float, float]], field: float) -> float:
    """Largest ramp rate [T/min] at ``field`` [T], by ``rules`` as of `Magnet`.

    >>> allowed_rate(((4.0, 2.0), (8.0, 1.0)), -5.0)
    1.0
    """
    return next((rate for upto, rate in rules if abs(field) <= upto), rules[-1][1])
