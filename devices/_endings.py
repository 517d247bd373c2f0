"""Ends of what was started: statuses that say why, and puts that are not believed at once."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from ophyd import Device, EpicsSignal
from ophyd.signal import ReadTimeoutError
from ophyd.status import DeviceStatus, MoveStatus, StatusBase
from ophyd.utils import DisconnectedError, InvalidState, StatusTimeoutError

# Time that a move may take beyond what distance and velocity say [s]: command latency and settling.
GRACE = 5.0
# Moves may take this much longer than computed: acceleration ramps, shared controllers.
SLACK = 1.5


class Ending(DeviceStatus):
    """Status that may be ended from several sides, and says what to do when nothing ends it.

    Attributes
    ----------
    late : str
        Sentence of the time-out.
    """

    late = ""

    def end(self, error: BaseException | None = None) -> None:
        """Finish, or fail with ``error``; whoever comes first is right."""
        with contextlib.suppress(InvalidState):
            if error is None:
                self.set_finished()
            else:
                self.set_exception(error)

    def _settled(self) -> None:
        if isinstance(self._exception, StatusTimeoutError):
            self._exception = StatusTimeoutError(self.late)
        with contextlib.suppress(DisconnectedError):  # a move's asks where the axis stands
            super()._settled()

    def _handle_failure(self) -> None:
        # Of all failures only a time-out leaves something under way.  After any other, ophyd's
        # stop would come late and hit what was started since.
        late = isinstance(self._exception, StatusTimeoutError)
        if late and self.device.connected and hasattr(self.device, "stop"):
            self.device.stop()


class Move(Ending, MoveStatus):
    """Status of a move."""


class Together(Ending):
    """Ends when all of ``parts`` have, or with the error of the first that fails.

    ophyd's own conjunction of statuses forgets what the error was.
    """

    def __init__(self, device: Device, *parts: StatusBase) -> None:
        super().__init__(device)
        self._parts = parts
        for part in parts:
            part.add_callback(self._part_ended)

    def _part_ended(self, part: StatusBase) -> None:
        error: Any = part.exception(timeout=0)
        if error is not None or all(each.done for each in self._parts):
            self.end(error)

    def watch(self, func: Callable[..., Any]) -> None:
        """Show the progress of the first part."""
        for part in self._parts[:1]:
            if isinstance(part, DeviceStatus):
                part.watch(func)


def lost(signal: Any, during: str) -> DisconnectedError:
    """Error that says which PV went away, and what to do."""
    return DisconnectedError(
        f"{signal.pvname} lost its connection {during}. Its IOC is down or the network is cut: "
        "nothing is known of the device since. Bring it back, check its position, then repeat."
    )


def guarded_put(
    signal: EpicsSignal,
    value: Any,
    *,
    timeout: float,
    during: str,
    missing: Callable[[], str] | None = None,
) -> Ending:
    """Put with completion that does not mistake a dead IOC for a finished action.

    Channel Access calls a put's completion also when the circuit breaks, and the client library
    reports that as done, as it does when the IOC refuses the value.  So completion is believed
    only after the control system has answered once more, and nothing is found missing.

    Parameters
    ----------
    signal
        Put to, with put-completion.
    value
        Written.
    timeout
        Longest time that the action may take [s].
    during
        What is going on, for the error ("while i0 counted").
    missing
        Asked at the end: a sentence on what should be there and is not, or an empty one.
    """
    status = Ending(signal.root, timeout=timeout)
    status.late = (
        f"{signal.pvname} has not said that it ended within {timeout:.3g} s, {during}. "
        "Look at the device and its IOC, then repeat."
    )

    def connection_changed(connected: bool = True, **kwargs: Any) -> None:
        if not connected:
            status.end(lost(signal, during))

    def completed(**kwargs: Any) -> None:
        if status.done:
            return
        try:
            signal.get(use_monitor=False, timeout=1.0, connection_timeout=0.1)
            complaint = missing() if missing else ""
        except (TimeoutError, DisconnectedError, ReadTimeoutError):
            status.end(lost(signal, during))
            return
        status.end(RuntimeError(complaint) if complaint else None)

    if not signal.connected:
        status.end(lost(signal, "before the action started"))
        return status
    signal.subscribe(connection_changed, event_type=signal.SUB_META, run=False)
    status.add_callback(lambda _: signal.clear_sub(connection_changed))
    signal.put(value, wait=False, use_complete=True, callback=completed)
    return status
