"""What Tiled holds of one stream, by column and a slice at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ._columns import ARRIVAL, length_names

if TYPE_CHECKING:
    from tiled.client.container import Container

_ANSWER = 64e6  # bytes of a table in one answer; Tiled refuses 300 MB
_VALUE = 8  # bytes, of a number


class StoredStream:
    """The rows of a stream, read when they are first asked for.

    The columns of its tables are read whole, some at a time, and kept; arrays are read in slices.

    Parameters
    ----------
    node
        Tiled's client of the stream's container.
    """

    def __init__(self, node: Container) -> None:
        self.node = getattr(node, "base", node)
        self.metadata: dict[str, Any] = dict(self.node.metadata)
        self.parts: dict[str, Any] = dict(self.node.items())
        self._table_of = {
            column: part
            for part in self.parts.values()
            if _family(part) == "table"
            for column in part.structure().columns
        }
        self._columns: dict[str, np.ndarray] = {}
        self._lengths = self._of_padded()

    def _of_padded(self) -> dict[str, list[str]]:
        """Return the columns of lengths of each array that was padded."""
        keys, found = self.metadata.get("data_keys", {}), {}
        for key in self.arrays & keys.keys():
            names = length_names(key, len(self.parts[key].structure().shape) - 1)
            if all(name in self._table_of and name not in keys for name in names):
                found[key] = names
        return found

    @property
    def columns(self) -> frozenset[str]:
        """Names of the columns of its tables."""
        lengths = (name for names in self._lengths.values() for name in names)
        return frozenset(self._table_of) - {*lengths, ARRIVAL}

    @property
    def arrays(self) -> frozenset[str]:
        """Names of its arrays, those in files among them."""
        return frozenset(k for k, part in self.parts.items() if _family(part) != "table")

    def one_of_each(self) -> tuple[str, ...]:
        """Return the name of one column of each table, and of each array."""
        tables = {id(part): column for column, part in reversed(list(self._table_of.items()))}
        return (*tables.values(), *self.arrays)

    def dims(self, name: str) -> tuple[str, ...]:
        """Return the names of an array's dimensions, the rows' first."""
        if name in self._table_of:
            return ("time",)
        structure = self.parts[name].structure()
        return tuple(structure.dims or (f"{name}_{axis}" for axis in range(len(structure.shape))))

    def part(self, name: str) -> Any:
        """Return Tiled's client of the table that holds a column, or of an array."""
        return self._table_of.get(name, self.parts.get(name))

    def length(self, name: str) -> int:
        """Return the number of rows of a column or an array."""
        if name in self._table_of:
            return len(self._column(name, 0))
        return int(self.parts[name].structure().shape[0])

    def rows(self, name: str, first: int, count: int) -> np.ndarray:
        """Return up to ``count`` rows from ``first`` on.

        Returns
        -------
        (count, …) array
            Shorter where there are fewer; of objects where rows differ in length.
        """
        if name in self._table_of:
            return self._column(name, first + count)[first : first + count]
        part = self.parts[name]
        last = min(first + count, self.length(name))
        if first >= last:
            return np.empty(0)
        found = np.asarray(part[first:last])
        if name not in self._lengths:
            return found
        lengths = [self._column(each, last)[first:last] for each in self._lengths[name]]
        rows = np.empty(last - first, object)
        for number, shape in enumerate(zip(*lengths, strict=True)):
            rows[number] = found[number][tuple(map(slice, shape))].tolist()
        return rows

    def _column(self, name: str, likely: int) -> np.ndarray:
        """Return a column of about ``likely`` rows, and keep those that came with it."""
        if name not in self._columns:
            table, names = self._table_of[name], [name]
            others = [c for c in table.structure().columns if c not in {name, *self._columns}]
            rows = next((len(column) for column in self._columns.values()), likely)
            if rows:  # known or told: so many columns go at once
                names += others[: int(_ANSWER / _VALUE / rows)]
            for column, values in table.read(names).items():
                self._columns[str(column)] = _plain_array(values)
        return self._columns[name]


def _family(part: Any) -> str:
    return part.item["attributes"]["structure_family"]


def _plain_array(values: Any) -> np.ndarray:
    """Return a pandas column as numpy's: strings as objects, what lacks as None or NaN."""
    if values.dtype.kind in "biuf" and isinstance(values.dtype, np.dtype):
        return values.to_numpy()
    rows = np.empty(len(values), object)
    rows[:] = values.astype(object).where(values.notna(), None).tolist()
    return rows
