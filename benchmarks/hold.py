"""How long a plan is held for a document: from its ``save`` message to the next."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import bluesky.plan_stubs as bps
from bluesky import Msg

from nanoterasu.records import Spool

from ._measure import Result, main, percentile
from ._station import counter, session, station, stock


def measure(quick: bool) -> list[Result]:
    """Time the saves of plans that do nothing else."""
    points, few, turns = (60, 6, 1) if quick else (300, 15, 7)
    detector = counter()

    def plan(number: int, held: list[float]) -> Iterator[Msg]:
        yield from bps.open_run()
        for _ in range(number):
            yield from bps.create("primary")
            yield from bps.read(detector)
            begun = time.perf_counter()
            yield from bps.save()
            held.append(1e3 * (time.perf_counter() - begun))
        yield from bps.close_run()

    with station() as place, Spool(place.spool_folder) as spool:
        each, default = place.writer(batch_size=1), place.writer()
        ways: dict[str, tuple[Callable[[], AbstractContextManager[Any]], int]] = {
            "ours": (lambda: session(spool), points),
            "the same engine without spool": (lambda: session(None), points),
            "bluesky without subscriber": (stock, points),
            "bluesky with TiledWriter(batch_size=1)": (lambda: stock(each), few),
            "bluesky with TiledWriter()": (lambda: stock(default), points),
        }
        held: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(turns):
            for name, (make, number) in ways.items():
                with make() as engine:
                    engine(plan(number, held[name]))
    ours = held.pop("ours")
    return [
        Result(
            f"plan held for an event, p{100 * part:.0f}",
            f"{percentile(ours, part):.2f} ms",
            f"{name}, {percentile(peer, part):.2f} ms",
            percentile(ours, part) / percentile(peer, part),
        )
        for part in (0.5, 0.99)
        for name, peer in held.items()
    ]


if __name__ == "__main__":
    main(measure, __doc__)
