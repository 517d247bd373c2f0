"""What the guards around ophyd's positioners and triggers are for: each, with and without it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from bluesky import Msg, RunEngine
from ophyd import EpicsMotor, EpicsSignal
from ophyd.status import StatusBase
from ophyd.utils import StatusTimeoutError

from nanoterasu.beamlines.bl13u import BL13U
from nanoterasu.devices import Motor, MoveFailed, _guard
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

WATCH = 2.0  # s, for which something is watched that is said never to end


def until(condition: Callable[[], Any], timeout: float = 10.0) -> bool:
    """Whether ``condition`` came to hold within ``timeout`` [s]."""
    end = time.monotonic() + timeout
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(condition())


def fresh(signal: Any) -> float:
    """Value that the IOC has now."""
    return float(signal.get(use_monitor=False))


def error_of(status: StatusBase, timeout: float = 10.0) -> Any:
    """What the status ended with; `AssertionError` if it did not end."""
    assert until(lambda: status.done, timeout), f"{status} has not ended"
    return status.exception()


@pytest.fixture(scope="module")
def beamline(twin: TwinProcess) -> Iterator[BL13U]:
    connected = BL13U(twin.prefix)
    connected.connect()
    connected.magnet.ramp_rate.put(2.0, wait=True)
    yield connected
    for device in connected.devices().values():
        device.destroy()


@pytest.fixture(scope="module")
def axis(beamline: BL13U) -> Motor:
    return beamline.sample.x


@pytest.fixture(scope="module")
def stock(twin: TwinProcess) -> Iterator[EpicsMotor]:
    """The axis as ophyd has it, on the neighbouring record."""
    motor = EpicsMotor(twin.prefix + "EA-STAGE-01:Y", name="stock")
    motor.wait_for_connection(timeout=10)
    yield motor
    motor.destroy()


def moves_on_the_spot(motor: Any, count: int) -> int:
    """Moves without distance that a RunEngine gets done, one right after the other."""
    done = 0

    def plan() -> Iterator[Msg]:
        nonlocal done
        for _ in range(count):
            yield Msg("set", motor, 0.0, group="move")
            yield Msg("wait", None, group="move")
            done += 1

    engine = RunEngine({}, context_managers=[])
    motor.set(0.0).wait(10)
    runner = threading.Thread(target=lambda: _until_aborted(engine, plan()))
    runner.start()
    seen, since = 0, time.monotonic()
    while runner.is_alive():
        runner.join(0.05)
        if done != seen:
            seen, since = done, time.monotonic()
        elif time.monotonic() - since > WATCH:
            engine.abort()
            runner.join(10)
    return done


def _until_aborted(engine: RunEngine, plan: Any) -> None:
    from bluesky.utils import RunEngineInterrupted

    try:
        engine(plan)
    except RunEngineInterrupted:
        return


# Completion that is lost


def test_two_thousand_moves_of_no_distance_all_end(axis: Motor) -> None:
    assert moves_on_the_spot(axis, 2000) == 2000


def test_without_the_guard_such_moves_hang(stock: EpicsMotor) -> None:
    assert any(moves_on_the_spot(stock, 1000) < 1000 for _ in range(3))


# Arrival that is not one


def test_a_stop_fails_the_move(axis: Motor) -> None:
    axis.set(0.0).wait(10)
    status = axis.set(14.0)
    assert until(lambda: fresh(axis.user_readback) > 0.0)
    axis.stop()
    error = error_of(status)
    assert isinstance(error, MoveFailed)
    assert axis.name in str(error)
    assert "stopped on its way to 14" in str(error)


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "stock"])
def test_only_the_guard_sees_that_another_client_stopped_the_axis(
    axis: Motor, stock: EpicsMotor, guarded: bool
) -> None:
    motor = axis if guarded else stock
    motor.set(0.0).wait(10)
    status = motor.set(14.0)
    assert until(lambda: fresh(motor.user_readback) > 0.0)
    motor.motor_stop.put(1, wait=False)
    error = error_of(status)
    assert isinstance(error, MoveFailed) if guarded else error is None
    assert fresh(motor.user_readback) < 14.0


@pytest.fixture
def fault(twin: TwinProcess) -> Iterator[Callable[[EpicsMotor, str], None]]:
    """Make an axis fail, until the end of the test."""
    asked: list[EpicsSignal] = []

    def ask(motor: EpicsMotor, kind: str) -> None:
        signal = EpicsSignal(motor.prefix + ".TWIN_FAULT", name="fault", string=True)
        signal.wait_for_connection(timeout=5)
        asked.append(signal)
        signal.put(kind, wait=True)

    yield ask
    for signal in asked:
        signal.put("None", wait=True)
        signal.destroy()


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "stock"])
def test_only_the_guard_sees_that_an_axis_slipped(
    axis: Motor, stock: EpicsMotor, guarded: bool, fault: Callable[[EpicsMotor, str], None]
) -> None:
    motor = axis if guarded else stock
    motor.set(0.0).wait(10)
    fault(motor, "Slip")
    error = error_of(motor.set(4.0))
    assert isinstance(error, MoveFailed) if guarded else error is None
    assert fresh(motor.user_readback) == 2.0


def test_an_axis_that_stalls_times_out_and_is_named(
    axis: Motor,
    stock: EpicsMotor,
    fault: Callable[[EpicsMotor, str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(_guard, "GRACE", 0.2)
    for motor in (axis, stock):
        motor.set(0.0).wait(10)
        fault(motor, "Stall")
    hanging = stock.set(1.0)
    begun = time.monotonic()
    error = error_of(axis.set(1.0))
    taken = time.monotonic() - begun
    # 1 mm at 1 mm/s, with slack; that the twin runs faster the client cannot know.
    assert 1.0 < taken < 4.0
    assert isinstance(error, StatusTimeoutError)
    assert axis.name in str(error)
    assert "Look at the axis" in str(error)
    assert not hanging.done
    assert until(lambda: fresh(axis.motor_done_move) == 1)  # it was told to stop
    for motor in (axis, stock):
        motor.stop()


def test_a_frozen_ioc_times_out_by_distance_and_velocity(
    twin: TwinProcess, axis: Motor, stock: EpicsMotor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_guard, "GRACE", 0.2)
    for motor in (axis, stock):
        motor.set(0.0).wait(10)
    twin.freeze()
    try:
        hanging, status = stock.set(1.0), axis.set(1.0)
        error = error_of(status)
        assert not hanging.done
    finally:
        twin.thaw()
    assert isinstance(error, StatusTimeoutError)
    assert axis.name in str(error)
    error_of(hanging)


def test_a_field_that_is_stopped_has_not_arrived(beamline: BL13U) -> None:
    field = beamline.magnet.field
    field.set(0.0).wait(30)
    status = field.set(7.0)
    assert until(lambda: fresh(field.readback) > 0.0)
    field.stop()
    error = error_of(status)
    assert isinstance(error, MoveFailed)
    assert field.name in str(error)


def test_after_a_stop_the_next_move_arrives(axis: Motor, beamline: BL13U) -> None:
    for positioner, far, near in ((axis, 14.0, 3.0), (beamline.magnet.field, 7.0, 0.5)):
        positioner.set(0.0).wait(10)
        for _ in range(5):
            stopped = positioner.set(far)
            positioner.stop()
            positioner.set(near).wait(10)
            assert isinstance(error_of(stopped), MoveFailed)
            assert positioner.fresh_readback() == near


def test_a_move_that_replaces_another_arrives(axis: Motor) -> None:
    axis.set(0.0).wait(10)
    replaced = axis.set(14.0)
    axis.set(3.0).wait(10)
    assert isinstance(error_of(replaced), MoveFailed)
    assert "replaced" in str(replaced.exception())
    assert fresh(axis.user_readback) == 3.0


def test_without_the_guard_a_move_that_replaces_another_is_stopped(stock: EpicsMotor) -> None:
    def fails() -> bool:
        stock.set(0.0).wait(10)
        stock.set(14.0, timeout=30)
        return error_of(stock.set(3.0, timeout=30)) is not None or fresh(stock.user_readback) != 3.0

    assert any(fails() for _ in range(10))


def test_a_ramp_to_where_the_field_stands_ends_at_once(beamline: BL13U) -> None:
    field = beamline.magnet.field
    field.set(0.5).wait(30)
    begun = time.monotonic()
    for _ in range(20):
        field.set(0.5).wait(5)
    assert time.monotonic() - begun < 2.0
