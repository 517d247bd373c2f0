"""Arrays of one data key on their way into one entry of a catalog."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

_WIDTH = 64  # characters of a string, at least, in an array that declares none


class ArrayColumn:
    """Arrays of one key, of one type and one shape.

    Arrays of numbers whose lengths differ are padded with NaN to the longest; their own lengths
    then stand in the table, so that nothing is lost.

    Parameters
    ----------
    about
        How the descriptor declares the key.
    wider
        What an earlier try found it to take: a dtype, and behind it the lengths to pad to.

    Attributes
    ----------
    values : list of array
        That wait to be sent.
    nbytes : int
        Their size [bytes].
    varies : bool
        Whether the arrays differ in length.
    """

    def __init__(self, about: Mapping[str, Any], wider: str | None) -> None:
        self.values: list[np.ndarray] = []
        self.nbytes = 0
        words = (wider or "").split()
        self.padded = tuple(int(length) for length in words[1:])
        self.varies = bool(self.padded) or None in (about.get("shape") or ())
        self.dtype = _declared(words[:1], about)
        self.shape: tuple[int, ...] | None = None

    def keep(self, arrays: Iterable[np.ndarray]) -> None:
        """Let arrays that `fit` returned wait."""
        for array in arrays:
            self.values.append(array)
            self.nbytes += array.nbytes

    def clear(self) -> None:
        """Let go of what waits."""
        self.values.clear()
        self.nbytes = 0

    def fit(self, value: Any) -> tuple[np.ndarray | None, str | None]:
        """Return ``value`` as this column takes it, or the wider kind that would take it.

        Returns
        -------
        array, wider
            Both None when no column takes it.
        """
        array = _as_array(value)
        if array is None:
            return None, None
        dtype = self.dtype or _natural(array, self.varies)
        cast = _exactly(array, dtype)
        if cast is None:
            joined = _common(dtype, array)
            return None, self._named(joined, self.padded) if joined is not None else None
        if self.shape is None:
            self.shape, self.dtype = cast.shape, dtype
        if self.varies:
            return self._fit_varying(cast)
        if cast.shape != self.shape or 0 in cast.shape:
            return None, self._longer(cast)
        return cast, None

    def _fit_varying(self, cast: np.ndarray) -> tuple[np.ndarray | None, str | None]:
        if len(self.padded) == cast.ndim and all(
            length <= room for length, room in zip(cast.shape, self.padded, strict=True)
        ):
            return cast, None
        return None, self._longer(cast)

    def _longer(self, cast: np.ndarray) -> str | None:
        """Return the kind that pads to twice what is needed now; None for no numbers."""
        assert self.shape is not None
        if cast.ndim != len(self.shape) or cast.dtype.kind not in "biufc":
            return None
        known = self.padded or self.shape
        rooms = [max(2 * length, room, 1) for length, room in zip(cast.shape, known, strict=True)]
        dtype = np.dtype("<f8") if cast.dtype.kind in "biu" else cast.dtype
        return self._named(dtype, rooms)

    def block(self, arrays: Sequence[np.ndarray]) -> np.ndarray:
        """Return ``arrays`` as one, padded where they differ in length."""
        if not self.varies:
            return np.stack(arrays)
        block = np.full((len(arrays), *self.padded), np.nan, dtype=self.dtype)
        for row, array in zip(block, arrays, strict=True):
            row[tuple(slice(length) for length in array.shape)] = array
        return block

    def unlike(self, value: Any) -> str:
        """Say why no column takes ``value``, without its content."""
        array = _as_array(value)
        if array is None:
            return f"a {type(value).__name__} that is no array of numbers or strings"
        before = f", after arrays of {self.dtype} and shape {self.shape}" if self.shape else ""
        return f"an array of {array.dtype} and shape {array.shape}{before}"

    @staticmethod
    def _named(dtype: np.dtype, rooms: Sequence[int]) -> str:
        return " ".join([dtype.str, *map(str, rooms)])


def _declared(learnt: list[str], about: Mapping[str, Any]) -> np.dtype | None:
    """Return the type to begin with; None where the first array decides."""
    if learnt:
        return np.dtype(learnt[0])
    kind = about.get("dtype_numpy")
    if not isinstance(kind, str) or np.dtype(kind).kind in "OUS":
        return None  # of strings, one declares the width of the first alone
    return np.dtype(kind)


def _as_array(value: Any) -> np.ndarray | None:
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":  # a list with None among its numbers, or nested unevenly
            array = np.asarray(value, dtype=float)
    except (TypeError, ValueError):
        return None
    return array if array.dtype.kind in "biufcU" and array.ndim else None


def _natural(array: np.ndarray, varying: bool) -> np.dtype:
    """Return the type for arrays whose descriptor declares none: integers become numbers."""
    if array.dtype.kind == "U":
        return np.dtype(f"<U{max(_WIDTH, 2 * (array.dtype.itemsize // 4))}")
    numbers = np.dtype("<f8")
    whole = array.dtype.kind in "iu" and _exactly(array, numbers) is not None
    return numbers if whole or (varying and array.dtype.kind == "b") else array.dtype


def _exactly(array: np.ndarray, dtype: np.dtype) -> np.ndarray | None:
    """Return ``array`` as ``dtype`` if it says the same, else None."""
    if array.dtype == dtype:
        return array
    if (array.dtype.kind == "U") != (dtype.kind == "U"):
        return None
    with np.errstate(all="ignore"):
        cast = array.astype(dtype)
    numbers = array.dtype.kind in "fc"
    return cast if np.array_equal(cast, array, equal_nan=numbers) else None


def _common(dtype: np.dtype, array: np.ndarray) -> np.dtype | None:
    """Return a type that takes both, or None."""
    if dtype.kind == "U" and array.dtype.kind == "U":
        return np.dtype(f"<U{2 * max(dtype.itemsize, array.dtype.itemsize) // 4}")
    if "U" in (dtype.kind, array.dtype.kind):
        return None
    joined = np.result_type(dtype, array.dtype)
    return joined if joined != dtype and _exactly(array, joined) is not None else None
