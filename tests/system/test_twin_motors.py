"""The twin's motor records, as ophyd's own EpicsMotor sees them over Channel Access."""

import time
from collections.abc import Callable, Iterator

import pytest
from ophyd import EpicsMotor, EpicsSignal
from ophyd.signal import EpicsSignalBase
from ophyd.utils import LimitError

from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def axis(twin: TwinProcess) -> Iterator[EpicsMotor]:
    motor = EpicsMotor(twin.prefix + "EA-STAGE-01:Z", name="z")
    motor.wait_for_connection(timeout=10)
    yield motor
    motor.destroy()


def until(condition: Callable[[], bool], timeout: float = 3.0) -> bool:
    """Whether ``condition`` came to hold; monitors lag a put's completion by some ms."""
    end = time.monotonic() + timeout
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def fresh(signal: EpicsSignalBase) -> float:
    return float(str(signal.get(use_monitor=False)))


def test_a_move_arrives_and_takes_its_time_at_the_twins_speed(
    twin: TwinProcess, axis: EpicsMotor
) -> None:
    axis.move(0.0, timeout=10)
    begun = time.monotonic()
    axis.move(10.0, timeout=10)
    taken = time.monotonic() - begun
    assert axis.position == 10.0
    expected = (10.0 / fresh(axis.velocity) + fresh(axis.acceleration)) / twin.speed
    assert expected <= taken < expected + 1.0


def test_moves_of_no_distance_are_done_too(axis: EpicsMotor) -> None:
    axis.move(3.0, timeout=10)
    begun = time.monotonic()
    for _ in range(20):
        axis.move(3.0, timeout=5)
    assert (time.monotonic() - begun) / 20 < 0.1  # 6 to 9 ms on a quiet machine


def test_a_stop_stops_on_the_way(axis: EpicsMotor) -> None:
    axis.move(-14.0, timeout=10)
    status = axis.move(14.0, wait=False)
    assert until(lambda: fresh(axis.user_readback) > -14.0)
    axis.stop()
    assert until(lambda: status.done)
    assert -14.0 < fresh(axis.user_readback) < 14.0
    assert fresh(axis.user_setpoint) == fresh(axis.user_readback)


def test_the_client_learns_the_limits_and_the_record_keeps_them(axis: EpicsMotor) -> None:
    low, high = axis.limits
    assert (low, high) == (-15.0, 15.0)
    with pytest.raises(LimitError):
        axis.move(high + 1.0)
    axis.move(0.0, timeout=10)
    axis.user_setpoint.put(high + 1.0, force=True, wait=True)
    assert fresh(axis.user_readback) == 0.0


def test_set_changes_the_offset_and_nothing_moves(axis: EpicsMotor) -> None:
    axis.move(1.0, timeout=10)
    axis.set_current_position(5.0)
    assert until(lambda: fresh(axis.user_readback) == 5.0)
    assert fresh(axis.user_offset) == 4.0
    axis.set_current_position(1.0)
    assert until(lambda: fresh(axis.user_offset) == 0.0)


def test_the_put_of_a_value_completes_with_the_move(twin: TwinProcess, axis: EpicsMotor) -> None:
    axis.move(0.0, timeout=10)
    value = EpicsSignal(axis.prefix, name="value", put_complete=True)
    value.wait_for_connection(timeout=5)
    begun = time.monotonic()
    value.set(10.0).wait(5)
    assert time.monotonic() - begun >= 10.0 / fresh(axis.velocity) / twin.speed
    assert fresh(axis.user_readback) == 10.0
    # The monitor of DMOV comes after the put's completion; left behind, it would end the next move.
    assert until(lambda: not axis.moving)
    value.destroy()


def test_a_fault_can_be_asked_for(twin: TwinProcess) -> None:
    # An axis of its own: the late end of another test's move would pass for this one's.
    axis = EpicsMotor(twin.prefix + "EA-STAGE-01:THETA", name="theta")
    axis.wait_for_connection(timeout=10)
    axis.move(0.0, timeout=10)
    assert until(lambda: fresh(axis.user_readback) == 0.0)
    fault = EpicsSignal(axis.prefix + ".TWIN_FAULT", name="fault", string=True)
    fault.wait_for_connection(timeout=5)
    try:
        fault.put("Slip", wait=True)
        axis.move(4.0, timeout=10)
        assert fresh(axis.user_readback) == 2.0
    finally:
        fault.put("None", wait=True)
        fault.destroy()
        axis.destroy()
