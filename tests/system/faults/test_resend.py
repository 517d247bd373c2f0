"""The whole spool is sent again to a Tiled that has half of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from nanoterasu.records import Spool, SpoolReader, ship, shipped

from .compare import tiled_holds
from .ending import compared
from .endstation import Endstation
from .measure import Document

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]


def part_of(folder: Path, to: Path, runs: Sequence[str], half: str) -> None:
    """Make a spool in ``to`` that has ``runs`` whole and half of the documents of one more."""
    with SpoolReader(folder) as reader, Spool(to) as spool:
        for uid in runs:
            for entry in reader.entries(run_uid=uid):
                spool.append(entry.name, entry.document())
        entries = list(reader.entries(run_uid=half))
        for entry in entries[: len(entries) // 2]:
            spool.append(entry.name, entry.document())


def test_a_tiled_that_has_half_of_a_spool_gets_the_rest_once(
    endstation: Endstation, tmp_path: Path
) -> None:
    jumps = (0.0, -3600.0, 3600.0)  # the clock is no guide to what has been sent
    child = endstation.measure(21, 4, clock_jumps=jumps)
    child.join()
    documents: list[Document] = child.acknowledged
    endstation.start("tiled")
    uri, key = endstation.home.uri(), endstation.home.key()
    with SpoolReader(endstation.spool) as reader:
        uids = list(reader.runs())
    part_of(endstation.spool, tmp_path / "part", uids[1::2], uids[0])
    ship(tmp_path / "part", uri, key, once=True)
    before = tiled_holds(endstation.spool, uri, key)
    assert before.lost > 0
    assert before.duplicated == before.reordered == 0
    for _ in range(2):
        ship(endstation.spool, uri, key, once=True)
        found = compared(endstation, [documents])
        assert found.clean(), found.problems
        assert all(shipped(endstation.spool, uid) for uid in uids)
        for notes in endstation.spool.glob("shipped.sqlite*"):
            notes.unlink()
