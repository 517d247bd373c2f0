"""One measured run, as an analyst reads it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from ._dates import HOUSE_TIME
from ._grow import instants, new_rows, variable_attributes
from ._lazy import last_of_each, with_frames

if TYPE_CHECKING:
    import xarray
    from bluesky_tiled_plugins import BlueskyRun


class Run:
    """A run in the catalog; nothing is fetched before it is asked for.

    Parameters
    ----------
    tiled
        Tiled's own client for the run.

    Attributes
    ----------
    tiled : BlueskyRun
        The same, for whatever this class does not offer.
    """

    def __init__(self, tiled: BlueskyRun) -> None:
        self.tiled = tiled

    @property
    def uid(self) -> str:
        """Unique identity of the run."""
        return self.start["uid"]

    @property
    def start(self) -> Mapping[str, Any]:
        """Start document: what was measured, by whom, for which beamtime."""
        return cast("Mapping[str, Any]", self.tiled.metadata["start"])

    @property
    def stop(self) -> Mapping[str, Any] | None:
        """Stop document; None while the run goes on."""
        return cast("Mapping[str, Any] | None", self.tiled.metadata.get("stop"))

    @property
    def time(self) -> datetime:
        """When the run began, in the house's time."""
        return datetime.fromtimestamp(self.start["time"], HOUSE_TIME)

    @property
    def streams(self) -> tuple[str, ...]:
        """Names of the streams, such as ``"primary"`` and ``"baseline"``."""
        return tuple(sorted(self.tiled.base.keys()[:]))

    @property
    def primary(self) -> xarray.Dataset:
        """What was measured point by point; see `read`."""
        return self.read("primary")

    @property
    def baseline(self) -> xarray.Dataset:
        """The rest of the beamline, before and after; see `read`."""
        return self.read("baseline")

    def read(self, stream: str = "primary") -> xarray.Dataset:
        """Fetch a stream.

        Parameters
        ----------
        stream
            One of `streams`.

        Returns
        -------
        xarray.Dataset
            One variable a data key, in the order in which the detectors were read, each with its
            ``units``; the dimension ``time`` holds the instants of the events, in UTC.  A run
            that still goes on gives the rows that have arrived; of a point that a plan went back
            to and measured again, the last.  What a detector wrote to a
            file of its own is a dask array: nothing of it is fetched before it is used, and then
            no more than was selected.

        Raises
        ------
        KeyError
            When the run has no such stream.
        """
        streams = dict(self.tiled.base.items()[:])  # with their metadata, in one answer
        if stream not in streams:
            names = ", ".join(sorted(streams)) or "none yet"
            raise KeyError(f"Run {self.uid} has no stream {stream!r}; it has {names}.")
        node = streams[stream]
        data_keys = node.metadata["data_keys"]
        dataset = last_of_each(with_frames(node, data_keys))
        ordered = [key for key in data_keys if key in dataset]
        dataset = dataset[ordered + [name for name in dataset.data_vars if name not in ordered]]
        for name, variable in dataset.data_vars.items():
            variable.attrs |= variable_attributes(data_keys.get(name, {}))
        if "time" in dataset.coords:
            times = instants(dataset["time"].values)
            dataset = dataset.assign_coords(time=("time", times, {"long_name": "UTC"}))
        dataset.attrs |= {"uid": self.uid, "stream": stream}
        return dataset

    def follow(self, stream: str = "primary", every: float = 0.5) -> Iterator[xarray.Dataset]:
        """Yield the rows of a stream as they arrive, until the run has ended.

        Each row comes once and in order, with all that belongs to it, also when the shipper has to
        send the run anew meanwhile: then nothing comes until it has caught up.  Tiled is asked for
        the number of rows each time, and for their values when there are more.  It could tell of
        new rows by itself through a websocket, but needs Redis for it, and a subscription at a
        parent would tell of every run below, other units' too: the server refuses it.

        Parameters
        ----------
        stream
            Waited for when it is not there yet.
        every
            How long to wait between two questions [s].

        Yields
        ------
        xarray.Dataset
            The new rows, as `read` gives them.

        Raises
        ------
        KeyError
            When the run has ended and has no such stream.

        Examples
        --------
        >>> run = connect()[-1]  # the one that goes on  # doctest: +SKIP
        >>> for rows in run.follow():  # doctest: +SKIP
        ...     print(rows["energy"].values, rows["tey"].values)
        """
        return new_rows(self.tiled, stream, every)

    def __repr__(self) -> str:
        ended = self.stop["exit_status"] if self.stop else "running"
        what = " ".join(str(self.start[k]) for k in ("technique", "edge") if self.start.get(k))
        return f"<Run {self.uid[:8]} {self.time:%Y-%m-%d %H:%M} {what or 'run'}, {ended}>"
