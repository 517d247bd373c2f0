"""Ctrl-C is heard, also when the plan ends before it could pause."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

import bluesky.plan_stubs as bps
import pytest
from bluesky import RunEngine
from bluesky.utils import RunEngineInterrupted


def a_run_without_checkpoints() -> Any:
    yield from bps.open_run()
    yield from bps.close_run()


def pressed_at_the_end(name: str, document: Any) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_one_in_the_last_moments_of_a_plan_is_told(endstation: Any) -> None:
    engine = endstation.engine()
    engine.subscribe(pressed_at_the_end, "stop")
    assert engine(a_run_without_checkpoints())
    assert engine.ctrl_c


def test_bluesky_alone_forgets_it() -> None:
    engine = RunEngine({})
    engine.subscribe(pressed_at_the_end, "stop")
    assert engine(a_run_without_checkpoints())
    assert not hasattr(engine, "ctrl_c")


@pytest.mark.parametrize("first", [a_run_without_checkpoints, bps.null])
def test_a_plan_in_which_nobody_pressed_it_says_so(
    endstation: Any, first: Callable[[], Any]
) -> None:
    engine = endstation.engine()
    token = engine.subscribe(pressed_at_the_end, "stop")
    engine(first())
    engine.unsubscribe(token)
    engine(a_run_without_checkpoints())
    assert not engine.ctrl_c


def test_one_in_the_middle_pauses_at_the_next_checkpoint(endstation: Any) -> None:
    engine = endstation.engine()
    engine.subscribe(pressed_at_the_end, "start")

    def run() -> Any:
        yield from bps.open_run()
        for _ in range(100):
            yield from bps.sleep(0.02)
            yield from bps.checkpoint()
        yield from bps.close_run()

    with pytest.raises(RunEngineInterrupted):
        engine(run())
    engine.abort()
    assert endstation.documents[-1][1]["exit_status"] == "abort"
