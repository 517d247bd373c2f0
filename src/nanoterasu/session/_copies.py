"""A document of one's own for each subscriber, so that none can change what another sees."""

from __future__ import annotations

import copy
import sys
from typing import Any

import numpy as np
from bluesky.utils import CallbackRegistry

_LEAVES = frozenset({str, int, float, bool, bytes, complex, type(None)})


def own_copy(value: Any) -> Any:
    """Return a copy that shares nothing changeable with ``value``.

    A few times faster than `copy.deepcopy` on pages of numbers.

    >>> document = {"data": {"x": [1, 2]}}
    >>> own_copy(document)["data"]["x"].append(3)
    >>> document
    {'data': {'x': [1, 2]}}
    """
    kind = type(value)
    if kind in _LEAVES:
        return value
    if kind is dict:
        return {key: own_copy(item) for key, item in value.items()}
    if kind is list:
        return [own_copy(item) for item in value]
    if kind is tuple:
        return tuple(own_copy(item) for item in value)
    if kind is np.ndarray and not value.dtype.hasobject:
        return value.copy()
    return copy.deepcopy(value)


class OwnCopies(CallbackRegistry):
    """Calls each subscriber with its own copy of the document.

    bluesky hands the same mapping to all, and goes on to compose later documents from it: a
    subscriber that changed the uid of a start document would change that of its events.
    """

    def process(self, sig: Any, *args: Any, **kwargs: Any) -> list[tuple[Exception, Any]]:
        """Call the functions registered to receive ``sig``; return what they raised."""
        raised: list[tuple[Exception, Any]] = []
        for function in list(self.callbacks.get(sig, {}).values()):
            try:
                function(*own_copy(args), **kwargs)
            except ReferenceError:
                self._remove_proxy(function)
            except Exception as error:
                if not self.ignore_exceptions:
                    raise
                raised.append((error, sys.exc_info()[2]))
        return raised
