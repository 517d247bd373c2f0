"""Documents as bytes and back, exactly: numpy types, tuples, NaN, infinities, big integers.

MessagePack carries what JSON cannot.  Nothing is pickled, so that reading a spool never runs code.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from enum import Enum
from pathlib import PurePath
from typing import Any

import msgpack
import numpy as np

_ARRAY, _SCALAR, _TUPLE, _INTEGER, _COMPLEX, _RECORDS = 1, 2, 3, 4, 5, 6
_PLAIN_KINDS = frozenset("biufcSUmM")  # dtypes that their own string describes in full


def encode(document: Mapping[str, Any]) -> bytes:
    """Return the bytes of ``document``.

    Raises
    ------
    TypeError
        For a value that no document may hold (an object array, a function, …).

    >>> decode(encode({"x": float("inf"), "shape": (2, 3)}))
    {'x': inf, 'shape': (2, 3)}
    """
    return _pack(document)


def decode(body: bytes) -> dict[str, Any]:
    """Return the document that `encode` made into ``body``."""
    return _unpack(body)


def _pack(value: Any) -> bytes:
    packed = msgpack.packb(
        value, default=_extend, strict_types=True, unicode_errors="surrogatepass"
    )
    assert packed is not None
    return packed


def _unpack(body: bytes) -> Any:
    return msgpack.unpackb(
        body,
        ext_hook=_restore,
        strict_map_key=False,
        unicode_errors="surrogatepass",
    )


def _extend(value: Any) -> Any:
    """Encode what MessagePack has no type for."""
    if isinstance(value, np.generic) and value.dtype.kind in _PLAIN_KINDS:
        return msgpack.ExtType(_SCALAR, _pack([value.dtype.str, np.asarray(value).tobytes()]))
    if isinstance(value, np.ndarray | np.generic):
        return _extend_array(np.asarray(value))
    if isinstance(value, tuple):
        return msgpack.ExtType(_TUPLE, _pack(list(value)))
    if isinstance(value, Enum):
        return value.value
    if type(value) is int:  # outside 64 bits
        return msgpack.ExtType(_INTEGER, str(value).encode())
    if isinstance(value, complex):
        return msgpack.ExtType(_COMPLEX, _pack([value.real, value.imag]))
    return _as_base_type(value)


def _extend_array(array: np.ndarray) -> msgpack.ExtType:
    if array.dtype.kind in _PLAIN_KINDS:
        head = [array.dtype.str, list(array.shape), array.tobytes()]
        return msgpack.ExtType(_ARRAY, _pack(head))
    if array.dtype.hasobject:
        raise TypeError("an array of Python objects")
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return msgpack.ExtType(_RECORDS, buffer.getvalue())


def _as_base_type(value: Any) -> Any:
    """Return a subclass of a plain type as that type (``OrderedDict``, string enumerations)."""
    if isinstance(value, Mapping):
        return dict(value)
    plain: type[Any]
    for plain in (str, int, float, list, bytes):
        if isinstance(value, plain):
            return plain(value)
    if isinstance(value, set | frozenset):
        return sorted(value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError(f"a value of type {type(value).__module__}.{type(value).__qualname__}")


def _restore(code: int, data: bytes) -> Any:
    if code == _SCALAR:
        kind, raw = _unpack(data)
        return np.ndarray((), kind, buffer=raw)[()] if raw else np.dtype(kind).type()
    if code == _ARRAY:
        kind, shape, raw = _unpack(data)
        return np.ndarray(shape, kind, buffer=bytearray(raw))
    if code == _TUPLE:
        return tuple(_unpack(data))
    if code == _INTEGER:
        return int(data)
    if code == _COMPLEX:
        return complex(*_unpack(data))
    if code == _RECORDS:
        return np.load(io.BytesIO(data), allow_pickle=False)
    raise ValueError(f"unknown extension {code}: the spool was written by a later version")
