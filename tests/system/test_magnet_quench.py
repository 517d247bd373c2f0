"""A magnet that quenches, over BL14U's twin: plans end, say why, and leave a closed shutter."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from bluesky import RunEngine
from bluesky.utils import FailedStatus
from ophyd import EpicsSignal

from nanoterasu.beamlines import table
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.plans import Region, xmcd
from nanoterasu.session import Session
from nanoterasu.twin import TwinProcess

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def served(twin_of: Callable[[str], TwinProcess]) -> TwinProcess:
    return twin_of("BL14U")


@pytest.fixture(scope="module")
def line(served: TwinProcess) -> Iterator[Any]:
    connected: Any = table("BL14U")(served.prefix)
    connected.connect()
    connected.magnet.ramp_rate.put(1.0, wait=True)
    yield connected
    connected.undulator.polarisation.set("linear_horizontal").wait(20)
    connected.focused_energy.set(700.0).wait(20)
    for device in connected.devices().values():
        device.destroy()


@pytest.fixture(scope="module")
def engine() -> RunEngine:
    return RunEngine({}, context_managers=[])


@pytest.fixture
def quench(served: TwinProcess, line: Any) -> Iterator[Callable[[], None]]:
    """Quench the magnet, as a fault would; afterwards it is reset and the shutter open."""
    fault = EpicsSignal(f"{served.prefix}EA-MAG-01:TWIN_QUENCH", name="fault")
    fault.wait_for_connection(timeout=5)
    yield lambda: fault.put(1, wait=False)
    while line.magnet.quench.get(use_monitor=False):  # refused as long as there is a field
        line.magnet.reset.put(1, wait=True)
    line.shutter.set("open").wait(10)
    fault.destroy()


def dichroism_plan(line: Any, field: float) -> Any:
    return xmcd(
        [line.i0, line.tey], line.energy, [Region(700.0, 702.0, 1.0)], edge="Fe L2,3",
        polarisation=line.undulator.polarisation, field=line.magnet.field, fields=(field,),
        order="+", dwell=0.1,
    )  # fmt: skip


def test_a_quench_on_the_way_ends_the_plan_and_closes_the_shutter(
    engine: RunEngine, line: Any, quench: Callable[[], None]
) -> None:
    line.magnet.field.set(0.0).wait(30)

    def on_the_way(value: float, **_: Any) -> None:
        if value > 0.2:
            quench()

    line.magnet.field.readback.subscribe(on_the_way, run=False)
    try:
        with pytest.raises(FailedStatus) as error:
            engine(dichroism_plan(line, 4.0))
    finally:
        line.magnet.field.readback.clear_sub(on_the_way)
    said = str(error.value.__cause__)
    assert "magnet quenched on its way to 4 T" in said
    assert "set magnet_reset to 1" in said
    assert line.shutter.position == "closed"
    with pytest.raises(RuntimeError, match="magnet cannot be ramped: it has quenched"):
        engine(dichroism_plan(line, 1.0))


def test_a_magnet_that_is_ramped_faster_than_its_rules_quenches(
    served: TwinProcess, line: Any, quench: Callable[[], None]
) -> None:
    line.magnet.field.set(3.9).wait(30)
    line.magnet.ramp_rate.put(2.0, wait=True)
    quenched = threading.Event()
    line.magnet.quench.subscribe(lambda value, **_: quenched.set() if value else None, run=False)
    raw = EpicsSignal(f"{served.prefix}EA-MAG-01:FIELD", name="raw")
    raw.wait_for_connection(timeout=5)
    try:
        raw.put(8.0, wait=True)
        assert quenched.wait(20)
    finally:
        line.magnet.ramp_rate.put(1.0, wait=True)
        raw.destroy()


def test_a_quench_while_a_session_measures_ends_the_plan_and_does_not_pause_it(
    home: Path, served: TwinProcess, quench: Callable[[], None]
) -> None:
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, datetime.now(JST))
    built: Any = table("BL14U")(served.prefix)
    points = Region(700.0, 720.0, 0.05)
    with Session(built, "EX-0014", "alpha-member", home=home, twin=True) as session:
        plan = session.namespace()["xas"](
            [built.i0], built.energy, [points], edge="Fe L3", dwell=1.0
        )
        token = session.RE.subscribe(
            lambda name, document: quench() if document["seq_num"] == 3 else None, "event"
        )
        with pytest.raises(RuntimeError, match=r"magnet\.quench is 1, and what was measured"):
            session.RE(plan)
        session.RE.unsubscribe(token)
        assert session.RE.state == "idle"
        for device in built.devices().values():
            device.destroy()
