"""The race between the end of a move and the next move, played by hand."""

import threading
from typing import Any

import pytest
from ophyd.positioner import PositionerBase
from ophyd.status import StatusBase

from nanoterasu.devices import GuardedPositioner, MoveFailed


class Stock(PositionerBase):
    """ophyd's own, ended by hand."""

    egu: Any = "mm"


class Guarded(GuardedPositioner):
    """The house's, ended by hand."""

    egu: Any = "mm"
    readback = 0.0
    resting = True
    connected: Any = True

    def fresh_readback(self) -> float:
        return self.readback

    def at_rest(self) -> bool:
        return self.resting

    def travel_time(self, start: float, target: float) -> float:
        return 0.0

    def check_value(self, pos: float) -> None:
        """Any."""


def next_moves(axis: Any) -> tuple[list[StatusBase], threading.Event]:
    """Moves: the first one's end sets the second."""
    moves: list[StatusBase] = []
    woken = threading.Event()

    def go_on(_: StatusBase) -> None:
        moves.append(axis.move(0.0, timeout=5))
        woken.set()

    moves.append(axis.move(0.0, timeout=5))
    moves[0].add_callback(go_on)
    return moves, woken


def test_a_move_that_is_set_at_the_end_of_another_is_not_lost() -> None:
    axis = Guarded(name="axis")
    moves, woken = next_moves(axis)
    axis._done_moving(success=True)
    assert woken.wait(5)
    axis._done_moving(success=True)
    moves[1].wait(5)


def test_stock_ophyd_loses_it(monkeypatch: pytest.MonkeyPatch) -> None:
    axis = Stock(name="axis")
    moves, woken = next_moves(axis)
    forget = axis._reset_sub

    def late(event: str) -> None:
        # Where the move ended; the plan, on its own thread, is quicker than this one.
        if threading.current_thread() is threading.main_thread():
            assert woken.wait(5)
        forget(event)

    monkeypatch.setattr(axis, "_reset_sub", late)
    axis._done_moving(success=True)
    monkeypatch.undo()
    axis._done_moving(success=True)
    assert not moves[1].done


def test_the_late_end_of_the_move_before_does_not_end_this_one() -> None:
    axis = Guarded(name="axis")
    status = axis.move(5.0)
    axis.resting = False
    axis._done_moving(success=True)
    assert not status.done
    axis.readback, axis.resting = 5.0, True
    axis._done_moving(success=True)
    status.wait(5)


def test_an_end_elsewhere_is_a_failure() -> None:
    axis = Guarded(name="axis")
    status = axis.move(5.0)
    axis._done_moving(success=True)
    with pytest.raises(MoveFailed, match="axis stands at 0, not at the 5 asked for"):
        status.wait(5)


def test_an_end_in_an_alarm_is_a_failure_though_in_its_place() -> None:
    axis = Guarded(name="axis")
    status = axis.move(0.0)
    axis._done_moving(success=False)
    with pytest.raises(MoveFailed, match="an alarm"):
        status.wait(5)


def test_two_ends_at_once_are_one() -> None:
    axis = Guarded(name="axis")
    status = axis.move(0.0)
    status.end()
    status.end(RuntimeError("too late"))
    status.wait(5)
