"""Whether values that came back from Tiled are those that a document holds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

_NUMBERS = frozenset("biuf")


def differing(expected: Sequence[Any], found: np.ndarray, about: Mapping[str, Any]) -> np.ndarray:
    """Return the rows in which a column differs.

    Numbers are compared as numbers, whatever their width; a value of a column that is declared a
    number of less precision, or a string, in the declared type.  A missing value (None) and NaN
    are the same, since SQLite knows no NaN.

    Parameters
    ----------
    expected
        n values as the documents hold them.
    found : (n, …) array
        As Tiled gave them.
    about
        The descriptor's data key, with ``dtype`` and ``dtype_numpy``.

    Returns
    -------
    (k,) array of int
        Increasing.
    """
    wanted = _as_array(expected, about)
    if wanted is not None and found.dtype.kind in _NUMBERS and wanted.dtype.kind in _NUMBERS:
        if wanted.shape != found.shape:
            return np.arange(len(expected))
        # Not equal to itself: NaN, in place of isnan which makes a copy of integers.
        same = (wanted == found) | ((wanted != wanted) & (found != found))
        return np.flatnonzero(~same.all(axis=tuple(range(1, same.ndim))))
    pairs = zip(expected, found, strict=True)
    text = about.get("dtype") == "string"
    differ = (not same_value(_declared(one, text=text), other) for one, other in pairs)
    return np.flatnonzero(np.fromiter(differ, bool, len(expected)))


def same_value(expected: Any, found: Any) -> bool:
    """Return whether one value of any type is the one that was recorded.

    >>> same_value([1, None], np.array([1.0, np.nan])), same_value("1", 1), same_value(True, 1)
    (True, False, False)
    """
    one, other = _bare(expected), _bare(found)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_value, one, other))
    if one is None or other is None:
        return one is other
    if isinstance(one, str) or isinstance(other, str):
        return type(one) is type(other) and one == other
    if isinstance(one, bool) != isinstance(other, bool):
        return False
    return one == other


def metadata_differences(expected: Any, found: Any, where: str) -> Iterator[tuple[str, str, str]]:
    """Yield ``(field, expected, found)`` for each field of metadata that differs.

    Parameters
    ----------
    expected
        In the types of JSON, `in_json`.
    found
        As Tiled gave it.
    where
        Name of the whole.
    """
    if isinstance(expected, Mapping) and isinstance(found, Mapping):
        for key in dict.fromkeys((*expected, *found)):
            if key in expected and key in found:
                yield from metadata_differences(expected[key], found[key], f"{where}.{key}")
            else:
                yield f"{where}.{key}", _kind(expected, key), _kind(found, key)
    elif isinstance(expected, list) and _is_list(found) and len(expected) == len(found):
        for number, (one, other) in enumerate(zip(expected, found, strict=True)):
            yield from metadata_differences(one, other, f"{where}[{number}]")
    elif isinstance(expected, Mapping) or not same_value(expected, found):
        yield where, described(expected), described(found)


def described(value: Any) -> str:
    """Return what kind of value this is, and nothing of what it says.

    >>> described("alloy K7"), described([1, 2]), described(3.5)
    ('text of 8 characters', 'list of 2', 'a number')
    """
    value = _bare(value)
    if value is None:
        return "nothing"
    if isinstance(value, str):
        return f"text of {len(value)} characters"
    if isinstance(value, Mapping):
        return f"mapping of {len(value)}"
    if isinstance(value, list):
        return f"list of {len(value)}"
    return "true or false" if isinstance(value, bool) else "a number"


def measured(value: Any) -> str:
    """Return a measured value: a number as it is, of anything else its kind alone.

    >>> measured(np.float32(0.5)), measured("alloy K7")
    ('0.5', 'text of 8 characters')
    """
    value = _bare(value)
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(value) if number else described(value)


def _kind(part: Mapping[str, Any], key: str) -> str:
    return described(part[key]) if key in part else "absent"


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def _as_array(values: Sequence[Any], about: Mapping[str, Any]) -> np.ndarray | None:
    """Return ``values`` as one array of numbers, in the type that is declared; None if not so."""
    if about.get("dtype") == "string":
        return None
    try:
        array = np.asarray(values)
        if array.dtype.kind not in _NUMBERS and about.get("dtype") == "number":
            # None, integers that no integer type holds, digits: the column holds fractions.
            array = np.asarray(values, np.float64)
    except (ValueError, TypeError, OverflowError):
        return None
    declared = about.get("dtype_numpy")
    if array.dtype.kind in _NUMBERS and isinstance(declared, str):
        kind = np.dtype(declared)
        array = array.astype(kind) if kind.kind == "f" else array
    return array if array.dtype.kind in _NUMBERS else None


def _declared(value: Any, *, text: bool) -> Any:
    return str(value) if text and value is not None else value


def _bare(value: Any) -> Any:
    """Return a value as Python's own type: a list for an array, None for NaN or a lack."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, Sequence) and not isinstance(value, str | bytes | list):
        return list(value)
    if isinstance(value, float) and math.isnan(value):
        return None
    return None if type(value).__name__ in ("NAType", "NaTType") else value
