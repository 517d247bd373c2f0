"""Metadata in the types of JSON, without a silent change of any value.

Tiled keeps metadata as JSON, and its writer cuts whole numbers beyond 2⁵³, also floats, to that.
Here a value that JSON cannot say becomes a string that says it in full, and the rest stays.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from typing import Any

import numpy as np

_INTEGERS = range(-(2**63), 2**63)  # that Tiled's readers and databases give back as they were


def in_json(value: Any, *, infinite: bool = True) -> Any:
    """Return ``value`` as Tiled keeps it among metadata.

    Numpy's numbers become Python's, arrays and tuples lists, bytes base64.  Integers beyond 64
    bits and infinities become strings, which ``int`` and ``float`` read back; NaN becomes None.
    With ``infinite`` False infinities become None too: for fields that take numbers only.

    >>> in_json({"shape": (2, 3), "limit": float("inf"), "fluence": 1.5e16})
    {'shape': [2, 3], 'limit': 'inf', 'fluence': 1.5e+16}
    """
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(key): in_json(item, infinite=infinite) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [in_json(item, infinite=infinite) for item in value]
    if isinstance(value, np.ndarray):
        return in_json(value.tolist(), infinite=infinite)
    if isinstance(value, np.generic):
        return in_json(value.item(), infinite=infinite)
    return _scalar(value, infinite)


def _scalar(value: Any, infinite: bool) -> Any:
    if isinstance(value, int):
        return int(value) if int(value) in _INTEGERS else str(int(value))
    if isinstance(value, float):
        if math.isfinite(value):
            return float(value)
        return repr(value) if infinite and not math.isnan(value) else None
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, complex):
        return [in_json(value.real, infinite=infinite), in_json(value.imag, infinite=infinite)]
    return str(value)  # instants


def metadata_of(name: str, document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a start, descriptor or stop document as Tiled's writer takes it.

    >>> limits = {"control": {"low": float("-inf"), "high": 5.0}}
    >>> metadata_of("descriptor", {"data_keys": {"x": {"limits": limits}}})
    {'data_keys': {'x': {'limits': {'control': {'low': None, 'high': 5.0}}}}}
    """
    given = in_json(document)
    if name == "descriptor":  # limits of a data key are numbers, by the schema of descriptors
        given["data_keys"] = in_json(document["data_keys"], infinite=False)
    return given
