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


def in_json(value: Any) -> Any:
    """Return ``value`` as Tiled keeps it among metadata.

    Numpy's numbers become Python's, arrays and tuples lists, bytes base64.  Integers beyond 64
    bits and infinities become strings, which ``int`` and ``float`` read back; NaN becomes None.

    >>> in_json({"shape": (2, 3), "limit": float("inf"), "fluence": 1.5e16})
    {'shape': [2, 3], 'limit': 'inf', 'fluence': 1.5e+16}
    """
    if value is None or isinstance(value, str | bool):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, Mapping):
        return {str(key): in_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [in_json(item) for item in value]
    if isinstance(value, np.ndarray):
        return in_json(value.tolist())
    if isinstance(value, np.generic):
        return in_json(value.item())
    return _scalar(value)


def _scalar(value: Any) -> Any:
    if isinstance(value, int):
        return value if value in _INTEGERS else str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return float(value) if math.isfinite(value) else repr(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, complex):
        return [in_json(value.real), in_json(value.imag)]
    return str(value)  # instants
