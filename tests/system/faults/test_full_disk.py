"""A disk that is full, or turns read-only, under a plan: it waits, and nothing is lost."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from nanoterasu.records import Spool, SpoolError

from .compare import spool_keeps
from .ending import assert_arrives
from .endstation import Endstation, Measuring

pytestmark = pytest.mark.system

PAUSE = threading.Event()  # never set
MIB = 2**20
SIZE, RESERVE = 16 * MIB, 2 * MIB


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a disk of `SIZE` on ``folder``; skip the test where this account may not."""
    folder.mkdir(parents=True, mode=0o700)
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "tmpfs", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        pytest.skip(f"a small disk cannot be mounted here: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def disk(endstation: Endstation) -> Iterator[Path]:
    """The disk of the spool."""
    with small_disk(endstation.spool) as folder:
        yield folder


def said(child: Measuring, words: str, timeout: float = 30.0) -> None:
    """Wait until the child tells a person something with these words."""
    until = time.monotonic() + timeout
    while words not in child.said():
        assert time.monotonic() < until, f"{words!r} not in {child.said()!r}"
        PAUSE.wait(0.02)


def stands_still(child: Measuring, seconds: float = 1.5) -> None:
    """Check that no document comes for a while."""
    before = len(child.acknowledged)
    PAUSE.wait(seconds)
    assert len(child.acknowledged) == before
    assert child.process.exitcode is None


def assert_each_event_is_there_once(
    endstation: Endstation, archive: Endstation, child: Measuring, rows: int, *before: Measuring
) -> None:
    child.join()
    assert child.process.exitcode == 0, child.said()
    stops = [document for name, document in child.acknowledged if name == "stop"]
    assert [stop["exit_status"] for stop in stops] == ["success"]
    numbers = [one["seq_num"] for name, one in child.acknowledged if name == "event"]
    assert numbers == list(range(1, rows + 1))
    assert_arrives(archive, [one.acknowledged for one in (*before, child)], endstation.spool)


def fill(disk: Path, leave: int) -> Path:
    """Fill the disk up to ``leave`` bytes; return the file that does."""
    ballast = disk / "ballast"
    free = shutil.disk_usage(disk).free
    with open(ballast, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free - leave))
    return ballast


@pytest.mark.parametrize("leave", [RESERVE // 2, 0], ids=["nearly full", "full"])
def test_a_plan_waits_while_the_disk_is_full_and_goes_on_when_there_is_room(
    endstation: Endstation, archive: Endstation, disk: Path, leave: int
) -> None:
    child = endstation.measure_rows(100, reserve=RESERVE)
    child.wait_for(20)
    ballast = fill(disk, leave)
    said(child, "full")
    stands_still(child)
    ballast.unlink()
    assert_each_event_is_there_once(endstation, archive, child, 100)


def test_a_plan_that_fills_the_disk_itself_waits_and_goes_on(
    endstation: Endstation, archive: Endstation, disk: Path
) -> None:
    ballast = fill(disk, 8 * MIB)
    child = endstation.measure_rows(100, reserve=RESERVE, size=200_000)
    said(child, "full")
    stands_still(child)
    assert 0 < len(child.acknowledged) < 100
    disk_in_use = shutil.disk_usage(disk)
    assert disk_in_use.free > 0, "the last of the disk was taken"
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=128m", str(disk)], check=True)
    assert_each_event_is_there_once(endstation, archive, child, 100)


def test_a_plan_waits_while_the_spool_is_read_only_and_goes_on_when_it_is_not(
    endstation: Endstation, archive: Endstation
) -> None:
    """The database refuses, for no disk turns read-only by command while it is written to."""
    child = endstation.measure_rows(100, reserve=0)
    child.wait_for(20)
    assert child.process.pid is not None
    os.kill(child.process.pid, signal.SIGUSR1)
    said(child, "cannot be written")
    stands_still(child)
    os.kill(child.process.pid, signal.SIGUSR2)
    assert_each_event_is_there_once(endstation, archive, child, 100)


def test_no_session_begins_on_a_read_only_disk(
    endstation: Endstation, archive: Endstation, disk: Path
) -> None:
    child = endstation.measure_rows(10, reserve=RESERVE)
    child.join()
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(SpoolError, match="cannot be written"):
        Spool(disk, reserve=RESERVE)
    subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
    Spool(disk, reserve=RESERVE).close()
    assert_arrives(archive, [child.acknowledged], endstation.spool)


def test_a_session_killed_while_it_waits_for_room_leaves_all_that_was_acknowledged(
    endstation: Endstation, archive: Endstation, disk: Path
) -> None:
    child = endstation.measure_rows(100, reserve=RESERVE)
    child.wait_for(20)
    ballast = fill(disk, 0)
    said(child, "full")
    child.kill()
    ballast.unlink()
    found = spool_keeps(endstation.spool, [child.acknowledged])
    assert found.clean(), found.problems
    again = endstation.measure_rows(10, reserve=RESERVE)
    assert_each_event_is_there_once(endstation, archive, again, 10, child)
