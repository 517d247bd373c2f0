"""What the documents of a run must have become in Tiled, in the layout of the field's writer.

The writer brings documents up to the latest schema first, with the field's `RunNormalizer`: it adds
``dtype_numpy``, puts ``object_keys`` into the data keys, renames a data key called ``time`` or
``seq_num`` and makes stream resources of old resources.  The same code does it here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ._in_json import in_json, metadata_of

_NOT_KEPT = frozenset({"name", "object_keys", "run_start"})  # of a descriptor
_RENAMED = {"time": "time_", "seq_num": "seq_num_"}


def without_tags(start: Mapping[str, Any]) -> dict[str, Any]:
    """Return a start document as Tiled keeps it: in JSON, without what became tags and specs."""
    kept = {k: v for k, v in start.items() if k not in ("tiled_access_tags", "tiled_specs")}
    return in_json(kept)


@dataclass(slots=True)
class Files:
    """What one external data key must refer to.

    Attributes
    ----------
    consolidator
        The field's own reckoning of shape and files, one of its ``Consolidator`` classes.
    sequence
        Of the first document.
    """

    consolidator: Any
    sequence: int


class Rows:
    """Rows of a stream that wait to be compared.

    Attributes
    ----------
    names : dict
        Columns of all rows so far, in order: ``seq_num``, ``time``, data keys and ``ts_<key>``.
    """

    def __init__(self) -> None:
        self.names: dict[str, None] = {}
        self._sequences: list[int] = []
        self._columns: dict[str, list[Any]] = {}
        self._events: list[dict[str, Any]] = []

    def __len__(self) -> int:
        return len(self._sequences)

    def add_event(self, sequence: int, event: dict[str, Any]) -> None:
        """Add one row."""
        if missing := {"seq_num", "time", "data", "timestamps"} - event.keys():
            raise KeyError(f"an event without {', '.join(sorted(missing))}")
        self._sequences.append(sequence)
        self._events.append(event)

    def add_page(self, sequence: int, page: dict[str, Any]) -> None:
        """Add the rows of one page."""
        self._settle()
        self._sequences.extend([sequence] * len(page["seq_num"]))
        self._extend({k: _listed(v) for k, v in _named(page, page["data"], page["timestamps"])})

    def take(self) -> tuple[list[int], dict[str, list[Any]]]:
        """Return the number of the document of each row, and the columns; and forget them."""
        self._settle()
        taken = self._sequences, self._columns
        self._sequences, self._columns = [], {}
        return taken

    def _settle(self) -> None:
        """Turn events, which come one by one, into columns all at once."""
        events, self._events = self._events, []
        if not events:
            return
        keys = events[0]["data"].keys()
        if any(event["data"].keys() != keys for event in events):
            keys = dict.fromkeys(key for event in events for key in event["data"])
        data = {key: [event["data"].get(key) for event in events] for key in keys}
        stamps = {key: [event["timestamps"].get(key) for event in events] for key in keys}
        rows = {name: [event[name] for event in events] for name in ("seq_num", "time")}
        self._extend(dict(_named(rows, data, stamps)))

    def _extend(self, columns: Mapping[str, list[Any]]) -> None:
        after = len(self._sequences)
        before = after - len(columns["seq_num"])
        self.names |= dict.fromkeys(columns)
        for name in self.names:
            column = self._columns.setdefault(name, [])
            column.extend([None] * (before - len(column)))
            column.extend(columns.get(name, [None] * (after - before)))


def _named(
    rows: Mapping[str, Any], data: Mapping[str, Any], stamps: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the columns under the names that they have in Tiled."""
    yield "seq_num", rows["seq_num"]
    yield "time", rows["time"]
    for key, values in data.items():
        name = str(_RENAMED.get(key, key))
        yield name, values
        yield f"ts_{name}", stamps[key]


@dataclass(slots=True)
class Stream:
    """What the documents say of one stream.

    Attributes
    ----------
    name : str
        Such as ``"primary"``.
    sequence : int
        Number of its first descriptor.
    metadata : dict
        That its container must carry, configuration updates included.
    rows : Rows
        Not yet compared.
    files : dict
        By external data key.
    external : frozenset of str
        Data keys whose values stand in files.
    """

    name: str
    sequence: int
    metadata: dict[str, Any]
    rows: Rows = field(default_factory=Rows)
    files: dict[str, Files] = field(default_factory=dict)
    external: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.external = frozenset(k for k, v in self.data_keys.items() if "external" in v)

    @property
    def data_keys(self) -> dict[str, Any]:
        """Data keys, in the latest schema."""
        return self.metadata["data_keys"]


class Expectation:
    """Takes the documents of one run in order, and says what Tiled must hold."""

    def __init__(self) -> None:
        from bluesky_tiled_plugins.writing.tiled_writer import RunNormalizer

        self.start: tuple[int, dict[str, Any]] | None = None
        self.stop: tuple[int, dict[str, Any]] | None = None
        self.tags: list[str] = []
        self.streams: dict[str, Stream] = {}
        self._stream_of: dict[str, Stream] = {}  # by descriptor
        self._resources: dict[str, dict[str, Any]] = {}
        self._used: set[str] = set()  # resources to which a datum has referred
        self._sequence = 0
        self._normalizer: Any = RunNormalizer()
        self._normalizer.subscribe(self._normalised)

    def take(self, sequence: int, name: str, document: dict[str, Any]) -> Stream | None:
        """Take one document; return the stream to which it added rows."""
        self._sequence = sequence
        if name == "start":
            self.start = sequence, without_tags(document)
            self.tags = list(document.get("tiled_access_tags") or [])
        elif name == "stop":
            self.stop = sequence, in_json(document)
            self._normalizer.stop(in_json(document))
        elif name in ("event", "event_page"):
            return self._rows(sequence, name, document)
        elif name == "stream_datum":
            self._stream_datum(document)
        else:
            getattr(self._normalizer, name)(metadata_of(name, document))
        return None

    def _rows(self, sequence: int, name: str, document: dict[str, Any]) -> Stream:
        stream = self._stream_of[document["descriptor"]]
        data, filled = document["data"], document.get("filled") or {}
        elsewhere = {k for k in stream.external if k in data and not _is_filled(filled.get(k))}
        if elsewhere:
            self._refer(name, document, elsewhere)
            document = document | {"data": {k: v for k, v in data.items() if k not in elsewhere}}
        if name == "event":
            stream.rows.add_event(sequence, document)
        else:
            stream.rows.add_page(sequence, document)
        return stream

    def _refer(self, name: str, document: dict[str, Any], keys: set[str]) -> None:
        """Let the field's code find out to which frames the events refer."""
        part: dict[str, Any] = {k: document[k] for k in ("uid", "descriptor", "seq_num", "time")}
        for about in ("data", "timestamps"):
            part[about] = {key: in_json(document[about][key]) for key in keys}
        getattr(self._normalizer, name)(part | {"filled": {}})

    def _normalised(self, name: str, document: dict[str, Any]) -> None:
        if name == "descriptor":
            self._descriptor(document)
        elif name == "stream_resource":
            self._resources[document["uid"]] = document
        elif name == "stream_datum":
            self._stream_datum(document)

    def _descriptor(self, document: dict[str, Any]) -> None:
        known = self.streams.get(document["name"])
        if known is None:
            kept = {k: v for k, v in document.items() if k not in _NOT_KEPT}
            known = Stream(document["name"], self._sequence, kept)
            self.streams[document["name"]] = known
        else:
            update: dict[str, Any] = {key: document[key] for key in ("uid", "time")}
            if configuration := document.get("configuration"):
                update["configuration"] = configuration
            known.metadata.setdefault("_config_updates", []).append(update)
        self._stream_of[document["uid"]] = known

    def _stream_datum(self, document: dict[str, Any]) -> None:
        from bluesky_tiled_plugins.writing.consolidators import consolidator_factory

        stream = self._stream_of[document["descriptor"]]
        resource = self._resources[document["stream_resource"]]
        key = resource["data_key"]
        files = stream.files.get(key)
        if files is None:
            made = consolidator_factory(resource, stream.metadata)
            files = stream.files[key] = Files(made, self._sequence)
        elif resource["uid"] not in self._used:
            files.consolidator.update_from_stream_resource(resource)
        self._used.add(resource["uid"])
        files.consolidator.consume_stream_datum(document)


def _is_filled(filled: Any) -> bool:
    """Return whether external data stand in the events themselves; the first tells of a page."""
    return bool(filled[0]) if isinstance(filled, list) and filled else filled is True


def _listed(column: Any) -> list[Any]:
    """Return a page's column as a list of rows."""
    if not hasattr(column, "dtype"):
        return list(column)
    return column.tolist() if column.ndim == 1 else list(column)
