"""Events per second of a step scan: bluesky alone, the session's engine, its spool, TiledWriter."""

from __future__ import annotations

import statistics
from contextlib import AbstractContextManager
from typing import Any

import bluesky.plans as bp

from nanoterasu.records import Spool

from ._measure import Result, in_turns, main, ratio, timed
from ._station import axis, counter, session, station, stock

_WINDOW = 100.0  # ms


def measure(quick: bool) -> list[Result]:
    """Scan one axis past one detector, neither of which takes any time."""
    points, few, turns = (60, 6, 1) if quick else (400, 40, 7)
    motor, detector = axis(), counter()

    def rate(engine: AbstractContextManager[Any], number: int) -> float:
        with engine as run:
            return number / timed(lambda: run(bp.scan([detector], motor, 0, 1, number)))

    with (
        station() as place,
        Spool(place.spool_folder) as spool,
        Spool(place.spool_folder.with_name("window"), window=_WINDOW) as windowed,
    ):
        each, default = place.writer(batch_size=1), place.writer()
        found = in_turns(
            {
                "bluesky": lambda: rate(stock(), points),
                "no spool": lambda: rate(session(None), points),
                "ours": lambda: rate(session(spool), points),
                "windowed": lambda: rate(session(windowed), points),
                "each": lambda: rate(stock(each), few),
                "default": lambda: rate(stock(default), points),
            },
            turns,
        )
    middle = {name: statistics.median(rates) for name, rates in found.items()}

    def line(name: str, peer: str, least: float | None = None, ours: str = "ours") -> Result:
        got = ratio(found[ours], found[name])
        goal = "" if least is None else f"at least {least:g}"
        met = None if least is None else got >= least
        what = "step scan with the spool"
        if ours == "windowed":
            what += f", of whose documents a power cut may take {_WINDOW:g} ms"
        figure = f"{middle[ours]:.0f} events/s"
        return Result(what, figure, f"{peer}, {middle[name]:.3g} events/s", got, goal, met)

    return [
        line("bluesky", "bluesky without subscriber", 1.3),
        line("no spool", "the same engine without spool", 0.95),
        line("no spool", "the same engine without spool", 0.95, ours="windowed"),
        line("each", "bluesky with TiledWriter(batch_size=1)", 20),
        line("default", "bluesky with TiledWriter()"),
    ]


if __name__ == "__main__":
    main(measure, __doc__)
