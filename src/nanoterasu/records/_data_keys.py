"""Whether what a device describes can be stored: asked before a plan moves anything.

A catalog keeps the values of a stream as columns of a table, on SQLite or PostgreSQL, and arrays as
entries beside it.  What has no place there is refused while nothing has been measured yet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from ._columns import ARRIVAL
from ._errors import UnstorableKeys

_PATTERN = re.compile(r"[A-Za-z_][^'\"`;\\%()=+./]*")  # less than this, Tiled refuses or renames
_COMMENTS = ("--", "/*", "*/")
_LONGEST = 60  # bytes; PostgreSQL cuts names of columns at 63, of which "ts_" takes three
_RESERVED = ("seq_num", "time", ARRIVAL, "_dataset_id", "_partition_id")
_STAMP = "ts_"  # begins the name of the column with a key's instants


def check_data_keys(data_keys: Mapping[str, Mapping[str, Any]], *, device: str) -> None:
    """Refuse data keys that a catalog cannot hold.

    Parameters
    ----------
    data_keys
        As a device describes them, or as they stand in a descriptor.
    device
        Its name, or the stream's, for the message.

    Raises
    ------
    UnstorableKeys
        For the first key that cannot be stored, with the reason and what to do.

    >>> check_data_keys({"i0": {"dtype": "number", "shape": []}}, device="i0")
    >>> check_data_keys({"I0": {}, "i0": {}}, device="counters")
    Traceback (most recent call last):
    ...
    nanoterasu.records._errors.UnstorableKeys: counters cannot be recorded: its data keys 'I0' \
and 'i0' differ in case only, which a table of the catalog cannot tell apart. Nothing was \
measured: rename the device or its component.
    """
    taken: dict[str, str] = {}
    for key, about in data_keys.items():
        if reason := _odd_name(key) or _odd_type(about):
            raise _refusal(device, f"its data key {key!r} {reason}")
        for column in (key, _STAMP + key):
            if column.casefold() in _RESERVED:
                raise _refusal(
                    device, f"its data key {key!r} is a name that the catalog needs for itself"
                )
            other = taken.setdefault(column.casefold(), key)
            if other != key:
                raise _refusal(device, _collision(key, other))


def _odd_name(key: str) -> str | None:
    if not _PATTERN.fullmatch(key) or any(mark in key for mark in _COMMENTS):
        return (
            "is no name for a column (begin with a letter, and leave out quotes, brackets and "
            "any of ; \\ % = + . /)"
        )
    if len(key.encode()) > _LONGEST:
        return f"is longer than {_LONGEST} bytes, where databases cut names"
    return None


def _odd_type(about: Mapping[str, Any]) -> str | None:
    kind = about.get("dtype_numpy")
    if "external" in about or not kind:
        return None
    try:
        dtype = np.dtype(kind if isinstance(kind, str) else [tuple(field) for field in kind])
    except (TypeError, ValueError):
        return f"has the dtype_numpy {kind!r}, which is no type of numpy's"
    if dtype.kind in "OV":
        return f"holds {dtype}, which only a file can keep"
    return None


def _collision(key: str, other: str) -> str:
    if key.casefold() != other.casefold():
        return f"its data keys {other!r} and {key!r} collide with a column of instants (ts_…)"
    return (
        f"its data keys {other!r} and {key!r} differ in case only, which a table of the catalog "
        "cannot tell apart"
    )


def _refusal(device: str, what: str) -> UnstorableKeys:
    return UnstorableKeys(
        f"{device} cannot be recorded: {what}. Nothing was measured: rename the device or its "
        "component."
    )
