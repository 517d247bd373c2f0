"""The environment beside a scan: every change of some signals, in a stream of its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from typing import Any

from bluesky.protocols import Descriptor
from event_model import PartialEventPage


class _Ended:
    """A status that ended well before it was asked."""

    done = success = True

    def exception(self, timeout: float | None = 0.0) -> None:
        """No error."""

    def add_callback(self, callback: Any) -> None:
        """Call at once."""
        callback(self)


class EnvironmentLog:
    """A flyer that notes every change of ``axes``, with the control system's own time stamps.

    A row holds all of them: the one that changed, and the others as they were last.  Its instant
    is a column of its own, ``<name>_time``: bluesky (1.15) gives rows of a page the time at which
    they are collected.

    Parameters
    ----------
    axes
        Each has one value: a ramp, a motor, or a signal.
    name
        Of the flyer.
    """

    parent = None

    def __init__(self, axes: Sequence[Any], name: str = "environment") -> None:
        self.name = name
        self._axes = list(axes)
        self._signals = [_read_back(axis) for axis in axes]
        self._lock = threading.Lock()
        self._rows: list[tuple[float, list[float]]] = []
        self._values: list[Any] = []
        self._watching: list[Any] = []

    def kickoff(self) -> _Ended:
        """Note how things stand, and from now on every change."""
        with self._lock:
            self._values = [signal.get() for signal in self._signals]
            self._rows = [(max(signal.timestamp for signal in self._signals), [*self._values])]
        for number, signal in enumerate(self._signals):
            self._watching.append(signal.subscribe(self._noting(number), run=False))
        return _Ended()

    def _noting(self, number: int) -> Any:
        def note(value: Any, timestamp: float, **_: Any) -> None:
            with self._lock:
                self._values[number] = value
                # Two threads of the client may deliver out of order: time never runs backward.
                latest = self._rows[-1][0] if self._rows else 0.0
                self._rows.append((max(timestamp, latest), [*self._values]))

        return note

    def complete(self) -> _Ended:
        """Note no more."""
        for signal, watching in zip(self._signals, self._watching, strict=False):
            signal.unsubscribe(watching)
        self._watching = []
        return _Ended()

    def stop(self, *, success: bool = False) -> None:
        """Go on: a pause of the plan is part of what happened."""

    def describe_collect(self) -> dict[str, Descriptor]:
        """Data keys of the rows, as of the signals themselves."""
        keys: dict[str, Descriptor] = {
            f"{self.name}_time": {
                "source": "time stamps of the control system",
                "dtype": "number",
                "dtype_numpy": "<f8",
                "shape": [],
                "units": "s",
            }
        }
        for signal in self._signals:
            (key,) = signal.describe().values()
            keys[signal.name] = key | {"dtype": "number", "dtype_numpy": "<f8", "shape": []}
        return keys

    def collect_pages(self) -> Iterator[PartialEventPage]:
        """Rows since the last call, as one page."""
        with self._lock:
            rows, self._rows = self._rows, []
        if not rows:
            return
        times = [time for time, _ in rows]
        columns = zip(*(values for _, values in rows), strict=True)
        data = {f"{self.name}_time": times}
        for signal, column in zip(self._signals, columns, strict=True):
            data[signal.name] = [float(value) for value in column]
        yield {"time": times, "data": data, "timestamps": dict.fromkeys(data, times)}


def _read_back(axis: Any) -> Any:
    return getattr(axis, "readback", None) or getattr(axis, "user_readback", None) or axis
