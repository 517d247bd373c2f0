"""A continuous scan whose plan was given up stops with it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from bluesky import RunEngine
from bluesky.utils import FailedStatus, RunEngineInterrupted

from nanoterasu.beamlines.bl13u import BL13U
from nanoterasu.plans import xas_fly
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

EDGE = "Fe L2,3"


@pytest.fixture
def beamline(twin: TwinProcess) -> Iterator[Any]:
    connected = BL13U(twin.prefix)
    connected.connect()
    connected.undulator.polarisation.set("helicity_plus").wait(20)
    yield connected
    for device in connected.devices().values():
        device.destroy()


@pytest.fixture
def engine() -> RunEngine:
    return RunEngine({}, context_managers=[])


def test_a_sweep_that_is_given_up_does_not_go_on_alone(engine: RunEngine, beamline: Any) -> None:
    plan = xas_fly(
        beamline.continuous, beamline.energy, 700.0, 740.0, points=2000, dwell=1.0, edge=EDGE
    )
    rows = threading.Event()

    def give_up() -> None:
        assert rows.wait(20)
        engine.request_pause(defer=False)

    token = engine.subscribe(lambda name, _: rows.set() if name == "event_page" else None)
    quitter = threading.Thread(target=give_up)
    quitter.start()
    try:
        # Whichever is first: the pause, or that rows are missing since the sweep was told to end.
        with pytest.raises((RunEngineInterrupted, FailedStatus)):
            engine(plan)
        quitter.join()
        if engine.state != "idle":
            engine.abort()
    finally:
        engine.unsubscribe(token)
    end = time.monotonic() + 3.0
    while beamline.continuous.running.get(use_monitor=False) and time.monotonic() < end:
        time.sleep(0.01)
    assert not beamline.continuous.running.get(use_monitor=False)
    assert beamline.continuous.count.get(use_monitor=False) < 2000
