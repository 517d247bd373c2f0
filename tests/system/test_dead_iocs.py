"""Every axis and every detector of every station says why it ended when its IOC dies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ophyd import EpicsSignal
from ophyd.status import StatusBase

from nanoterasu.beamlines import tables
from nanoterasu.devices import Motor, Ramp
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

STATIONS = [(code, station) for code, cls in tables().items() for station in cls.stations]
LONG = 3000.0  # s of instrument time: a minute


def parts(built: Any) -> Iterator[Any]:
    yield built
    yield from (below for _, below in built.walk_subdevices(include_lazy=True))


def begun(part: Any) -> StatusBase | None:
    """Start something that goes on for a minute; None where there is nothing to start."""
    if isinstance(part, Motor):
        stall = EpicsSignal(f"{part.prefix}.TWIN_FAULT", name="fault")
        stall.wait_for_connection(timeout=10)
        stall.put(1, wait=True)
        limits = (part.low_limit_travel, part.high_limit_travel)
        low, high = (float(str(limit.get())) for limit in limits)
        far = high if float(part.position or 0.0) <= (low + high) / 2 else low
        return part.set(far)
    if isinstance(part, Ramp):
        return None  # a ramp's length is its own; tests/system/test_guards_dead_ioc.py has one
    if hasattr(part, "acquire") and hasattr(part, "dwell"):
        part.dwell.put(LONG, wait=True)
        return part.trigger()
    return None


@pytest.mark.parametrize(("code", "station"), STATIONS, ids=[each for _, each in STATIONS])
def test_what_goes_on_when_the_ioc_dies_ends_with_a_reason(
    code: str, station: str, twin_of: Callable[[str], TwinProcess]
) -> None:
    twin = twin_of(code)
    line = tables()[code](twin.prefix, station=station)
    line.connect()
    try:
        started = {
            part.name: status
            for built in line.devices().values()
            for part in parts(built)
            if (status := begun(part)) is not None
        }
        early = [name for name, status in started.items() if status.done]
        twin.kill()
        for name, status in started.items():
            error = status.exception(timeout=30)
            assert "lost its connection" in str(error), f"{name}: {error!r}"
        assert not early
        assert len(started) > 5
    finally:
        twin.restart()
        for built in line.devices().values():
            built.destroy()
