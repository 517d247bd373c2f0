"""Rows of one stream on their way into a table, column by column, in the types declared.

A catalog's table gets its columns once.  So a value takes the type that its descriptor declares
rather than the one that it happens to have: an integer that opens a column of numbers would shut
out every fraction after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ._array_column import ArrayColumn
from ._errors import RecordsError

if TYPE_CHECKING:
    import pyarrow

ARRIVAL = "arrival"
"""Column with the order of rows, where sequence numbers do not tell it: a plan went back."""

_INTEGERS = range(-(2**63), 2**63)
_NUMBERS = frozenset({float, int, np.float64, np.float32, np.int64, np.int32})


class Unstorable(RecordsError):
    """One document cannot be stored, whatever is done; the rest of its run can."""


class Wider(Exception):
    """A column must take more than its descriptor declares.

    Attributes
    ----------
    key : str
        Data key, or ``"seq_num"`` where rows need a column for their order.
    kind : str
        What it must take: ``"number"``, or for arrays see `ArrayColumn`.
    """

    def __init__(self, key: str, kind: str) -> None:
        super().__init__(key, kind)
        self.key = key
        self.kind = kind


class Columns:
    """What waits to be sent of one stream.

    Parameters
    ----------
    data_keys
        Of its descriptor; external ones are passed over.
    wider
        Data key to the kind that it must take, as learnt from `Wider`.
    """

    def __init__(
        self, data_keys: Mapping[str, Mapping[str, Any]], wider: Mapping[str, str]
    ) -> None:
        internal = {key: about for key, about in data_keys.items() if "external" not in about}
        self._casts: dict[str, Callable[[str, Any], Any]] = {}
        self.types: dict[str, str] = {}
        self.arrays: dict[str, ArrayColumn] = {}
        for key, about in internal.items():
            if about["dtype"] == "array":
                self.arrays[key] = ArrayColumn(about, wider.get(key))
                self._casts[key] = self._into_array
            else:
                kind = wider.get(key, about["dtype"])
                self._casts[key], self.types[key] = _SCALARS[kind]
        self._ordered = "seq_num" not in wider
        self._last, self._taken = 0, 0  # sequence number and count of rows, also of those sent
        self._external = data_keys.keys() - internal.keys()
        varying = {key: column.padded for key, column in self.arrays.items() if column.varies}
        self.lengths = {key: length_names(key, len(room)) for key, room in varying.items()}
        self._rows: dict[str, list[Any]] = {}
        self.clear()

    def __len__(self) -> int:
        """Return the number of rows that wait."""
        return len(self._rows["seq_num"])

    @property
    def nbytes(self) -> int:
        """About how much waits [bytes]."""
        arrays = sum(column.nbytes for column in self.arrays.values())
        return arrays + 16 * len(self) * len(self._rows)

    def clear(self) -> None:
        """Let go of the rows: they were sent."""
        stamps = [f"ts_{key}" for key in self._casts]
        lengths = [name for names in self.lengths.values() for name in names]
        order = () if self._ordered else (ARRIVAL,)
        names = ("seq_num", "time", *self.types, *stamps, *lengths, *order)
        self._rows = {name: [] for name in names}
        for column in self.arrays.values():
            column.clear()

    def add(self, event: Mapping[str, Any]) -> None:
        """Take an event, whole or not at all.

        Raises
        ------
        Unstorable
            When a value has no place in its column.
        Wider
            When it would have one in a wider column.
        """
        self._take(
            [event["seq_num"]],
            [event["time"]],
            {key: [value] for key, value in event["data"].items()},
            {key: [value] for key, value in event["timestamps"].items()},
        )

    def add_page(self, page: Mapping[str, Any]) -> None:
        """Take a page of events, whole or not at all; raises as `add` does."""
        self._take(page["seq_num"], page["time"], page["data"], page["timestamps"])

    def _take(
        self,
        seq_num: Sequence[Any],
        times: Sequence[Any],
        data: Mapping[str, Sequence[Any]],
        stamps: Mapping[str, Sequence[Any]],
    ) -> None:
        if unknown := data.keys() - self._casts.keys() - self._external:
            raise Unstorable(f"it has data keys that its descriptor does not name: {unknown}")
        if missing := self._casts.keys() - data.keys():
            raise Unstorable(f"it lacks the data keys {sorted(missing)}")
        rows = {"seq_num": _each(_integer, "seq_num", seq_num)}
        rows["time"] = _each(_number, "time", times)
        for key, cast in self._casts.items():
            rows[key] = _each(cast, key, data[key])
            rows[f"ts_{key}"] = _each(_number, key, stamps.get(key, [None] * len(seq_num)))
        for key, names in self.lengths.items():
            for axis, name in enumerate(names):
                rows[name] = [array.shape[axis] for array in rows[key]]
        if len({len(column) for column in rows.values()}) > 1:
            raise Unstorable("its columns differ in length")
        self._order(rows)
        for name, column in rows.items():
            if name in self.arrays:
                self.arrays[name].keep(column)
            else:
                self._rows[name].extend(column)

    def _order(self, rows: dict[str, list[Any]]) -> None:
        """Note in which order rows came, if their numbers do not say it."""
        numbers = rows["seq_num"]
        if self._ordered:
            if any(b <= a for a, b in pairwise([self._last, *numbers])):
                raise Wider("seq_num", ARRIVAL)
        else:
            rows[ARRIVAL] = list(range(self._taken, self._taken + len(numbers)))
        self._taken += len(numbers)
        self._last = numbers[-1] if numbers else self._last

    @property
    def order_by(self) -> list[str]:
        """Columns by which the table is read in the order in which rows came."""
        return ["seq_num"] if self._ordered else [ARRIVAL]

    def table(self) -> pyarrow.Table:
        """Return the columns of scalars, in the order of Tiled's own writer."""
        import pyarrow

        whole = ["seq_num", ARRIVAL, *(name for names in self.lengths.values() for name in names)]
        types = dict.fromkeys(whole, pyarrow.int64())
        types |= {key: _ARROW[kind]() for key, kind in self.types.items()}
        columns = {
            name: pyarrow.array(values, type=types.get(name, pyarrow.float64()), from_pandas=False)
            for name, values in self._rows.items()
        }
        return pyarrow.table(columns)

    def _into_array(self, key: str, value: Any) -> np.ndarray:
        column = self.arrays[key]
        array, wider = column.fit(value)
        if wider is not None:
            raise Wider(key, wider)
        if array is None:
            raise Unstorable(f"{key!r} is {column.unlike(value)}")
        return array


def length_names(key: str, dimensions: int) -> list[str]:
    """Return the columns that hold the lengths of arrays that were padded, by dimension.

    >>> length_names("wave", 1)
    ['length_wave']
    """
    if dimensions == 1:
        return [f"length_{key}"]
    return [f"length_{axis}_{key}" for axis in range(1, dimensions + 1)]


def _each(cast: Callable[[str, Any], Any], key: str, values: Any) -> list[Any]:
    if isinstance(values, np.ndarray) and cast is not Columns._into_array:
        values = values.tolist() if values.ndim == 1 else list(values)
    if cast is _integer and set(map(type, values)) == {int}:
        if min(values) in _INTEGERS and max(values) in _INTEGERS:
            return list(values)
    elif cast is _number:
        kinds = set(map(type, values))
        if kinds <= {float, type(None)}:
            return list(values)
        if kinds <= _NUMBERS:
            return np.asarray(values, dtype=float).tolist()
    return [cast(key, value) for value in values]


def _number(key: str, value: Any) -> float | None:
    if value is None:
        return None
    if isinstance(value, str | bytes) or np.ndim(value):
        raise Unstorable(f"{key!r} is declared a number and is {_shown(value)}")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise Unstorable(f"{key!r} is declared a number and is {_shown(value)}") from None


def _integer(key: str, value: Any) -> int | None:
    if isinstance(value, int | np.integer):
        if int(value) not in _INTEGERS:  # a range looks for a numpy integer item by item
            raise Unstorable(f"{key!r} is an integer of more than 64 bits")
        return int(value)
    number = _number(key, value)
    if number is None:
        return None
    if number % 1 or number != number or int(number) not in _INTEGERS:
        raise Wider(key, "number")
    return int(number)


def _boolean(key: str, value: Any) -> bool | None:
    if value is None:
        return None
    if isinstance(value, bool | np.bool_) or (np.ndim(value) == 0 and value in (0, 1)):
        return bool(value)
    raise Unstorable(f"{key!r} is declared a boolean and is {_shown(value)}")


def _string(key: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bytes) or np.ndim(value):
        raise Unstorable(f"{key!r} is declared a string and is {_shown(value)}")
    return str(value)


def _shown(value: Any) -> str:
    """Return what kind of thing ``value`` is: values are the customer's, and stay out of notes."""
    shape = f" of shape {np.shape(value)}" if np.ndim(value) else ""
    return f"a {type(value).__name__}{shape}"


_SCALARS: dict[str, tuple[Callable[[str, Any], Any], str]] = {
    "number": (_number, "number"),
    "integer": (_integer, "integer"),
    "boolean": (_boolean, "boolean"),
    "string": (_string, "string"),
}


def _arrow(name: str) -> Callable[[], Any]:
    def made() -> Any:
        import pyarrow

        return getattr(pyarrow, name)()

    return made


_ARROW = {
    "number": _arrow("float64"),
    "integer": _arrow("int64"),
    "boolean": _arrow("bool_"),
    "string": _arrow("string"),
}
