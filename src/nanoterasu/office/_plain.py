"""Entries of the register as plain values, for the journal and for files that people edit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import date, datetime, time
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

# What the register works out anew each time it is asked.
COMPUTED = frozenset({"hours_used", "contract_hours_left", "students", "on_duty"})


def plain(value: Any) -> Any:
    """Return ``value`` as JSON and YAML know it; fields at their defaults are left out.

    >>> from nanoterasu.facility import Organisation
    >>> plain(Organisation("O1", "Company Alpha"))
    {'id': 'O1', 'name': 'Company Alpha'}
    """
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: plain(getattr(value, field.name))
            for field in fields(value)
            if field.name not in COMPUTED and getattr(value, field.name) != _default(field)
        }
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, (frozenset, set)):
        return sorted(plain(item) for item in value)
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    return value


def built(kind: Any, value: Any, where: str) -> Any:
    """Return the entry of ``kind`` which `plain` made ``value`` from.

    Parameters
    ----------
    kind
        A data class, or the type of one of its fields.
    value
        Plain.
    where
        Entry and field, for the sentence.

    Raises
    ------
    ValueError
        When it is no such entry, with ``where`` and what to do.
    """
    if isinstance(kind, type) and is_dataclass(kind):
        return _entry(kind, value, where)
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        if value is None and NoneType in inner:
            return None
        (kind,) = (each for each in inner if each is not NoneType)
        return built(kind, value, where)
    if origin in (tuple, frozenset):
        return _sequence(origin, inner, value, where)
    if kind in (datetime, date, time):
        return _when(kind, value, where)
    wanted = (int, float) if kind is float else (kind,)
    # True is a number to Python, and never one to the office.
    if not isinstance(value, wanted) or (isinstance(value, bool) and kind is not bool):
        raise ValueError(f"{where} is {value!r}; give {_NAMES.get(kind, kind.__name__)}.")
    return kind(value)


_NAMES = {
    str: "a text, in quotes where it looks like something else",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    datetime: "an instant with its time zone, such as 2026-04-01T09:00:00+09:00",
    date: "a day, such as 2026-04-01",
    time: "a time of day, such as '17:00'",
}


def _entry(kind: type, value: Any, where: str) -> Any:
    known = [field.name for field in fields(kind) if field.name not in COMPUTED]
    if not isinstance(value, Mapping):
        raise ValueError(f"{where} is {value!r}; give its fields ({', '.join(known)}).")
    unknown = [str(name) for name in value if name not in known]
    if unknown:
        raise ValueError(
            f"{where} has a field {', '.join(unknown)}, which is not known; "
            f"give those among {', '.join(known)}."
        )
    missing = [
        field.name for field in fields(kind) if field.name not in value and _default(field) is _NONE
    ]
    if missing:
        raise ValueError(f"{where} lacks {', '.join(missing)}; give each.")
    hints = _hints(kind)
    given = {name: built(hints[name], value[name], f"{where}, {name},") for name in value}
    try:
        return kind(**given)
    except (ValueError, TypeError) as error:
        raise ValueError(f"{where}: {error}") from error


def _sequence(origin: type, inner: tuple[Any, ...], value: Any, where: str) -> Any:
    if not isinstance(value, (list, tuple)):
        raise ValueError(f"{where} is {value!r}; give a list.")
    each = inner if origin is tuple and Ellipsis not in inner else (inner[0],) * len(value)
    if len(each) != len(value):
        raise ValueError(f"{where} is {list(value)!r}; give a list of {len(each)}.")
    return origin(
        built(kind, item, f"{where} item {number}")
        for number, (kind, item) in enumerate(zip(each, value, strict=True), start=1)
    )


def _when(kind: type, value: Any, where: str) -> Any:
    try:
        read = kind.fromisoformat(value) if isinstance(value, str) else value
    except ValueError:
        read = None
    # A datetime is a date to Python.
    naive = isinstance(read, datetime) and read.utcoffset() is None
    if type(read) is not kind or naive:
        raise ValueError(f"{where} is {value!r}; give {_NAMES[kind]}.")
    return read


_NONE = object()


def _default(field: Field[Any]) -> Any:
    """Return what stands for a field that is not given, `_NONE` where it must be given."""
    if field.default_factory is not MISSING:
        return field.default_factory()
    return _NONE if field.default is MISSING else field.default


@cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind)
