"""Runs whose every value follows from a seed: what a child of these tests measures."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import numpy as np

Plan = Iterator[Any]
KEYS: dict[str, dict[str, Any]] = {
    "i0": {"dtype": "number", "shape": [], "units": "A"},
    "counts": {"dtype": "integer", "shape": []},
    "polarisation": {"dtype": "string", "shape": []},
    "wave": {"dtype": "array", "shape": [3], "dtype_numpy": "<f8"},
    "picture": {"dtype": "array", "shape": [4, 5], "dtype_numpy": "<u2"},
}
_NUMBERS = (0, 1, -1, 0.5, 1e-300, -2.5e17, float("nan"), float("inf"))  # an integer may be first


class Detector:
    """Reads the given ``keys``, each value drawn from ``random``."""

    parent = None

    def __init__(self, name: str, keys: tuple[str, ...], random: np.random.Generator) -> None:
        self.name, self._keys, self._random = name, keys, random

    def describe(self) -> dict[str, Any]:
        return {f"{self.name}_{key}": {"source": "seed", **KEYS[key]} for key in self._keys}

    def read(self) -> dict[str, Any]:
        now = time.time()
        return {
            f"{self.name}_{key}": {"value": self._value(key), "timestamp": now}
            for key in self._keys
        }

    def describe_configuration(self) -> dict[str, Any]:
        return {}

    def read_configuration(self) -> dict[str, Any]:
        return {}

    def _value(self, key: str) -> Any:
        random = self._random
        if key == "i0":
            return _NUMBERS[random.integers(len(_NUMBERS))]
        if key == "counts":
            return int(random.integers(-(2**62), 2**62))
        if key == "polarisation":
            return ("plus", "minus", "μ ナノ", "")[random.integers(4)]
        if key == "wave":
            return random.normal(size=3)
        return random.integers(0, 2**16, size=(4, 5), dtype="<u2")


class _Done:
    """The status of what has happened already."""

    done = success = True

    def add_callback(self, callback: Callable[[Any], None]) -> None:
        callback(self)

    def exception(self, timeout: float | None = None) -> None:
        """Return None: nothing went wrong."""


class Flyer:
    """A sweep of ``rows`` readings of a detector, handed over as pages of events."""

    parent = None

    def __init__(self, detector: Detector, rows: int) -> None:
        self.name, self._detector, self._rows = "sweep", detector, rows

    def kickoff(self) -> _Done:
        return _Done()

    def complete(self) -> _Done:
        return _Done()

    def describe_collect(self) -> dict[str, Any]:
        return {"sweep": self._detector.describe()}

    def collect(self) -> Iterator[dict[str, Any]]:
        for _ in range(self._rows):
            read = self._detector.read()
            yield {
                "time": time.time(),
                "data": {key: one["value"] for key, one in read.items()},
                "timestamps": {key: one["timestamp"] for key, one in read.items()},
            }


def steps(random: np.random.Generator, md: dict[str, Any]) -> Plan:
    """Scan: a number, an integer and a string, in some an array too, in some a second stream."""
    arrays = (("wave",), ("picture",), ())[random.integers(3)]
    detector = Detector("det", ("i0", "counts", "polarisation", *arrays), random)
    ring = [Detector("ring", ("i0",), random)] if random.random() < 0.3 else []
    yield from bps.open_run(md)
    for _ in range(random.integers(1, 25)):
        yield from bps.trigger_and_read([detector])
        if ring:
            yield from bps.trigger_and_read(ring, name="monitor")
    yield from bps.close_run()


def pages(random: np.random.Generator, md: dict[str, Any]) -> Plan:
    """Sweep whose rows come as pages of events."""
    flyer = Flyer(Detector("det", ("i0", "counts"), random), int(random.integers(1, 200)))
    yield from bps.open_run(md)
    for _ in range(random.integers(1, 4)):
        yield from bps.kickoff(flyer, wait=True)
        yield from bps.complete(flyer, wait=True)
        yield from bps.collect(flyer)
    yield from bps.close_run()


def interleaved(random: np.random.Generator, md: dict[str, Any]) -> Plan:
    """Two runs at once, whose events take turns."""
    one, other = (Detector(name, ("i0", "counts"), random) for name in ("one", "other"))
    for key in ("one", "other"):
        yield from bpp.set_run_key_wrapper(bps.open_run(md), key)
    for _ in range(random.integers(2, 12)):
        for key, detector in (("one", one), ("other", other)):
            yield from bpp.set_run_key_wrapper(bps.trigger_and_read([detector]), key)
    for key in ("one", "other"):
        yield from bpp.set_run_key_wrapper(bps.close_run(), key)


def rows(number: int, size: int) -> Plan:
    """One run of ``number`` rows, each with an array of ``size`` bytes."""
    wide = {"big": {"source": "seed", "dtype": "array", "shape": [size], "dtype_numpy": "|u1"}}
    detector = Detector("det", ("i0",), np.random.default_rng(number))
    read = detector.read
    detector.describe = lambda: wide
    detector.read = lambda: {"big": read()["det_i0"] | {"value": np.zeros(size, "u1")}}
    yield from bps.open_run()
    for _ in range(number):
        yield from bps.trigger_and_read([detector])
        yield from bps.sleep(0.01)
    yield from bps.close_run()


def runs(seed: int, *more: Callable[..., Plan]) -> Iterator[Plan]:
    """Yield the plans of a round, without end; ``more`` are of other kinds than those here."""
    random = np.random.default_rng(seed)
    kinds = (steps, steps, pages, interleaved, *more)
    while True:
        yield kinds[random.integers(len(kinds))](random, {"round": seed})
