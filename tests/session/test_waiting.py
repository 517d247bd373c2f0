"""A plan waits while its documents cannot be kept, loses none, and goes on by itself."""

from __future__ import annotations

import threading
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import pytest
from bluesky.utils import RunEngineInterrupted
from ophyd import Component, Device, Signal
from ophyd.sim import SynAxis, SynSignal

from nanoterasu.records import Spool, SpoolReader, SpoolUnwritable, UnstorableKeys
from nanoterasu.session import SessionEngine

det: Any = SynSignal(name="det", func=lambda: 1.0)


class Disk:
    """The journal of an engine, on a disk that refuses until it is mended."""

    def __init__(self, spool: Spool, refuses: str) -> None:
        self.spool, self.refuses = spool, refuses
        self.tried = threading.Event()

    def record(self, name: str, doc: Any) -> None:
        if name == self.refuses:
            self.tried.set()
            raise SpoolUnwritable("the disk is full; make room")
        self.spool.record(name, doc)

    def settle(self) -> None:
        if self.refuses == "settle":
            self.tried.set()
            raise SpoolUnwritable("the disk is nearly full; make room")
        self.spool.settle()

    def mend(self) -> None:
        self.refuses = ""

    def names(self) -> list[str]:
        with SpoolReader(self.spool.folder) as reader:
            return [entry.name for entry in reader.entries()]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nanoterasu.session._write_ahead._AGAIN", 0.01)


def engine_on(endstation: Any, disk: Disk) -> SessionEngine:
    engine = SessionEngine(endstation.gate(), disk.record, settle=disk.settle)
    engine.subscribe(lambda name, doc: endstation.documents.append((name, doc)))
    return engine


def pause_while_it_waits(engine: SessionEngine, disk: Disk) -> None:
    def pause() -> None:
        assert disk.tried.wait(5)
        engine.request_pause()

    pausing = threading.Thread(target=pause)
    pausing.start()
    with pytest.raises(RunEngineInterrupted):
        engine(bp.count([det]))
    pausing.join()


@pytest.mark.parametrize("refused", ["start", "descriptor", "event", "stop", "settle"])
def test_a_plan_waits_says_so_and_goes_on(
    endstation: Any, spool: Spool, refused: str, capsys: pytest.CaptureFixture[str]
) -> None:
    disk = Disk(spool, refused)

    def mend() -> None:
        assert disk.tried.wait(5)
        disk.mend()

    mending = threading.Thread(target=mend)
    mending.start()
    engine_on(endstation, disk)(bp.count([det], num=2))
    mending.join()
    assert disk.names() == ["start", "descriptor", "event", "event", "stop"]
    assert [name for name, _ in endstation.documents] == disk.names()
    said = capsys.readouterr().out
    assert "The plan waits. the disk is" in said
    assert said.count("The plan waits.") == 1
    assert "can be written again; the plan goes on" in said


def test_who_pauses_a_plan_that_waits_loses_no_document(endstation: Any, spool: Spool) -> None:
    disk = Disk(spool, "event")
    engine = engine_on(endstation, disk)
    pause_while_it_waits(engine, disk)
    assert disk.names() == ["start", "descriptor"]
    disk.mend()
    engine.resume()
    # The event in hand, and the point that bluesky measures again after a pause.
    assert disk.names() == ["start", "descriptor", "event", "event", "stop"]


def test_who_gives_up_is_not_held(endstation: Any, spool: Spool) -> None:
    disk = Disk(spool, "settle")
    engine = engine_on(endstation, disk)
    pause_while_it_waits(engine, disk)
    engine.abort("no room")
    assert engine.state == "idle"


def test_documents_of_one_message_settle_once_and_before_the_next(
    endstation: Any, spool: Spool
) -> None:
    order: list[str] = []
    engine = SessionEngine(
        endstation.gate(),
        lambda name, doc: order.append(name),
        settle=lambda: order.append("settle"),
    )

    def plan() -> Any:
        yield from bps.open_run()
        order.append("next")
        yield from bps.trigger_and_read([det])
        order.append("next")
        yield from bps.close_run()

    engine(plan())
    assert order == [
        *("start", "settle", "next"),
        *("descriptor", "event", "settle", "next"),
        *("stop", "settle"),
    ]


class Odd(Device):
    fine: Any = Component(Signal, value=0.0)
    Fine = Component(Signal, value=0.0)


def test_a_device_that_cannot_be_stored_is_refused_before_anything_moves(
    endstation: Any, spool: Spool
) -> None:
    engine, axis = engine_on(endstation, Disk(spool, "")), SynAxis(name="axis")
    odd: Any = Odd(name="odd")
    before = axis.position
    with pytest.raises(UnstorableKeys, match="'odd_fine' and 'odd_Fine' differ in case only"):
        engine(bp.scan([odd], axis, 5, 6, 3))
    assert axis.position == before
    assert endstation.documents == []


def test_one_that_is_not_staged_is_refused_before_its_first_event(
    endstation: Any, spool: Spool
) -> None:
    disk = Disk(spool, "")

    def plan() -> Any:
        yield from bps.open_run()
        odd: Any = Odd(name="odd")
        yield from bps.trigger_and_read([odd])
        yield from bps.close_run()

    with pytest.raises(UnstorableKeys, match="Stream 'primary' cannot be recorded"):
        engine_on(endstation, disk)(plan())
    assert disk.names() == ["start", "stop"]


def test_what_a_monitored_signal_said_meanwhile_is_recorded_once_there_is_room(
    endstation: Any, spool: Spool
) -> None:
    disk, watched = Disk(spool, ""), Signal(name="watched", value=0.0)
    monitored: Any = watched

    def speak() -> None:
        disk.refuses = "event"
        watched.put(1.0)  # in a thread of its own, as Channel Access speaks
        threading.Timer(0.05, disk.mend).start()

    def plan() -> Any:
        yield from bps.open_run()
        yield from bps.monitor(monitored, name="watched")
        speaks = threading.Thread(target=speak)
        speaks.start()
        speaks.join()
        yield from bps.null()
        yield from bps.close_run()

    engine_on(endstation, disk)(plan())
    with SpoolReader(spool.folder) as reader:
        events = [e.document()["data"]["watched"] for e in reader.entries() if e.name == "event"]
    assert events == [1.0]
