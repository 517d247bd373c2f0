"""A stream as an analyst reads it: rows at once, and large data when they are used."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ._columns import ARRIVAL

if TYPE_CHECKING:
    import xarray

_AT_ONCE = 2**24  # bytes of one request for frames, unless fewer are wanted


def with_frames(stream: Any, data_keys: Mapping[str, Any]) -> xarray.Dataset:
    """Return the data of a stream; what lies in files of detectors is not fetched.

    Parameters
    ----------
    stream
        Tiled's client of it.
    data_keys
        As its descriptor declares them.
    """
    import xarray

    stream = _with_contents(stream)
    there = [key for key in stream if not key.startswith("ts_")]
    if ARRIVAL not in there:  # nobody needs their numbers: they count the rows
        there = [key for key in there if key != "seq_num"]
    large = [key for key in there if "external" in data_keys.get(key, {})]
    rows = [key for key in there if key not in large]
    dataset = stream.read(rows, dim0="time") if rows else xarray.Dataset()
    for key in large:
        frames = _lazily(stream[key])
        # While the run goes on there may be more frames than rows yet, or fewer.
        own = dataset.sizes.get("time", len(frames)) != len(frames)
        axes = [f"{key}_dim{n}" for n in range(1, frames.ndim)]
        dataset[key] = ([f"{key}_frame" if own else "time", *axes], frames)
    return dataset


def _with_contents(stream: Any) -> Any:
    """Return the client of a stream that has asked once what the stream holds.

    Tiled's own asks for the list each time that a key is looked up, and again for each entry.
    """
    from tiled.client.composite import CompositeClient

    class Known(CompositeClient):
        def get_contents(self, *_: Any, **__: Any) -> dict[str, Any]:
            return self.item["attributes"]["structure"]["contents"]

    attributes = stream.item["attributes"]
    structure = attributes["structure"] | {"contents": stream.get_contents()}
    item = stream.item | {"attributes": attributes | {"structure": structure}}
    return Known(stream.context, item=item, structure_clients=stream.structure_clients)


def last_of_each(rows: xarray.Dataset) -> xarray.Dataset:
    """Return ``rows`` without those that a plan measured again later.

    Only a stream in which that happened has a column with the order of arrival.
    """
    if ARRIVAL not in rows:
        return rows
    last = {int(number): row for row, number in enumerate(rows["seq_num"].values)}
    return rows.isel(time=sorted(last.values())).drop_vars([ARRIVAL, "seq_num"])


def _lazily(client: Any) -> Any:
    """Return a dask array that asks ``client`` for what is used of it."""
    import dask.array

    frame = max(1, client.nbytes // max(1, client.shape[0]))
    chunks: Any = (max(1, _AT_ONCE // frame), *client.shape[1:])
    # A name of its own: the next look at a growing array is another array.
    return dask.array.from_array(client, chunks=chunks, name=False)
