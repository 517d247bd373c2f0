"""A page of 10^5 events: what it costs the plan, and when an analyst can read it."""

from __future__ import annotations

import threading
import time
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from nanoterasu.records import Shipper, ShipState, Spool

from ._flyers import Pages, fly
from ._measure import Result, in_turns, main, ratio, timed
from ._station import Station, session, station, stock

if TYPE_CHECKING:
    from tiled.client.container import Container

EVERY = 0.05  # s between looks; it is part of what is measured
PATIENCE = 600.0  # s


def measure(quick: bool) -> list[Result]:
    """Collect pages of four columns."""
    rows, few, turns = (2000, 500, 1) if quick else (100_000, 10_000, 3)
    page, short = Pages(rows), Pages(few)

    def rate(engine: AbstractContextManager[Any], flyer: Pages, number: int) -> float:
        with engine as run:
            return number / timed(lambda: run(fly(flyer)))

    with station() as place, Spool(place.spool_folder) as spool:
        writer = place.writer()
        found = in_turns(
            {
                "ours": lambda: rate(session(spool), page, rows),
                "bluesky": lambda: rate(stock(), short, few),
                "writer": lambda: rate(stock(writer), short, few),
            },
            turns,
        )
        with Shipper(place.spool_folder, place.home):
            for uid in _runs(place):
                _wait(place, uid)
            group = place.container()
            ends = in_turns(
                {
                    "readable": lambda: timed(lambda: _read(group, _flown(spool, page), rows)),
                    "proved": lambda: timed(lambda: _wait(place, _flown(spool, page))),
                },
                turns,
            )
        assert len(place.catalog()[-1].primary["channel_0"]) == rows
    readable, proved = (sorted(ends[what])[turns // 2] for what in ("readable", "proved"))
    ours = f"{sorted(found['ours'])[turns // 2]:.3g} rows/s"

    def line(name: str, peer: str) -> Result:
        theirs = f"{peer}, {sorted(found[name])[turns // 2]:.3g} rows/s"
        what = f"page of {rows:,} rows x 4, for the plan"
        return Result(what, ours, theirs, ratio(found["ours"], found[name]))

    return [
        line("bluesky", f"bluesky without subscriber, {few:,} rows"),
        line("writer", f"bluesky with TiledWriter(), {few:,} rows"),
        Result(
            f"page of {rows:,} rows x 4, from the plan's start until somebody has read it in Tiled",
            f"{readable:.2f} s",
            goal="under 1 s",
            met=readable < 1,
        ),
        Result(
            f"page of {rows:,} rows x 4, from the plan's start until it was read back and compared",
            f"{proved:.2f} s",
        ),
    ]


def _flown(spool: Spool, page: Pages) -> str:
    with session(spool) as engine:
        (uid,) = engine(fly(page))
    return uid


def _read(group: Container, uid: str, rows: int) -> None:
    """Read a column again and again until all of it comes."""
    pause = threading.Event()
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        try:
            table: Any = group[uid]["primary"].base["internal"]
            if len(table.read(["channel_0"])) == rows:
                return
        except (KeyError, IndexError):
            pass  # no table, or no row, yet
        pause.wait(EVERY)
    raise TimeoutError(f"the rows of run {uid} never came")


def _wait(place: Station, uid: str) -> None:
    state = ShipState(place.spool_folder)
    try:
        state.wait(uid, PATIENCE)
    finally:
        state.close()


def _runs(place: Station) -> list[str]:
    from nanoterasu.records import SpoolReader

    with SpoolReader(place.spool_folder) as reader:
        return list(reader.runs())


if __name__ == "__main__":
    main(measure, __doc__)
