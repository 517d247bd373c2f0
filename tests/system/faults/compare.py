"""What was acknowledged against the spool, and the spool against Tiled: value by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from nanoterasu.records import SpoolReader

from . import frames
from .measure import Document
from .tiled_http import Tiled


@dataclass(slots=True)
class Found:
    """Counts of what was compared, and what was not as it must be."""

    documents: int = 0
    lost: int = 0
    duplicated: int = 0
    reordered: int = 0
    changed: int = 0
    unverified: int = 0
    frames: int = 0
    problems: list[str] = field(default_factory=list)

    def __add__(self, other: Found) -> Found:
        return Found(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    def note(self, kind: str, count: int, what: str) -> None:
        """Count a problem, if it is one."""
        if count:
            setattr(self, kind, getattr(self, kind) + count)
            self.problems.append(f"{count} {kind}: {what}")

    def sequence(self, expected: Sequence[Any], there: Sequence[Any], what: str) -> None:
        """Count how ``there`` differs from ``expected`` as an ordered list."""
        missing, more = Counter(expected) - Counter(there), Counter(there) - Counter(expected)
        self.note("lost", missing.total(), f"{what}, {list(missing)[:5]}")
        self.note("duplicated", more.total(), f"{what}, {list(more)[:5]}")
        if not missing and not more:
            moved = sum(a != b for a, b in zip(expected, there, strict=True))
            self.note("reordered", moved, what)

    def clean(self) -> bool:
        """Whether nothing is wrong."""
        wrong = (self.lost, self.duplicated, self.reordered, self.changed, self.unverified)
        return not any(wrong)


def spool_keeps(folder: Path, children: Iterable[Sequence[Document]]) -> Found:
    """Compare what each child was told to be durable with what the spool in ``folder`` holds.

    One document of each child may be there without a word: it died between the two.  So may the
    stop documents by which the runs of the dead are closed.
    """
    found = Found()
    acknowledged = [document for child in children for document in child]
    with SpoolReader(folder) as reader:
        kept = [(name, document) for _, name, document in reader.documents()]
    found.documents = len(kept)
    by_identity = {identity(*document): document for document in kept}
    promised = [identity(*document) for document in acknowledged]
    known = set(promised)
    there = [identity(*document) for document in kept]
    found.sequence(promised, [one for one in there if one in known], "documents of the spool")
    unspoken = [one for one in kept if identity(*one) not in known and not _closing(*one)]
    children_that_ended = len(list(children))
    found.note(
        "duplicated",
        max(0, len(unspoken) - children_that_ended),
        f"of {len(unspoken)} documents of the spool that nobody was told of",
    )
    for document in acknowledged:
        other = by_identity.get(identity(*document), document)
        found.note("changed", int(not same(document, other)), f"{identity(*document)} in the spool")
    return found


def tiled_holds(folder: Path, uri: str, key: str) -> Found:
    """Compare rows, values, frames and ends of all runs in Tiled with the spool ``folder``."""
    found = Found()
    with SpoolReader(folder) as reader:
        runs = {
            uid: [(entry.name, entry.document()) for entry in reader.entries(run_uid=uid)]
            for uid in reader.runs()
        }
    tags = {documents[0][1]["tiled_access_tags"][0] for documents in runs.values()}
    with Tiled(uri, key) as tiled:
        there = {uid: about for tag in tags for uid, about in tiled.runs(tag).items()}
        for documents in runs.values():
            found += _compare_run(tiled, there, documents)
    return found


def identity(name: str, document: Mapping[str, Any]) -> tuple[str, str]:
    """Return what tells a document from every other."""
    uid = document["datum_id"] if name == "datum" else document["uid"]
    return name, uid[0] if isinstance(uid, list) else uid


def same(a: Any, b: Any) -> bool:
    """Return whether two values agree in every bit and type."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return (
            type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))  # lengths agree
        )
    if isinstance(a, np.ndarray | np.generic):
        return type(a) is type(b) and a.dtype == b.dtype and a.tobytes() == b.tobytes()
    return type(a) is type(b) and (a == b or (a != a and b != b))


def _closing(name: str, document: Mapping[str, Any]) -> bool:
    return name == "stop" and document.get("abandoned") is True


def _compare_run(
    tiled: Tiled, there: Mapping[str, Mapping[str, Any]], documents: Sequence[Document]
) -> Found:
    """Compare one run in Tiled with its documents."""
    found = Found()
    start = documents[0][1]
    where = f"run {start['uid']} of round {start.get('round')}"
    if (about := there.get(start["uid"])) is None:
        found.note("lost", len(documents), f"{where} is not there")
        return found
    for key in start.keys() - {"tiled_access_tags"}:
        changed = not _alike(start[key], about["start"].get(key))
        found.note("changed", int(changed), f"{where}: {key} of its start")
    its_stop, (last, stop) = about.get("stop"), documents[-1]
    if (its_stop is None) != (last != "stop"):
        found.note("lost" if its_stop is None else "duplicated", 1, f"{where}: its stop")
    elif its_stop is not None:
        found.note("changed", int(not _alike(stop, its_stop)), f"{where}: its stop")
    path = f"{start['tiled_access_tags'][0]}/{start['uid']}"
    for name, document in documents:
        if name == "descriptor":
            found += _compare_stream(tiled, path, document, rows(document, documents), where)
    for place, numbers, written in frames.told(documents):
        found += _compare_frames(tiled, f"{path}/{place}", numbers, written, where)
    return found


def rows(descriptor: Mapping[str, Any], documents: Iterable[Document]) -> list[dict[str, Any]]:
    """Return the events of a stream, each a mapping of columns, pages taken apart."""
    found = []
    for name, document in documents:
        if name == "event" and document["descriptor"] == descriptor["uid"]:
            found.append(_row(document))
        elif name == "event_page" and document["descriptor"] == descriptor["uid"]:
            for n, (seq_num, time_) in enumerate(
                zip(document["seq_num"], document["time"], strict=True)
            ):
                parts = {
                    part: {key: values[n] for key, values in document[part].items()}
                    for part in ("data", "timestamps")
                }
                found.append(_row({"seq_num": seq_num, "time": time_, **parts}))
    return found


def _row(event: Mapping[str, Any]) -> dict[str, Any]:
    stamps = {f"ts_{key}": stamp for key, stamp in event["timestamps"].items()}
    return {"seq_num": event["seq_num"], "time": event["time"], **event["data"], **stamps}


def _compare_stream(
    tiled: Tiled,
    path: str,
    descriptor: Mapping[str, Any],
    expected: list[dict[str, Any]],
    where: str,
) -> Found:
    found, name = Found(documents=len(expected)), descriptor["name"]
    path, where = f"{path}/{name}", f"{where}, stream {name}"
    if not expected:
        return found
    try:
        table = tiled.table(f"{path}/internal")
        found.sequence([row["seq_num"] for row in expected], table["seq_num"].tolist(), where)
        if not found.clean():
            return found
        for column in expected[0]:
            values = [row[column] for row in expected]
            if isinstance(values[0], np.ndarray):
                there = tiled.array(f"{path}/{column}", np.array(values))
            else:
                there = table[column].to_numpy()
            agrees = len(there) == len(values) and all(map(_alike, values, there))
            found.note("changed", int(not agrees), f"{where}: {column}")
    except KeyError as missing:
        found.note("lost", len(expected), f"{where}: {missing} is not there")
    return found


def _compare_frames(
    tiled: Tiled, path: str, numbers: list[int], written: np.ndarray, where: str
) -> Found:
    """Compare the frames of a file with those that documents name: no fewer, and no more."""
    found, where = Found(frames=len(numbers)), f"{where}, frames {path}"
    found.sequence(list(range(len(numbers))), numbers, f"{where}: as the spool numbers them")
    try:
        there = tiled.array(path, written)
    except KeyError as missing:
        found.note("lost", len(numbers), f"{where}: {missing} is not there")
        return found
    found.sequence(numbers, list(range(len(there))), where)
    both = min(len(written), len(there))
    found.note("changed", int((written[:both] != there[:both]).any((1, 2)).sum()), where)
    return found


def _alike(sent: Any, there: Any) -> bool:
    """Return whether a value came through JSON, or a typed column, as what it was."""
    if isinstance(sent, Mapping):
        return sent.keys() == there.keys() and all(_alike(sent[k], there[k]) for k in sent)
    if isinstance(sent, list | tuple):
        return len(sent) == len(there) and all(map(_alike, sent, there))
    if isinstance(sent, np.ndarray):
        return bool(np.array_equal(sent, there))
    return bool(sent == there) or (sent != sent and there != there)
