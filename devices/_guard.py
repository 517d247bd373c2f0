"""Guards around ophyd 1.11's positioners and triggers.

Measured on simulated IOCs, stock ophyd 1.11.2 can (1) lose the completion of a move, because it
wipes the subscription of the *next* move after it woke the plan; (2) wait for ever when the IOC
dies during a move; (3) report a pending put as a success when the IOC dies; (4) take a rebooted
IOC's "done" as arrival.  Each guard here has a test in ``tests/system/test_guards.py``.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ophyd import EpicsSignal
from ophyd.positioner import PositionerBase
from ophyd.signal import ReadTimeoutError
from ophyd.status import DeviceStatus, MoveStatus
from ophyd.utils import DisconnectedError, LimitError

# Time that a move may take beyond what distance and velocity say [s]: command latency and settling.
GRACE = 5.0
# Moves may take this much longer than computed: acceleration ramps, shared controllers.
SLACK = 1.5


class MoveFailed(RuntimeError):
    """A positioner stopped at another place than the one it was sent to."""


class GuardedPositioner(PositionerBase):
    """A positioner whose moves end: by arriving, or by an error that says why.

    Mixed in *behind* an ophyd positioner (``class Motor(EpicsMotor, GuardedPositioner)``), so
    that it replaces `PositionerBase.move` and `PositionerBase._done_moving` and leaves the
    sending of the set point to ophyd.

    Attributes
    ----------
    tolerance : float
        Largest distance between request and read-back that counts as arrival [unit of the axis].
    """

    tolerance: float = 0.0
    _pending: MoveStatus | None = None

    def fresh_readback(self) -> float:
        """Position asked from the control system now, not the last monitored one."""
        raise NotImplementedError

    def travel_time(self, start: float, target: float) -> float:
        """Time [s] that a move from ``start`` to ``target`` is expected to take."""
        raise NotImplementedError

    def check_arguments(self, position: Any) -> None:
        """Refuse what is not a finite number before a device sees it."""
        try:
            finite = math.isfinite(position)
        except TypeError:
            finite = False
        if not finite:
            raise LimitError(f"{self.name}: {position!r} is not a position; give a finite number.")

    def move(  # type: ignore[override]
        self, position: float, moved_cb: Any = None, timeout: float | None = None
    ) -> MoveStatus:
        """Register a move to ``position``; the subclass sends it.

        Returns
        -------
        MoveStatus
            Fails with `MoveFailed` off target, `DisconnectedError` when the control system
            goes away, and a time-out when it takes much longer than `travel_time`.
        """
        self.check_arguments(position)
        self.check_value(position)
        if timeout is None:
            timeout = GRACE + SLACK * self.travel_time(self.position or 0.0, float(position))
        self._fail_pending(
            MoveFailed(f"{self.name}: a new move to {position:g} replaced this one.")
        )
        status = MoveStatus(self, position, timeout=timeout, settle_time=self._settle_time)
        if moved_cb is not None:
            status.add_callback(lambda done: moved_cb(done, obj=self))
        self._pending = status
        return status

    def _done_moving(
        self, success: bool = True, timestamp: Any = None, value: Any = None, **kwargs: Any
    ) -> None:
        # Taken before anything is woken: a plan that sets the next move at once finds a free place.
        status, self._pending = self._pending, None
        if success:
            self._run_subs(sub_type=self.SUB_DONE, timestamp=timestamp, value=value)
        if status is None or status.done:
            return
        try:
            readback = self.fresh_readback()
        except (TimeoutError, DisconnectedError, ReadTimeoutError) as error:
            status.set_exception(
                DisconnectedError(f"{self.name}: no read-back at the end of a move ({error}).")
            )
            return
        target = float(status.target)
        if success and abs(readback - target) <= self.tolerance:
            status.set_finished()
        else:
            status.set_exception(
                MoveFailed(
                    f"{self.name} stands at {readback:g}, not at the {target:g} asked for: it was "
                    "stopped, met a limit switch or an alarm, or its controller restarted. "
                    "Look at the axis, then repeat the move."
                )
            )

    def _fail_pending(self, error: Exception) -> None:
        status, self._pending = self._pending, None
        if status is not None and not status.done:
            status.set_exception(error)

    def _watch_connection(self, signal: Any) -> None:
        """Fail a pending move as soon as ``signal`` loses its connection."""

        def changed(connected: bool = True, **kwargs: Any) -> None:
            pending = self._pending
            if not connected and pending is not None:
                self._fail_pending(lost(signal, f"while {self.name} moved to {pending.target:g}"))

        signal.subscribe(changed, event_type=signal.SUB_META, run=False)


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
) -> DeviceStatus:
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
    status = DeviceStatus(signal.root, timeout=timeout)

    def fail(error: Exception) -> None:
        if not status.done:
            status.set_exception(error)

    def connection_changed(connected: bool = True, **kwargs: Any) -> None:
        if not connected:
            fail(lost(signal, during))

    def completed(**kwargs: Any) -> None:
        if status.done:
            return
        try:
            signal.get(use_monitor=False, timeout=1.0, connection_timeout=0.1)
            complaint = missing() if missing else ""
        except (TimeoutError, DisconnectedError, ReadTimeoutError):
            fail(lost(signal, during))
            return
        if complaint:
            fail(RuntimeError(complaint))
        elif not status.done:
            status.set_finished()

    if not signal.connected:
        fail(lost(signal, "before the action started"))
        return status
    signal.subscribe(connection_changed, event_type=signal.SUB_META, run=False)
    status.add_callback(lambda _: signal.clear_sub(connection_changed))
    signal.put(value, wait=False, use_complete=True, callback=completed)
    return status
