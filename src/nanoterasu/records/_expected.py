"""What the documents of a run must have become in Tiled, in the layout of the field's writer.

The writer brings documents up to the latest schema first, with the field's `RunNormalizer`: it adds
``dtype_numpy``, puts ``object_keys`` into the data keys, renames a data key called ``time`` or
``seq_num`` and makes stream resources of old resources.  The same code does it here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ._values import metadata_form
from ._writer import plain

_NOT_KEPT = frozenset({"name", "object_keys", "run_start"})  # of a descriptor
_RENAMED = {"time": "time_", "seq_num": "seq_num_"}


def without_tags(start: Mapping[str, Any]) -> dict[str, Any]:
    """Return a start document as Tiled keeps it: in JSON, without what became tags and specs."""
    kept = {k: v for k, v in start.items() if k not in ("tiled_access_tags", "tiled_specs")}
    return _truncated(kept)


def _truncated(value: Any) -> Any:
    """Return metadata with what JSON cannot hold cut off, as the writer does."""
    from bluesky_tiled_plugins.utils import truncate_json_overflow

    return metadata_form(truncate_json_overflow(plain(value)))


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


@dataclass(slots=True)
class Rows:
    """Rows of a stream that wait to be compared, by column.

    Attributes
    ----------
    sequences
        Number of the document of each row.
    columns
        ``seq_num``, ``time``, the data keys and ``ts_<key>``.
    """

    sequences: list[int] = field(default_factory=list)
    columns: dict[str, list[Any]] = field(default_factory=dict)

    def add(self, sequence: int, columns: Mapping[str, Any], count: int) -> None:
        """Add ``count`` rows of one document."""
        before = len(self.sequences)
        self.sequences.extend([sequence] * count)
        for name in columns:
            self.columns.setdefault(name, [None] * before)
        for name, column in self.columns.items():
            column.extend(columns.get(name, [None] * count))


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
            self.stop = sequence, metadata_form(document)
            self._normalizer.stop(plain(document))
        elif name in ("event", "event_page"):
            return self._rows(sequence, name, document)
        elif name == "stream_datum":
            self._stream_datum(document)
        else:
            getattr(self._normalizer, name)(plain(document))
        return None

    def _rows(self, sequence: int, name: str, document: dict[str, Any]) -> Stream:
        stream = self._stream_of[document["descriptor"]]
        data, filled = document["data"], document.get("filled") or {}
        elsewhere = {k for k in stream.external if k in data and not _is_filled(filled.get(k))}
        if elsewhere:
            self._refer(name, document, elsewhere)
        one = name == "event"
        columns: dict[str, Any] = {"seq_num": document["seq_num"], "time": document["time"]}
        for key, value in data.items():
            if key not in elsewhere:
                kept = str(_RENAMED.get(key, key))
                columns[kept] = value
                columns[f"ts_{kept}"] = document["timestamps"][key]
        count = 1 if one else len(document["seq_num"])
        columns = {key: [value] if one else _listed(value) for key, value in columns.items()}
        stream.rows.add(sequence, columns, count)
        return stream

    def _refer(self, name: str, document: dict[str, Any], keys: set[str]) -> None:
        """Let the field's code find out to which frames the events refer."""
        part: dict[str, Any] = {k: document[k] for k in ("uid", "descriptor", "seq_num", "time")}
        for about in ("data", "timestamps"):
            part[about] = {key: plain(document[about][key]) for key in keys}
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
            known = Stream(document["name"], self._sequence, _truncated(kept))
            self.streams[document["name"]] = known
        else:
            update = {key: document[key] for key in ("uid", "time")}
            if configuration := document.get("configuration"):
                update["configuration"] = configuration
            known.metadata.setdefault("_config_updates", []).append(_truncated(update))
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
