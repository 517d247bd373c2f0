"""A document is durable before anything else happens; what cannot be kept fails the plan."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import pytest
from ophyd import Signal
from ophyd.sim import SynAxis, SynSignal

from nanoterasu.records import Spool, SpoolError, SpoolReader

det: Any = SynSignal(name="det", func=lambda: 1.0)


def on_disk(folder: Path) -> list[str]:
    with SpoolReader(folder) as reader:
        return [name for _, name, _ in reader.documents(0)]


def full(*_: Any) -> None:
    raise SpoolError("the disk is full")


def test_a_document_is_on_disk_before_the_plan_goes_on(endstation: Any, spool: Spool) -> None:
    found = []

    def plan() -> Any:
        yield from bps.open_run()
        found.append(on_disk(spool.folder))
        yield from bps.trigger_and_read([det])
        found.append(on_disk(spool.folder))
        yield from bps.close_run()
        found.append(on_disk(spool.folder))

    endstation.engine(journal=spool)(plan())
    assert found == [
        ["start"],
        ["start", "descriptor", "event"],
        ["start", "descriptor", "event", "stop"],
    ]


def test_a_document_is_on_disk_before_a_subscriber_sees_it(endstation: Any, spool: Spool) -> None:
    engine, found = endstation.engine(journal=spool), []
    engine.subscribe(lambda name, doc: found.append((name, on_disk(spool.folder)[-1])))
    engine(bp.count([det]))
    assert [name for name, _ in found] == ["start", "descriptor", "event", "stop"]
    assert all(seen == kept for seen, kept in found)


@pytest.mark.parametrize("kind", ["start", "descriptor", "event", "stop"])
def test_a_document_that_cannot_be_kept_fails_the_plan(endstation: Any, kind: str) -> None:
    engine, motor = endstation.engine(journal=lambda name, doc: name == kind and full()), []

    def plan() -> Any:
        yield from bp.count([det])
        motor.append("moved on")

    with pytest.raises(SpoolError, match="disk is full"):
        engine(plan())
    assert not motor
    assert engine.state == "idle"
    assert kind not in [name for name, _ in endstation.documents]


def test_the_session_goes_on_once_the_disk_has_room(endstation: Any, spool: Spool) -> None:
    broken = [True]
    engine = endstation.engine(journal=lambda *doc: full() if broken[0] else spool(*doc))
    with pytest.raises(SpoolError):
        engine(bp.count([det]))
    broken[0] = False
    engine(bp.count([det]))
    assert on_disk(spool.folder) == ["start", "descriptor", "event", "stop"]


def test_a_monitored_signal_that_cannot_be_kept_fails_the_plan(endstation: Any) -> None:
    watched: Any = Signal(name="watched", value=0.0)
    axis = SynAxis(name="axis")
    kept: list[str] = []

    def journal(name: str, doc: Any) -> None:
        if name == "event" and doc["data"].get("watched") == 1.0:
            full()
        kept.append(name)

    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.monitor(watched, name="watched")
        # In a thread of its own, as Channel Access speaks.
        speaks = threading.Thread(target=watched.put, args=(1.0,))
        speaks.start()
        speaks.join()
        for place in range(100):
            yield from bps.mv(axis, place)
        yield from bps.close_run()

    with pytest.raises(SpoolError, match="disk is full"):
        endstation.engine(journal=journal)(plan())
    assert axis.position < 99


@pytest.mark.filterwarnings("ignore:A ")
def test_a_broken_table_or_plot_stops_no_measurement(endstation: Any, spool: Spool) -> None:
    engine = endstation.engine(journal=spool)
    engine.subscribe(lambda name, doc: 1 / 0)
    engine(bp.count([det], num=3))
    assert on_disk(spool.folder).count("event") == 3


def test_no_tidying_up_of_the_engine_parts_it_from_the_spool(endstation: Any, spool: Spool) -> None:
    engine = endstation.engine(journal=spool)
    engine.reset()
    engine.dispatcher.unsubscribe_all()
    engine.unsubscribe(0)
    engine(bp.count([det]))
    assert on_disk(spool.folder) == ["start", "descriptor", "event", "stop"]
