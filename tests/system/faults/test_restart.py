"""A machine that goes off in the middle of a write: its disk is read by another."""

from __future__ import annotations

import os
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

from nanoterasu.records import Spool, SpoolReader

from ..processes import freeze
from .compare import identity, same
from .ending import assert_arrives
from .endstation import TAG, Endstation, Measuring
from .measure import Document

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

DATABASE, LOG = "spool.sqlite", "spool.sqlite-wal"
FRAME, HEAD = 4096 + 24, 32  # of SQLite's log [bytes]
PAUSE = threading.Event()  # never set


@pytest.fixture
def measuring(endstation: Endstation) -> Iterator[Measuring]:
    child = endstation.measure(5, 1000)
    yield child
    child.kill()


def copy(folder: Path, to: Path, *, log_first: bool = False) -> Path:
    """Copy the files of a spool one by one, but for what is only in a machine's memory."""
    to.mkdir()
    for name in sorted((DATABASE, LOG), reverse=log_first):
        if (folder / name).exists():
            shutil.copyfile(folder / name, to / name)
    return to


def opened(folder: Path) -> list[Document]:
    """Return what a spool holds when it is opened, after another document was appended."""
    with Spool(folder) as spool, SpoolReader(folder) as reader:
        documents = [(name, document) for _, name, document in reader.documents()]
        start = {"uid": str(uuid4()), "time": time.time(), "tiled_access_tags": [TAG]}
        assert spool.append("start", start) == len(documents) + 1
        assert [one[2] for one in reader.documents(len(documents))] == [start]
    return documents


def assert_begins(documents: list[Document], part: list[Document]) -> None:
    """Check that ``part`` is the beginning of ``documents``, in order and in every value."""
    assert [identity(*one) for one in part] == [identity(*one) for one in documents[: len(part)]]
    assert all(same(one, other) for one, other in zip(part, documents, strict=False))


def machine_off(spool: Path, to: Path, child: Measuring, chance: random.Random) -> Path:
    """Copy all files as they are at one instant."""
    assert child.process.pid is not None
    freeze(child.process.pid)
    try:
        return copy(spool, to)
    finally:
        os.kill(child.process.pid, signal.SIGCONT)


def beside_the_writer(spool: Path, to: Path, child: Measuring, chance: random.Random) -> Path:
    """Copy file by file while it is written; a reader keeps the log from being folded back."""
    with closing(sqlite3.connect(spool / DATABASE, isolation_level=None)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM document").fetchone()
        return copy(spool, to, log_first=chance.random() < 0.5)


@pytest.mark.parametrize("way", [machine_off, beside_the_writer])
def test_a_copy_made_in_the_middle_of_a_write_has_all_that_was_acknowledged(
    endstation: Endstation,
    archive: Endstation,
    measuring: Measuring,
    tmp_path: Path,
    way: Callable[..., Path],
) -> None:
    chance = random.Random(5)
    copies: list[tuple[int, Path]] = []
    for number in range(20):
        measuring.wait_for(len(measuring.acknowledged) + chance.randrange(1, 12))
        PAUSE.wait(chance.uniform(0.0, 0.005))
        promised = len(measuring.acknowledged)
        folder = way(endstation.spool, tmp_path / f"copy-{number}", measuring, chance)
        copies.append((promised, folder))
    measuring.kill()
    for promised, folder in copies:
        documents = opened(folder)
        assert promised <= len(documents)
        assert_begins(whole(endstation.spool), documents)
    _, sent = copies[3]  # one with few runs, for each costs Tiled a second
    assert_arrives(archive, [whole(sent)], sent)


def whole(folder: Path) -> list[Document]:
    with SpoolReader(folder) as reader:
        return [(name, document) for _, name, document in reader.documents()]


@pytest.fixture
def torn(endstation: Endstation, tmp_path: Path) -> tuple[Path, list[Document]]:
    """The files that a killed session left, and all that is in them."""
    child = endstation.measure(6, 1000)
    child.wait_for(60)
    child.kill()
    left = copy(endstation.spool, tmp_path / "left")
    # All of it is in the log yet, so that each place is one where a disk may have stopped.
    assert 60 * FRAME < (left / LOG).stat().st_size < 1000 * FRAME
    return left, whole(endstation.spool)


def test_a_log_cut_anywhere_opens_with_what_came_before(
    archive: Endstation, torn: tuple[Path, list[Document]], tmp_path: Path
) -> None:
    left, all_of_it = torn
    chance, size = random.Random(6), (left / LOG).stat().st_size
    frames = chance.sample(range((size - HEAD) // FRAME), 15)
    cuts = {HEAD + frame * FRAME + aside for frame in frames for aside in (-1, 0, 1, 24)}
    cuts |= {chance.randrange(size) for _ in range(30)} | {0, 1, HEAD - 1, HEAD, size}
    found = {}
    sent = next(cut for cut in sorted(cuts) if cut > size // 3)
    for cut in sorted(one for one in cuts if one >= 0):
        folder = copy(left, tmp_path / f"cut-{cut}")
        os.truncate(folder / LOG, cut)
        documents = opened(folder)
        assert_begins(all_of_it, documents)
        found[cut] = len(documents)
        if cut == sent:
            assert_arrives(archive, [documents], folder)
        shutil.rmtree(folder)
    assert list(found.values()) == sorted(found.values())  # the longer the log, the more
    assert found[size] == len(all_of_it)
    assert len(set(found.values())) > 10


def test_a_log_whose_end_is_garbage_opens_with_what_came_before(
    archive: Endstation, torn: tuple[Path, list[Document]], tmp_path: Path
) -> None:
    left, all_of_it = torn
    chance, size = random.Random(7), (left / LOG).stat().st_size
    for number in range(30):
        folder = copy(left, tmp_path / f"garbage-{number}")
        bad = chance.randrange(1, 4 * FRAME)
        with open(folder / LOG, "r+b") as log:
            log.seek(size - bad)
            log.write(chance.randbytes(bad + chance.choice((0, 100, FRAME))))
        documents = opened(folder)
        assert_begins(all_of_it, documents)
        assert len(all_of_it) - 6 <= len(documents) < len(all_of_it)
        if number == 0:
            assert_arrives(archive, [documents], folder)
        shutil.rmtree(folder)
