"""The comparison that the other tests rest on finds each kind of fault."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.records import Spool, ship

from .compare import spool_keeps, tiled_holds
from .endstation import Endstation
from .measure import Document

pytestmark = pytest.mark.system

Change = Callable[[list[Document]], None]


def forgotten(documents: list[Document]) -> None:
    del documents[6]


def twice(documents: list[Document]) -> None:
    documents.insert(6, documents[6])


def swapped(documents: list[Document]) -> None:
    documents[6], documents[7] = documents[7], documents[6]


def altered(documents: list[Document]) -> None:
    documents[6] = deepcopy(documents[6])
    documents[6][1]["data"]["det_counts"] += 1


def of_another_type(documents: list[Document]) -> None:
    documents[6] = deepcopy(documents[6])
    documents[6][1]["time"] = str(documents[6][1]["time"])


def of_another_run(documents: list[Document]) -> None:
    documents[0][1]["uid"] = "other"
    for _, document in documents[1:]:
        if "run_start" in document:
            document["run_start"] = "other"


WITH_FRAMES = 0  # a seed whose first run takes frames
FINDS: dict[Change, tuple[int, int, int, int]] = {
    forgotten: (1, 0, 0, 0),
    twice: (0, 1, 0, 0),
    swapped: (0, 0, 2, 0),
    altered: (0, 0, 0, 1),
    of_another_type: (0, 0, 0, 1),
}


def spool_of(folder: Path, documents: list[Document]) -> Path:
    with Spool(folder) as spool:
        for name, document in documents:
            spool.append(name, document)
    return folder


@pytest.fixture
def measured(endstation: Endstation) -> list[Document]:
    child = endstation.measure(6, 1)
    child.join()
    assert [name for name, _ in child.acknowledged[5:9]] == ["event"] * 4
    return child.acknowledged


def counts(found: Any) -> tuple[int, int, int, int]:
    return found.lost, found.duplicated, found.reordered, found.changed


@pytest.mark.parametrize("change", FINDS)
def test_a_spool_that_differs_from_what_was_acknowledged_is_found(
    measured: list[Document], tmp_path: Path, change: Change
) -> None:
    kept = measured.copy()
    change(kept)
    found = spool_keeps(spool_of(tmp_path / "spool", kept), [measured])
    assert counts(found) == FINDS[change]
    assert not found.clean()


def test_a_document_that_nobody_measured_is_found(measured: list[Document], tmp_path: Path) -> None:
    folder = spool_of(tmp_path / "spool", measured)
    assert spool_keeps(folder, [measured[:-1]]).clean()  # it died before it could tell of one
    assert not spool_keeps(folder, [measured[:-2]]).clean()


def test_a_tiled_that_differs_from_the_spool_is_found(
    endstation: Endstation, measured: list[Document], tmp_path: Path
) -> None:
    endstation.start("tiled")
    uri, key = endstation.home.uri(), endstation.home.key()
    ship(endstation.spool, uri, key, once=True)
    assert tiled_holds(endstation.spool, uri, key).clean()
    in_tiled = {forgotten: (0, 1, 0, 0), twice: (1, 0, 0, 0), swapped: (0, 0, 2, 0)}
    for change, counted in (in_tiled | {altered: (0, 0, 0, 1)}).items():
        spool = spool_of(tmp_path / change.__name__, _with(change, measured))
        assert counts(tiled_holds(spool, uri, key)) == counted, change
    other = spool_of(tmp_path / "other", _with(of_another_run, measured))
    assert tiled_holds(other, uri, key).lost == len(measured)


def test_frames_in_tiled_that_differ_from_those_that_were_taken_are_found(
    endstation: Endstation, tmp_path: Path
) -> None:
    child = endstation.measure(WITH_FRAMES, 1, frames=True)
    child.join()
    endstation.start("tiled")
    uri, key = endstation.home.uri(), endstation.home.key()
    ship(endstation.spool, uri, key, once=True, files=endstation.home.files.folder)
    found = tiled_holds(endstation.spool, uri, key)
    assert found.frames > 1
    assert found.clean(), found.problems
    told = [number for number, one in enumerate(child.acknowledged) if one[0] == "stream_datum"]

    def named_by_no_document(documents: list[Document]) -> None:
        del documents[told[-1]]

    def never_taken(documents: list[Document]) -> None:
        documents[told[-1]][1]["indices"]["stop"] += 3

    def of_other_values(documents: list[Document]) -> None:
        documents[0][1]["frames"] = [0, 0]

    last = child.acknowledged[told[-1]][1]["indices"]
    for change, counted in {
        named_by_no_document: (0, last["stop"] - last["start"], 0, 0),
        never_taken: (3, 0, 0, 0),
        of_other_values: (0, 0, 0, 1 + found.frames),  # the start document's too
    }.items():
        spool = spool_of(tmp_path / change.__name__, _with(change, child.acknowledged))
        assert counts(tiled_holds(spool, uri, key)) == counted, change


def _with(change: Callable[[list[Document]], object], documents: list[Document]) -> list[Document]:
    changed = deepcopy(documents)
    change(changed)
    return changed
