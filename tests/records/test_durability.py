"""When a document is on the disk, and who may hold a spool."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.records import Spool, SpoolBusy, SpoolReader, SpoolUnwritable, lock_holder

PAUSE = threading.Event()  # never set


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "BL13U"


@pytest.fixture
def flushes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that were brought to the disk, each time."""
    seen: list[str] = []
    real = os.fdatasync

    def fdatasync(descriptor: int) -> None:
        seen.append(Path(os.readlink(f"/proc/self/fd/{descriptor}")).name)
        real(descriptor)

    monkeypatch.setattr(os, "fdatasync", fdatasync)
    return seen


def test_each_append_waits_for_the_disk(folder: Path, flushes: list[str]) -> None:
    with Spool(folder) as spool:
        flushes.clear()
        for n in range(3):
            spool.append("start", {"uid": str(n)})
        assert flushes == ["spool.sqlite-wal"] * 3


def test_what_was_recorded_together_waits_once(folder: Path, flushes: list[str]) -> None:
    with Spool(folder) as spool:
        flushes.clear()
        for n in range(50):
            spool.record("start", {"uid": str(n)})
        with SpoolReader(folder) as reader:  # it survives this process already
            assert reader.last() == 50
        assert flushes == []
        spool.settle()
        spool.settle()
        assert flushes == ["spool.sqlite-wal"]


def test_a_window_flushes_beside_the_plan_and_within_it(folder: Path, flushes: list[str]) -> None:
    with Spool(folder, window=200.0) as spool:
        flushes.clear()
        flushed = threading.Event()
        sync = os.fdatasync

        def fdatasync(descriptor: int) -> None:
            sync(descriptor)
            flushed.set()

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(os, "fdatasync", fdatasync)
            for n in range(20):
                spool.append("start", {"uid": str(n)})
            assert len(flushes) < 20
            assert flushed.wait(5)
        spool.append("start", {"uid": "last"})
    assert flushes[-1] == "spool.sqlite-wal"  # closing leaves nothing behind


def settle_until_it_tells(spool: Spool) -> None:
    for _ in range(100):
        spool.settle()
        PAUSE.wait(0.05)


def settle_until_it_works(spool: Spool) -> bool:
    for _ in range(100):
        try:
            spool.settle()
            return True
        except SpoolUnwritable:
            PAUSE.wait(0.05)
    return False


@pytest.mark.parametrize("window", [0.0, 20.0])
def test_a_disk_that_refuses_is_told_until_it_has_taken_all(folder: Path, window: float) -> None:
    with Spool(folder, window=window) as spool, pytest.MonkeyPatch.context() as broken:
        failed = threading.Event()

        def fdatasync(descriptor: int) -> None:
            failed.set()
            raise OSError(28, "No space left on device")

        broken.setattr(os, "fdatasync", fdatasync)
        spool.record("start", {"uid": "a"})
        if window:
            assert failed.wait(5)  # beside the plan, which hears of it at its next message
        with pytest.raises(SpoolUnwritable, match=r"could not be made durable .* kept and tried"):
            settle_until_it_tells(spool)
        broken.undo()
        assert settle_until_it_works(spool)
        with SpoolReader(folder) as reader:
            assert reader.last() == 1


def test_a_disk_that_is_nearly_full_is_told_while_there_is_room(folder: Path) -> None:
    with Spool(folder, reserve=2**62) as spool:
        spool.record("start", {"uid": "a"})
        with pytest.raises(SpoolUnwritable, match=r"nearly full .* Nothing is lost; make room"):
            spool.settle()
    with SpoolReader(folder) as reader:
        assert reader.last() == 1


def test_a_database_that_cannot_be_written_now_is_one_to_try_again(folder: Path) -> None:
    with Spool(folder) as spool:
        spool._database.execute("PRAGMA query_only = ON")
        with pytest.raises(SpoolUnwritable, match="make room on the disk or mend the folder"):
            spool.record("start", {"uid": "a"})
        spool._database.execute("PRAGMA query_only = OFF")
        assert spool.append("start", {"uid": "a"}) == 1


def test_sequence_numbers_follow_one_another_whatever_the_clock_says(folder: Path) -> None:
    times = iter([100.0, 50.0, 1e9, 0.0])
    with Spool(folder) as spool, pytest.MonkeyPatch.context() as clock:
        clock.setattr("time.time", lambda: next(times))
        for n in range(4):
            spool.append("start", {"uid": str(n)})
    with SpoolReader(folder) as reader:
        assert [doc["uid"] for _, _, doc in reader.documents()] == ["0", "1", "2", "3"]
        assert [e.wall_time for e in reader.entries()] == [100.0, 50.0, 1e9, 0.0]


def test_a_document_of_a_hundred_megabytes_comes_back_exactly(folder: Path) -> None:
    body: dict[str, Any] = {"uid": "a", "frame": os.urandom(1024) * 100_000}
    with Spool(folder) as spool:
        spool.record("start", body)
    with SpoolReader(folder) as reader:
        [(_, _, found)] = reader.documents()
    assert found == body


def test_who_holds_a_lock_is_told_without_taking_it(folder: Path) -> None:
    assert lock_holder(folder / "lock") is None
    with Spool(folder):
        assert f"process {os.getpid()}" in (lock_holder(folder / "lock") or "")
    assert lock_holder(folder / "lock") is None


def test_a_session_waits_for_one_who_holds_the_spool_for_a_moment(folder: Path) -> None:
    brief = Spool(folder, purpose="briefly, to close what a dead session left open")
    threading.Timer(0.2, brief.close).start()
    with Spool(folder) as spool:
        assert spool.append("start", {"uid": "a"}) == 1
        with pytest.raises(SpoolBusy):
            Spool(folder)


def test_a_spool_of_an_earlier_version_gets_what_it_lacks(folder: Path) -> None:
    with Spool(folder) as spool:
        spool.append("start", {"uid": "a"})
    database = sqlite3.connect(folder / "spool.sqlite")
    database.execute("DROP INDEX ends_of_runs")
    database.commit()
    database.close()
    with Spool(folder), SpoolReader(folder) as reader:
        assert reader.open_runs() == ["a"]
