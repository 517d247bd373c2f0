"""Following a run while it grows: each row once, whatever restarts meanwhile."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np

from ._errors import RecordsError
from ._stored import StoredStream

if TYPE_CHECKING:
    import xarray
    from tiled.client.container import Container


def new_rows(run: Container, stream: str, every: float) -> Iterator[xarray.Dataset]:
    """Yield the rows of a stream as they arrive, until the run has ended; see `Run.follow`."""
    seen, last = 0, None
    while True:
        # Asked before the rows: what is there after the stop document is all.
        metadata = _metadata(run)
        ended = bool(metadata and metadata.get("stop"))
        stored = _open(run, stream) if metadata else None
        count = _ready(stored, ended=ended) if stored else 0
        if stored and count > seen:
            number = _number(stored, seen - 1) if seen else None
            if number == last:
                dataset = _dataset(stored, seen, count - seen)
                # Fewer where the shipper removed the run at this instant to send it anew.
                if dataset is not None:
                    seen, last = count, _number(stored, count - 1)
                    yield dataset.assign_attrs(uid=run.item["id"], stream=stream)
                    continue
            elif ended:
                raise RecordsError(
                    f"Run {run.item['id']} holds other rows in {stream!r} than when it was "
                    "followed. Read it anew."
                )
        elif ended:
            if stored is None and seen == 0:
                raise KeyError(f"Run {run.item['id']} has ended and has no stream {stream!r}.")
            return
        time.sleep(every)


def instants(seconds: Any) -> np.ndarray:
    """Return times of events [s, Unix] as instants in UTC.

    >>> str(instants([1.5])[0])
    '1970-01-01T00:00:01.500000000'
    """
    return (np.asarray(seconds) * 1e9).round().astype("datetime64[ns]")


def variable_attributes(data_key: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a variable: its units foremost."""
    return {name: data_key[name] for name in ("units", "source", "precision") if data_key.get(name)}


def _metadata(run: Container) -> dict[str, Any] | None:
    """Return the run's metadata as they are now; None while it is not there."""
    try:
        return dict(run.refresh().metadata)
    except (KeyError, httpx.HTTPStatusError) as error:
        if _gone(error):
            return None
        raise


def _open(run: Container, stream: str) -> StoredStream | None:
    try:
        return StoredStream(run[stream])
    except (KeyError, httpx.HTTPStatusError) as error:
        if _gone(error):
            return None
        raise


def _gone(error: Exception) -> bool:
    """Whether an entry is not there: not yet, or removed to be sent anew."""
    return isinstance(error, KeyError) or (
        isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 404
    )


def _ready(stored: StoredStream, *, ended: bool) -> int:
    """Return how many rows have all their parts; at the end those in files are not waited for."""
    if "seq_num" not in stored.columns:  # its arrays are sent before its table
        return 0
    try:
        return min(
            (
                stored.length(name)
                for name in stored.one_of_each()
                if not (ended and _far(stored, name))
            ),
            default=0,
        )
    except (KeyError, httpx.HTTPStatusError) as error:
        if _gone(error):
            return 0
        raise


def _far(stored: StoredStream, name: str) -> bool:
    return "external" in stored.metadata["data_keys"].get(name, {})


def _number(stored: StoredStream, row: int) -> int | None:
    found = stored.rows("seq_num", row, 1)
    return int(found[0]) if len(found) else None


def _dataset(stored: StoredStream, first: int, count: int) -> xarray.Dataset | None:
    """Return rows as `Run.read` gives them; None when they are not there any more."""
    import xarray

    data_keys, variables = stored.metadata["data_keys"], {}
    try:
        times = stored.rows("time", first, count)
        for key, about in data_keys.items():
            if key not in stored.columns | stored.arrays:
                continue
            values = stored.rows(key, first, count)
            if len(values) < count:
                if _far(stored, key):  # the run has ended without them
                    continue
                return None
            dims = ("time", *stored.dims(key)[1:])[: values.ndim]
            variables[key] = (dims, values, variable_attributes(about))
    except (KeyError, httpx.HTTPStatusError) as error:
        if _gone(error):
            return None
        raise
    if len(times) < count:
        return None
    return xarray.Dataset(variables, {"time": ("time", instants(times), {"long_name": "UTC"})})
