import asyncio
from collections.abc import Awaitable, Callable

import pytest

from nanoterasu.twin._axis import FAULTS, Axis
from nanoterasu.twin._clock import Clock
from nanoterasu.twin._motor import MotorRecord

AXIS = Axis("mm", -10.0, 10.0, velocity=2.0)
SPEED = 100.0

Scene = Callable[[MotorRecord], Awaitable[None]]


def play(scene: Scene, axis: Axis = AXIS) -> MotorRecord:
    async def with_motor() -> MotorRecord:
        motor = MotorRecord("M", axis, Clock(SPEED))
        await asyncio.wait_for(scene(motor), 5.0)
        return motor

    return asyncio.run(with_motor())


async def put(motor: MotorRecord, field: str, value: float) -> None:
    """Write as a client does; return when its put completes."""
    channel = motor.fields[field]
    await channel.write(value)  # type: ignore[attr-defined]


def test_a_put_completes_when_the_axis_has_arrived() -> None:
    async def scene(motor: MotorRecord) -> None:
        begun = motor._clock.now()
        await put(motor, "VAL", 4.0)
        assert motor._clock.now() - begun >= 2.0
        assert (motor.get("RBV"), motor.get("DMOV")) == (4.0, 1.0)

    play(scene)


def test_it_says_moving_at_once_and_is_where_the_trapezoid_says() -> None:
    async def scene(motor: MotorRecord) -> None:
        move = asyncio.create_task(put(motor, "VAL", 8.0))
        await asyncio.sleep(0.02)  # 2 s of instrument time
        assert (motor.get("DMOV"), motor.get("MOVN"), motor.get("VAL")) == (0.0, 1.0, 8.0)
        assert 0.0 < float(motor.where(motor._clock.now())) < 8.0
        await move

    play(scene)


def test_the_limits_are_enforced_and_said() -> None:
    async def scene(motor: MotorRecord) -> None:
        await put(motor, "VAL", 11.0)
        assert (motor.get("LVIO"), motor.get("VAL"), motor.get("RBV")) == (1.0, 0.0, 0.0)
        await put(motor, "HLM", 20.0)
        await put(motor, "VAL", 11.0)
        assert (motor.get("LVIO"), motor.get("RBV")) == (0.0, 11.0)

    play(scene)


def test_a_stop_leaves_it_where_it_was_and_completes_the_put() -> None:
    async def scene(motor: MotorRecord) -> None:
        move = asyncio.create_task(put(motor, "VAL", 8.0))
        await asyncio.sleep(0.01)
        await put(motor, "STOP", 1)
        await move
        assert 0.0 < motor.get("RBV") < 8.0
        assert (motor.get("VAL"), motor.get("DMOV")) == (motor.get("RBV"), 1.0)

    play(scene)


def test_a_new_target_on_the_way_completes_both_puts_at_the_new_one() -> None:
    async def scene(motor: MotorRecord) -> None:
        first = asyncio.create_task(put(motor, "VAL", 8.0))
        await asyncio.sleep(0.01)
        await asyncio.gather(first, put(motor, "VAL", -1.0))
        assert motor.get("RBV") == -1.0

    play(scene)


def test_what_a_detector_saw_before_a_new_move_stays_true() -> None:
    async def scene(motor: MotorRecord) -> None:
        await put(motor, "VAL", 4.0)
        before = motor._clock.now()
        await put(motor, "VAL", 0.0)
        assert float(motor.where(before)) == 4.0

    play(scene)


def test_set_redefines_the_position_without_a_move() -> None:
    async def scene(motor: MotorRecord) -> None:
        await put(motor, "SET", 1)
        await put(motor, "VAL", 5.0)
        await put(motor, "SET", 0)
        assert [motor.get(field) for field in ("VAL", "RBV", "DRBV", "OFF")] == [5.0, 5.0, 0.0, 5.0]
        assert (motor.get("LLM"), motor.get("HLM")) == (-5.0, 15.0)
        await put(motor, "VAL", 6.0)
        assert (motor.get("RBV"), motor.get("DRBV")) == (6.0, 1.0)

    play(scene)


def test_a_reversed_axis_moves_the_other_way() -> None:
    async def scene(motor: MotorRecord) -> None:
        await put(motor, "DIR", 1)
        await put(motor, "VAL", 3.0)
        assert (motor.get("RBV"), motor.get("DRBV")) == (3.0, -3.0)

    play(scene)


def test_a_stalled_axis_never_says_done_until_it_is_stopped() -> None:
    async def scene(motor: MotorRecord) -> None:
        await put(motor, "TWIN_FAULT", FAULTS.index("Stall"))
        move = asyncio.create_task(put(motor, "VAL", 0.1))
        await asyncio.sleep(0.05)
        assert (motor.get("DMOV"), move.done()) == (0.0, False)
        await put(motor, "STOP", 1)
        await move
        assert motor.get("RBV") == 0.0

    play(scene)


def test_a_slipping_axis_says_done_half_way() -> None:
    async def scene(motor: MotorRecord) -> None:
        await put(motor, "TWIN_FAULT", FAULTS.index("Slip"))
        await put(motor, "VAL", 4.0)
        assert (motor.get("DMOV"), motor.get("RBV"), motor.get("VAL")) == (1.0, 2.0, 4.0)

    play(scene)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_position(value: float) -> None:
    async def scene(motor: MotorRecord) -> None:
        await put(motor, "VAL", value)
        assert (motor.get("LVIO"), motor.get("VAL")) == (1.0, 0.0)

    play(scene)
