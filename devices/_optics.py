"""What limits, defines and stops the beam."""

from __future__ import annotations

from typing import Any

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.utils import LimitError

from ._endings import Ending, lost
from ._positioners import Motor


class Slits(Device):
    """Four-blade slits.

    Attributes
    ----------
    horizontal_gap, vertical_gap, horizontal_centre, vertical_centre : Motor
        Opening and position [mm].
    """

    horizontal_gap = Cpt(Motor, "HGAP", units="mm")
    vertical_gap = Cpt(Motor, "VGAP", units="mm")
    horizontal_centre = Cpt(Motor, "HCEN", units="mm")
    vertical_centre = Cpt(Motor, "VCEN", units="mm")


class ExitSlit(Device):
    """Exit slit of the monochromator: it trades resolution against flux.

    Attributes
    ----------
    gap : Motor
        Vertical opening [um].
    """

    gap = Cpt(Motor, "GAP", units="um", tolerance=0.5)


class Shutter(Device):
    """Beam shutter; set ``"open"`` or ``"closed"``.

    Attributes
    ----------
    command : EpicsSignal
        What was asked for last.
    state : EpicsSignalRO
        What the shutter's own switches say.
    """

    command = Cpt(EpicsSignal, "COMMAND", kind="omitted", auto_monitor=True)
    state = Cpt(EpicsSignalRO, "STATE", string=True, kind="normal", auto_monitor=True)

    _COMMANDS = ("closed", "open")
    travel_limit = 10.0  # s, assumed

    @property
    def position(self) -> str:
        """``"open"`` or ``"closed"`` by the switches."""
        return str(self.state.get()).lower()

    def check_value(self, value: Any) -> None:
        """Refuse anything but ``"open"`` and ``"closed"``."""
        if value not in self._COMMANDS:
            raise LimitError(f"{self.name}: {value!r} is no position; say 'open' or 'closed'.")

    def set(self, value: str) -> Ending:
        """Open or close; done when the switches say so."""
        self.check_value(value)
        if not self.connected:
            raise lost(self.state, f"before {self.name} could move")
        status = Ending(self, timeout=self.travel_limit)
        status.late = (
            f"{self.name} is not {value} within {self.travel_limit:g} s, by its own switches. Look "
            "at the safety system's permissions and at the compressed air, then repeat."
        )

        def switched(**kwargs: Any) -> None:
            if self.position == value:
                status.end()

        def connection_changed(connected: bool = True, **kwargs: Any) -> None:
            if not connected:
                status.end(lost(self.state, f"while {self.name} moved"))

        def forget(_: Any) -> None:
            self.state.clear_sub(switched)
            self.state.clear_sub(connection_changed)

        status.add_callback(forget)
        self.state.subscribe(connection_changed, event_type=self.state.SUB_META, run=False)
        self.command.put(self._COMMANDS.index(value), wait=False)
        self.state.subscribe(switched, run=True)
        return status
