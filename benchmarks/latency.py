"""From a document to an analyst: how long until an event can be read in Tiled."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager
from typing import Any

import bluesky.plans as bp

from nanoterasu.records import Shipper, Spool, wait_until_shipped

from ._measure import Result, main, percentile
from ._station import Station, axis, counter, session, station, stock

EVERY = 0.05  # s between looks; it is part of what is measured
PATIENCE = 120.0  # s for the last event


def measure(quick: bool) -> list[Result]:
    """Scan as fast as it goes while somebody reads the run again and again."""
    points, few = (100, 10) if quick else (4000, 100)
    with station() as place, Spool(place.spool_folder) as spool:
        with Shipper(place.spool_folder, place.home):
            with session(spool) as engine:  # so that the shipper stands at its work
                (first,) = engine(bp.scan([counter()], axis(), 0, 1, 3))
            wait_until_shipped(place.spool_folder, first, PATIENCE)
            ours = _followed(place, session(spool), points)
        each = _followed(place, stock(place.writer(batch_size=1)), few)
        default = _followed(place, stock(place.writer()), points)
    peers = {
        "bluesky with TiledWriter(batch_size=1), which scans as fast as it writes": each,
        "bluesky with TiledWriter(), which writes at the end": default,
    }
    return [
        Result(
            f"event until readable in Tiled at full speed of a scan, p{100 * part:.0f}",
            f"{percentile(ours, part):.2f} s",
            f"{name}, {percentile(peer, part):.2f} s",
            percentile(ours, part) / percentile(peer, part),
            "at most 1 s" if part == 0.99 else "",
            percentile(ours, part) <= 1 if part == 0.99 else None,
        )
        for part in (0.5, 0.99)
        for name, peer in peers.items()
    ]


def _followed(place: Station, context: AbstractContextManager[Any], points: int) -> list[float]:
    """Return how old each event was when a reader first saw it [s]."""
    made: dict[int, float] = {}
    seen: dict[int, float] = {}
    opened: list[str] = []
    news = threading.Event()

    def note(name: str, doc: Any) -> None:
        if name == "start":
            opened.append(doc["uid"])
            news.set()
        elif name == "event":
            made[doc["seq_num"]] = doc["time"]

    def follow() -> None:
        container, pause = place.container(), threading.Event()
        news.wait()
        until = None
        while len(seen) < points:
            try:
                table = container[opened[0]]["primary"].base["internal"]
                numbers = table.read(["seq_num"])["seq_num"]
            except (KeyError, IndexError):
                numbers = ()  # no stream, or no row, yet
            now = time.time()
            for number in numbers:
                seen.setdefault(int(number), now)
            if len(made) == points:
                until = until or now + PATIENCE
                if now > until:
                    raise TimeoutError(f"{points - len(seen)} events of {points} never came")
            pause.wait(EVERY)

    failed: list[BaseException] = []

    def reader() -> None:
        try:
            follow()
        except Exception as error:  # noqa: BLE001  raised where somebody hears of it
            failed.append(error)

    thread = threading.Thread(target=reader)
    thread.start()
    with context as engine:
        engine.subscribe(note)
        engine(bp.scan([counter()], axis(), 0, 1, points))
    thread.join()
    if failed:
        raise failed[0]
    return [seen[number] - made[number] for number in made]


if __name__ == "__main__":
    main(measure, __doc__)
