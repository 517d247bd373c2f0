"""Whether Tiled holds what the spool holds of a run: field by field, value by value, in order.

Compared are the start document, its access tags on every entry of the run, the stop document, each
descriptor, of each event and each row of an event page the sequence number, the time, every value
and every timestamp, and of external data the shape, the files and where in them the data stand.

Tiled's layout has no place for the following, which is therefore not compared: uids of events,
datums and stream datums, ``filled``, the division of rows into documents, the data keys and hints
of a stream's later descriptors (their configuration is compared), and ``object_keys``, which
become the ``object_name`` of each data key.  Metadata are JSON, as `in_json` makes them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from math import prod
from typing import TYPE_CHECKING, Any

from ._expected import Expectation, Stream
from ._stored import StoredStream
from ._values import differing, measured, metadata_differences

if TYPE_CHECKING:
    from tiled.client.container import Container

_ROWS = 20_000  # compared at once
_BYTES = 32e6  # of arrays compared at once


@dataclass(frozen=True, slots=True)
class Difference:
    """One field in which Tiled and the spool differ.

    Attributes
    ----------
    run_uid : str
        Of the run.
    sequence : int
        Number in the spool of the first document that differs there.
    where : str
        Name of the field, as ``start.scan_id`` or ``primary.i0[12]``.
    expected, found : str
        A measured number as it is; of text and of metadata only of what kind they are, so that a
        report never tells what they say.
    """

    run_uid: str
    sequence: int
    where: str
    expected: str
    found: str

    def __str__(self) -> str:
        return (
            f"document {self.sequence}, {self.where}: the spool holds {self.expected}, "
            f"Tiled {self.found}"
        )


def differences(
    run: Container | None,
    documents: Iterable[tuple[int, str, dict[str, Any]]],
    *,
    aside: Collection[int] = frozenset(),
    tags: Collection[str] | None = None,
) -> Iterator[Difference]:
    """Compare one run in Tiled with its documents.

    Parameters
    ----------
    run
        Tiled's client of the run, opened with a key that sees where its files are; None when
        Tiled has no such run.
    documents
        Sequence number, name and document, in order.
    aside
        Sequence numbers of documents that were set aside: what they hold must not be in Tiled.
    tags
        Access tags that the run must carry.  Default: those of its start document; a run that was
        moved or published carries others.

    Yields
    ------
    Difference
        At most one a field and a column of data, the first; none when Tiled holds everything.

    Raises
    ------
    httpx.HTTPError
        When Tiled does not answer.
    SpoolDamaged
        When ``documents`` does.
    """
    found = None if run is None else _Stored(run)
    expected, comparison = Expectation(), None
    for sequence, name, document in documents:
        if sequence in aside:
            continue
        if comparison is None:
            uid = document["uid"] if name == "start" else document.get("run_start", "")
            if found is None:
                yield Difference(uid, sequence, "run", "its documents", "no such run")
                return
            comparison = _Comparison(uid, found)
        try:
            stream = expected.take(sequence, name, document)
        except Exception as error:  # noqa: BLE001 - whatever a poisoned document provokes
            what = f"a document that cannot be stored ({type(error).__name__})"
            yield Difference(comparison.uid, sequence, name, what, "nothing to compare it with")
            continue
        if stream is not None and len(stream.rows) >= _at_once(stream):
            yield from comparison.rows(stream)
    if comparison is not None:
        yield from comparison.rest(expected, expected.tags if tags is None else list(tags))


class _Stored:
    """The run as Tiled holds it, each stream opened once."""

    def __init__(self, run: Container) -> None:
        # A client of runs would ask for the names of streams first, and then for each.
        self.node = getattr(run, "base", run).include_data_sources()
        self.metadata: dict[str, Any] = dict(self.node.metadata)
        self.streams: dict[str, StoredStream] = {
            name: StoredStream(node) for name, node in self.node.items()
        }


@dataclass(slots=True)
class _Comparison:
    uid: str
    stored: _Stored
    done: dict[str, int] = field(default_factory=dict)  # rows compared, by stream
    differ: set[str] = field(default_factory=set)  # columns of which the first difference is told

    def rows(self, stream: Stream) -> Iterator[Difference]:
        """Compare the rows that wait, and forget them."""
        sequences, columns = stream.rows.take()
        first, count = self.done.get(stream.name, 0), len(sequences)
        stored = self.stored.streams.get(stream.name)
        there = stored.columns | stored.arrays if stored else frozenset()
        for name, values in columns.items():
            where = f"{stream.name}.{name}"
            if stored is None or name not in there or where in self.differ:
                continue
            found = stored.rows(name, first, count)
            about = stream.data_keys.get(name, {"dtype": "number"})
            for row in differing(values[: len(found)], found, about)[:1]:
                self.differ.add(where)
                pair = measured(values[row]), measured(found[row])
                yield self._difference(sequences[row], f"{where}[{first + row}]", *pair)
        self.done[stream.name] = first + count

    def rest(self, expected: Expectation, tags: list[str]) -> Iterator[Difference]:
        """Compare the rows that are left, the metadata, the lengths and the files."""
        for name, stream in expected.streams.items():
            yield from self.rows(stream)
            stored = self.stored.streams.get(name)
            if stored is None:
                yield self._difference(stream.sequence, name, "a stream", "no such stream")
                continue
            yield from self._metadata(stream.sequence, name, stream.metadata, stored.metadata)
            yield from self._lengths(stream, stored)
            yield from self._files(stream, stored)
        for name in self.stored.streams.keys() - expected.streams.keys():
            yield self._difference(0, name, "no such stream", "a stream")
        for name, pair in {"start": expected.start, "stop": expected.stop}.items():
            sequence, document = pair or (0, None)
            found = self.stored.metadata.get(name)
            yield from self._metadata(sequence, name, document, found)
        yield from self._tags(expected.start[0] if expected.start else 0, tags)

    def _metadata(self, sequence: int, where: str, one: Any, other: Any) -> Iterator[Difference]:
        for field_, expected, found in metadata_differences(one, other, where):
            yield self._difference(sequence, field_, expected, found)

    def _lengths(self, stream: Stream, stored: StoredStream) -> Iterator[Difference]:
        """Compare which columns there are, and how many rows each has."""
        count, columns = self.done[stream.name], stream.rows.names
        told: set[int] = set()  # tables whose length is told; their columns agree
        for name in columns:
            there = name in stored.columns | stored.arrays
            found, part = (stored.length(name), stored.part(name)) if there else (0, None)
            if found != count and id(part) not in told:
                told |= {id(part)} if there else set()
                pair = f"{count} rows", f"{found} rows"
                yield self._difference(stream.sequence, f"{stream.name}.{name}", *pair)
        known = columns.keys() | stream.files.keys()
        for name in sorted((stored.columns | stored.arrays) - known):
            pair = "no rows", f"{stored.length(name)} rows"
            # A table or an array that was made before its first row is none too many.
            if stored.length(name):
                yield self._difference(stream.sequence, f"{stream.name}.{name}", *pair)

    def _files(self, stream: Stream, stored: StoredStream) -> Iterator[Difference]:
        """Compare how much external data there are, and where."""
        for key, files in stream.files.items():
            where = f"{stream.name}.{key}"
            if key not in stored.arrays:
                yield self._difference(files.sequence, where, "external data", "no such entry")
                continue
            wanted = files.consolidator.get_data_source()
            found = (stored.parts[key].data_sources() or [None])[0]
            if found is None:
                yield self._difference(files.sequence, where, "external data", "no files")
                continue
            pairs = {
                "shape": [_shape(wanted.structure), _shape(stored.parts[key].structure())],
                "mimetype": [wanted.mimetype, found.mimetype],
                "files": [[a.data_uri for a in s.assets] for s in (wanted, found)],
                "dataset": [s.parameters.get("dataset") for s in (wanted, found)],
            }
            for name, (one, other) in pairs.items():
                if one != other:
                    shown = (str(one), str(other)) if name == "shape" else ("one", "another")
                    yield self._difference(files.sequence, f"{where} {name}", *shown)

    def _tags(self, sequence: int, tags: list[str]) -> Iterator[Difference]:
        """Compare who may read the run and everything below it."""
        nodes = {"run": self.stored.node}
        for name, stored in self.stored.streams.items():
            nodes[name] = stored.node
            nodes |= {f"{name}.{key}": part for key, part in stored.parts.items()}
        for where, node in nodes.items():
            found = sorted(node.item["attributes"].get("access_tags") or [])
            if found != sorted(tags):
                pair = ", ".join(sorted(tags)) or "none", ", ".join(found) or "none"
                yield self._difference(sequence, f"{where} access tags", *pair)

    def _difference(self, sequence: int, where: str, expected: str, found: str) -> Difference:
        return Difference(self.uid, sequence, where, expected, found)


def _shape(structure: Any) -> list[int]:
    return list(getattr(structure, "shape", ()))  # opaque bytes have none


def _at_once(stream: Stream) -> int:
    """Return how many rows are compared at once, by what a row of arrays takes."""
    a_row = sum(
        8 * prod(size or 1 for size in about.get("shape") or ())
        for about in stream.data_keys.values()
        if "external" not in about
    )
    return max(1, min(_ROWS, int(_BYTES / max(1, a_row))))
