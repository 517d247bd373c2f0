"""Guards around ophyd 1.11's positioners and triggers.

Measured on simulated IOCs, stock ophyd 1.11.2 can (1) lose the completion of a move, because it
wipes the subscription of the *next* move after it woke the plan; (2) wait for ever when the IOC
dies during a move; (3) report a pending put as a success when the IOC dies; (4) take a rebooted
IOC's "done" as arrival; (5) stop an axis because the move *before* has failed.  Each guard here
has a test in ``tests/system/test_guards.py``.
"""

from __future__ import annotations

import math
from typing import Any

from ophyd.positioner import PositionerBase
from ophyd.signal import ReadTimeoutError
from ophyd.utils import DisconnectedError, LimitError

from ._endings import GRACE, SLACK, Move, lost


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
    _pending: Move | None = None

    def fresh_readback(self) -> float:
        """Position asked from the control system now, not the last monitored one."""
        raise NotImplementedError

    def at_rest(self) -> bool:
        """Whether the control system, asked now, says that nothing moves."""
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
    ) -> Move:
        """Register a move to ``position``; the subclass sends it.

        Returns
        -------
        Move
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
        status = Move(self, position, timeout=timeout, settle_time=self._settle_time)
        status.late = (
            f"{self.name} has not arrived at {position:g} within {timeout:.3g} s, ample by its "
            "velocity; it was told to stop. Look at the axis and its controller: it stalls, "
            "was slowed down, or its IOC hangs. Then repeat the move."
        )
        if moved_cb is not None:
            status.add_callback(lambda done: moved_cb(done, obj=self))
        self._pending = status
        return status

    def _give_up(self, success: bool) -> None:
        """End the pending move before the axis is told to stop.

        With ``success`` it ends without an error: a RunEngine that pauses stops everything so,
        and sends it again when it goes on.
        """
        status, self._pending = self._pending, None
        if status is not None:
            on_the_way = f"{self.name} was stopped on its way to {status.target:g}."
            status.end(None if success else MoveFailed(on_the_way))

    def _done_moving(
        self, success: bool = True, timestamp: Any = None, value: Any = None, **kwargs: Any
    ) -> None:
        status = self._pending
        error = None
        if status is not None and not status.done:
            try:
                error = self._shortfall(float(status.target), success)
                if error is not None and success:
                    if not self.at_rest():
                        return  # the end of the move before, reported late
                    error = self._shortfall(float(status.target), success)
            except (TimeoutError, DisconnectedError, ReadTimeoutError) as silent:
                error = DisconnectedError(f"{self.name}: no answer after a move ({silent}).")
        # Given up before anything is woken: a plan that sets the next move at once finds it free.
        if self._pending is status:
            self._pending = None
        if success:
            self._run_subs(sub_type=self.SUB_DONE, timestamp=timestamp, value=value)
        if status is not None:
            status.end(error)

    def _shortfall(self, target: float, success: bool) -> MoveFailed | None:
        readback = self.fresh_readback()
        if success and abs(readback - target) <= self.tolerance:
            return None
        return MoveFailed(
            f"{self.name} stands at {readback:g}, not at the {target:g} asked for: it was "
            "stopped, met a limit switch or an alarm, or its controller restarted. "
            "Look at the axis, then repeat the move."
        )

    def _fail_pending(self, error: Exception) -> None:
        status, self._pending = self._pending, None
        if status is not None:
            status.end(error)

    def _watch_connection(self, signal: Any) -> None:
        """Fail a pending move as soon as ``signal`` loses its connection."""

        def changed(connected: bool = True, **kwargs: Any) -> None:
            pending = self._pending
            if not connected and pending is not None:
                self._fail_pending(lost(signal, f"while {self.name} moved to {pending.target:g}"))

        signal.subscribe(changed, event_type=signal.SUB_META, run=False)
