"""A page of 10^5 events: what it costs the plan, and when an analyst can read it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from nanoterasu.records import Shipper, ShipState, Spool

from ._flyers import Pages, fly
from ._measure import Result, in_turns, main, ratio, timed
from ._station import Station, session, station, stock


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
            ends = sorted(timed(lambda: _end_to_end(place, spool, page)) for _ in range(turns))
        assert len(place.catalog()[-1].primary["channel_0"]) == rows
    end = ends[len(ends) // 2]
    ours = f"{sorted(found['ours'])[turns // 2]:.3g} rows/s"

    def line(name: str, peer: str) -> Result:
        theirs = f"{peer}, {sorted(found[name])[turns // 2]:.3g} rows/s"
        what = f"page of {rows:,} rows x 4, for the plan"
        return Result(what, ours, theirs, ratio(found["ours"], found[name]))

    return [
        line("bluesky", f"bluesky without subscriber, {few:,} rows"),
        line("writer", f"bluesky with TiledWriter(), {few:,} rows"),
        Result(
            f"page of {rows:,} rows x 4, from the plan's start until readable in Tiled",
            f"{end:.2f} s",
            goal="under 1 s",
            met=end < 1,
        ),
    ]


def _end_to_end(place: Station, spool: Spool, page: Pages) -> None:
    with session(spool) as engine:
        (uid,) = engine(fly(page))
    _wait(place, uid)


def _wait(place: Station, uid: str) -> None:
    state = ShipState(place.spool_folder)
    try:
        state.wait(uid, 600)
    finally:
        state.close()


def _runs(place: Station) -> list[str]:
    from nanoterasu.records import SpoolReader

    with SpoolReader(place.spool_folder) as reader:
        return list(reader.runs())


if __name__ == "__main__":
    main(measure, __doc__)
