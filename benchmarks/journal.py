"""MB/s into the spool against a plain file that is written and synced after each document."""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from nanoterasu.records import Spool
from nanoterasu.records._encoding import encode

from ._measure import Result, in_turns, main, ratio, timed

SIZES = {"1 kB": (16, 300), "64 kB": (8_000, 100), "4 MB": (500_000, 8)}
"""Name of a size: numbers in the document's array, documents a turn."""


def measure(quick: bool) -> list[Result]:
    """Write documents of three sizes, each durable before the next."""
    turns = 1 if quick else 7
    with (
        tempfile.TemporaryDirectory(prefix="bench-journal-") as folder,
        Spool(Path(folder) / "spool") as spool,
    ):
        return [_compared(spool, Path(folder) / "plain", name, turns, quick) for name in SIZES]


def _compared(spool: Spool, plain: Path, name: str, turns: int, quick: bool) -> Result:
    numbers, documents = SIZES[name]
    documents = min(documents, 5) if quick else documents
    event: dict[str, Any] = {
        "descriptor": "d",
        "uid": "e",
        "seq_num": 1,
        "time": time.time(),
        "data": {"x": 1.5, "image": np.random.default_rng(1).random(numbers)},
        "timestamps": {"x": 1.0, "image": 1.0},
        "filled": {},
    }
    size = len(encode(event))

    def ours() -> float:
        def write() -> None:
            for _ in range(documents):
                spool.append("event", event)

        return 1e-6 * size * documents / timed(write)

    def theirs() -> float:
        def write() -> None:
            with plain.open("ab", buffering=0) as file:
                for _ in range(documents):
                    file.write(encode(event))
                    os.fsync(file.fileno())

        return 1e-6 * size * documents / timed(write)

    found = in_turns({"ours": ours, "plain": theirs}, turns)
    middle = {each: statistics.median(rates) for each, rates in found.items()}
    return Result(
        f"spool, documents of {name}",
        f"{middle['ours']:.3g} MB/s",
        f"plain write and fsync of the same bytes, {middle['plain']:.3g} MB/s",
        ratio(found["ours"], found["plain"]),
    )


if __name__ == "__main__":
    main(measure, __doc__)
