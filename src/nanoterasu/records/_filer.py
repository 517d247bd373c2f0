"""The field's own writer of a run, given its rows in columns rather than one by one.

`bluesky_tiled_plugins` makes a dictionary of each event, copies and validates it, guesses the types
of columns from the first batch, and repeats an append whose answer was lost (which doubles the
rows).  Here its writer keeps what it does for runs, streams and files, and takes rows from
`Columns`; an append whose answer was lost is an error, and the run is sent anew.  What is relied
upon of its insides is pinned by a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from bluesky_tiled_plugins.utils import split_table
from bluesky_tiled_plugins.writing import tiled_writer
from bluesky_tiled_plugins.writing.tiled_writer import _RunWriter, concatenate_stream_datums
from tiled.structures.core import StructureFamily
from tiled.structures.data_source import DataSource
from tiled.structures.table import TableStructure

from ._columns import Columns

if TYPE_CHECKING:
    from tiled.client.container import Container

ROWS_AT_ONCE = 100_000  # of one request
BYTES_AT_ONCE = 16 * 2**20


def _as_it_is(value: Any) -> Any:
    return value


# It cuts whole numbers beyond 2⁵³; `metadata_of` has made of them what JSON can say.
tiled_writer.truncate_json_overflow = _as_it_is


class Filer(_RunWriter):
    """Writes one run into one container.

    Parameters
    ----------
    container
        Of the access group.
    wider
        ``(stream, data key)`` to the kind that it must take (`nanoterasu.records._columns.Wider`).
    """

    def __init__(self, container: Container, wider: Mapping[tuple[str, str], str]) -> None:
        super().__init__(container, batch_size=1, max_array_size=0)
        self._wider = wider
        self.columns: dict[str, Columns] = {}
        self.typed: set[str] = set()  # data keys whose numpy type the device declares
        self._stream_of: dict[str, str] = {}  # descriptor uid -> stream
        self._frames: dict[str, Any] = {}  # stream resource uid -> datum that waits
        self._sent: dict[str, int] = {}  # rows, by stream and key of arrays

    @property
    def waiting(self) -> int:
        """Rows and frame ranges that wait to be sent."""
        return sum(map(len, self.columns.values())) + len(self._frames)

    @property
    def full(self) -> bool:
        """Whether so much waits that it should be sent whatever its age."""
        columns = self.columns.values()
        return any(len(c) >= ROWS_AT_ONCE or c.nbytes >= BYTES_AT_ONCE for c in columns)

    def stream_of(self, descriptor: str) -> str:
        """Return the stream to which a descriptor's uid belongs."""
        return self._stream_of[descriptor]

    def descriptor(self, doc: Any) -> None:
        """Make the stream, or note its new configuration."""
        super().descriptor(doc)
        stream = doc["name"]
        self._stream_of[doc["uid"]] = stream
        if stream not in self.columns:
            wider = {key: kind for (name, key), kind in self._wider.items() if name == stream}
            # The normalizer declares every array one of numbers, where nobody has.
            keys = {
                key: about if key in self.typed else about | {"dtype_numpy": None}
                for key, about in doc["data_keys"].items()
            }
            self.columns[stream] = Columns(keys, wider)

    def event(self, doc: Any) -> None:
        """Take the row of an event."""
        self.columns[self._stream_of[doc["descriptor"]]].add(doc)

    def event_page(self, doc: Any) -> None:
        """Take the rows of a page."""
        self.columns[self._stream_of[doc["descriptor"]]].add_page(doc)

    def stream_datum(self, doc: Any) -> None:
        """Take a range of frames, joined to what waits of the same resource."""
        held = self._frames.pop(doc["stream_resource"], None)
        if held is not None:
            try:
                doc = concatenate_stream_datums(held, doc)
            except ValueError:  # they do not follow one another
                self._write_external_data(held)
        self._frames[doc["stream_resource"]] = doc

    def send(self) -> None:
        """Send what waits."""
        for stream, columns in self.columns.items():
            if len(columns):
                self._send_rows(stream, columns)
                columns.clear()
        for uid in list(self._frames):
            self._write_external_data(self._frames[uid])
            del self._frames[uid]

    def stop(self, doc: Any) -> None:
        """Send what waits, and close the run."""
        self.send()
        super().stop(doc)

    def _close_stream_tree(self) -> None:
        """Leave Tiled's own streams alone: none are kept, and each would be a request."""

    def _send_rows(self, stream: str, columns: Columns) -> None:
        node = self._desc_nodes[stream]
        whole = columns.table()
        tables = {"": whole}
        if whole.num_columns > tiled_writer.MAX_TABLE_COLUMNS:
            parts = split_table(whole, tiled_writer.MAX_TABLE_COLUMNS)
            tables = {f"_{number}": part for number, part in enumerate(parts)}
        # Made before the arrays and filled after them: a reader who finds one row finds all of it.
        clients = {suffix: self._table(stream, node, suffix, tables[suffix]) for suffix in tables}
        for key, column in columns.arrays.items():
            for some in _portions(column.values):
                self._send_array(stream, node, key, column.block(some))
        for suffix, table in tables.items():
            rows = _rows_at_once(-(-table.nbytes // table.num_rows))
            for begin in range(0, table.num_rows, rows):
                clients[suffix].append_partition(0, table.slice(begin, rows))

    def _table(self, stream: str, node: Any, suffix: str, table: Any) -> Any:
        """Return the table of a stream, made when it is first asked for."""
        name = f"{stream}{suffix}"
        if name not in self._internal_tables:
            keys = node.metadata["data_keys"]
            # PostgreSQL gives rows in any order, once some have been removed from the table.
            order = [
                column for column in self.columns[stream].order_by if column in table.schema.names
            ]
            source = DataSource(
                structure_family=StructureFamily.table,
                structure=TableStructure.from_schema(table.schema, 1),
                mimetype="application/x-tiled-sql-table",
                parameters={"order_by_args": [{"column": c, "direction": "asc"} for c in order]},
            )
            self._internal_tables[name] = node.new(
                StructureFamily.table,
                [source],
                key=f"internal{suffix}",
                metadata={key: about for key, about in keys.items() if key in table.column_names},
                specs=[],
                access_tags=self.access_tags,
            )
        return self._internal_tables[name]

    def _send_array(self, stream: str, node: Any, key: str, block: np.ndarray) -> None:
        """Make the entry of an array with its first rows, or append rows to it."""
        name = f"{stream}/{key}"
        sent = self._sent.get(name, 0)
        if sent:
            self._internal_arrays[name].patch(block, offset=(sent,), extend=True)
        else:
            metadata = node.metadata["data_keys"][key] | {"dtype_numpy": block.dtype.str}
            self._internal_arrays[name] = node.write_array(
                block,
                key=key,
                metadata=metadata,
                dims=self._internal_dims(stream, block.shape),
                access_tags=self.access_tags,
            )
        self._sent[name] = sent + len(block)


def _portions(values: list[np.ndarray]) -> list[list[np.ndarray]]:
    """Return ``values`` in lists of what one request may carry."""
    if not values:
        return []
    rows = _rows_at_once(max(value.nbytes for value in values))
    return [values[begin : begin + rows] for begin in range(0, len(values), rows)]


def _rows_at_once(size: int) -> int:
    """Return how many rows of ``size`` [bytes] one request may carry."""
    return max(1, min(ROWS_AT_ONCE, BYTES_AT_ONCE // max(1, size)))
