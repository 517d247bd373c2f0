"""One run on its way into one Tiled container, through the field's own `TiledWriter`.

Two of its habits are changed, from outside and pinned by tests: rows are handed over when they are
old enough rather than when they are many, and an append whose answer was lost is not repeated (that
would double the rows) but raised, so that the run is sent anew.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ._errors import RecordsError
from ._own_file import own_file

if TYPE_CHECKING:
    from tiled.client.container import Container

_MOST_ROWS = 2000  # held in memory at once


class RunWriter:
    """Callable with ``(name, document)`` for the documents of one run, in order.

    Parameters
    ----------
    container
        Client of the access group's container.
    files
        Folder of large data; without it no file is brought in.
    """

    def __init__(self, container: Container, files: str | os.PathLike[str] | None = None) -> None:
        from bluesky_tiled_plugins import TiledWriter
        from bluesky_tiled_plugins.writing.tiled_writer import RunNormalizer
        from event_model import DocumentNames

        outer = self
        self._files = files
        self._start: Mapping[str, Any] = {}
        self._inner: Any = None
        self.pending = 0

        class Normalizer(RunNormalizer):
            """Learns of the writer that stands behind it."""

            def subscribe(self, func: Any, name: str = "all") -> Any:
                outer._inner = func
                func._append_with_retry = _append_once
                return super().subscribe(func, name)

            def emit(self, name: Any, doc: Any) -> None:
                """Let no file pass but the run's own, also when it comes by an old document."""
                if name == DocumentNames.stream_resource:
                    outer.check_file(doc)
                super().emit(name, doc)  # pyright: ignore[reportArgumentType]

        types = _DeclaredTypes()
        self._writer = TiledWriter(
            container,
            normalizer=Normalizer,
            patches={"descriptor": types.descriptor, "event": types.event},
            batch_size=_MOST_ROWS,
            max_array_size=0,
        )

    def __call__(self, name: str, document: Mapping[str, Any]) -> None:
        """Take the next document; rows may wait for `flush`."""
        if name == "start":
            self._start = document
        self._writer(name, plain(document))
        if name in ("event", "stream_datum"):
            self.pending += 1
        elif name == "event_page":
            self.pending += len(document["seq_num"])
        elif name == "stop":
            self.pending = 0

    def flush(self) -> None:
        """Send the rows that wait."""
        for stream, rows in self._inner._internal_data_cache.items():
            if rows:
                self._inner._write_internal_data(rows, desc_node=self._inner._desc_nodes[stream])
                rows.clear()
        frames = self._inner._external_data_cache
        for uid in list(frames):
            self._inner._write_external_data(frames.pop(uid))
        self.pending = 0

    def check_file(self, resource: Mapping[str, Any]) -> None:
        """Refuse a file that is not the run's own."""
        if self._files is None:
            raise RecordsError("it brings in a file, and this shipper knows no folder for files")
        own_file(self._files, self._start, resource)


class _DeclaredTypes:
    """Give each value the type that its descriptor declares.

    Columns get their type from the first rows: an integer that opens a column of numbers would
    otherwise shut out every fraction after it.
    """

    def __init__(self) -> None:
        self._casts: dict[str, dict[str, type]] = {}

    def descriptor(self, document: dict[str, Any]) -> dict[str, Any]:
        kinds = {"number": float, "string": str}
        self._casts[document["uid"]] = {
            key: kinds[about["dtype"]]
            for key, about in document["data_keys"].items()
            if about["dtype"] in kinds and "external" not in about
        }
        return document

    def event(self, document: dict[str, Any]) -> dict[str, Any]:
        data = document["data"]
        for key, cast in self._casts.get(document["descriptor"], {}).items():
            if data.get(key) is not None:
                data[key] = cast(data[key])
        document["timestamps"] = {k: float(v) for k, v in document["timestamps"].items()}
        return document


def plain(value: Any) -> Any:
    """Return ``value`` in the types of JSON, but for arrays of two and more dimensions."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, np.ndarray):
        return value if value.ndim > 1 else plain(value.tolist())
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, complex):
        return [value.real, value.imag]
    return value


def _append_once(table: Any, rows: Any, stream: str) -> None:
    """Append ``rows`` to a Tiled table, once."""
    table.append_partition(0, rows)
