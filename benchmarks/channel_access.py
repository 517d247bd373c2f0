"""Step scans over Channel Access, on the twin, with the spool and without.

Once at the instruments' own pace, and once with motors and counters that take no measurable time:
what is left then is what reading over the network costs, below which no real device gets.
"""

from __future__ import annotations

import os
import statistics
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from nanoterasu.twin import TwinProcess

from ._measure import Result, in_turns, main, ratio, timed

PACES = {"motors and counters of no time": (5000.0, 60), "instruments at their own pace": (1.0, 24)}
"""Speed of the twin's clock, and points of a scan."""


def measure(quick: bool) -> list[Result]:
    """Scan the energy past three counters; each pace in a process of its own.

    The client library reads its environment once.
    """
    results = []
    for what, (speed, points) in PACES.items():
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as fresh:
            number, turns = (3, 1) if quick else (points, 7)
            found = fresh.submit(_rates, speed, number, turns).result()
        ours, bare = (statistics.median(rates) for rates in found.values())
        got = ratio(found["spool"], found["no spool"])
        results.append(
            Result(
                f"step scan over Channel Access, {what}",
                f"{ours:.3g} events/s",
                f"the same engine without spool, {bare:.3g} events/s",
                got,
                "at least 0.95",
                got >= 0.95,
            )
        )
    return results


def _rates(speed: float, points: int, turns: int) -> dict[str, list[float]]:
    """Return the events per second of each turn."""
    with (
        TwinProcess("BL13U", speed=speed) as twin,
        TemporaryDirectory(prefix="bench-") as folder,
    ):
        os.environ.update(twin.environment)
        # Imported now: the client library reads its environment once.
        from nanoterasu.beamlines.bl13u import BL13U
        from nanoterasu.plans import Region, xas
        from nanoterasu.records import Spool

        from ._station import session

        beamline: Any = BL13U(twin.prefix)
        beamline.connect()
        counters = [beamline.i0, beamline.tey, beamline.tfy]
        for counter in counters:
            counter.dwell.put(1e-3, wait=True)
        region = Region(700.0, 700.0 + 0.25 * (points - 1), 0.25)

        def rate(engine: AbstractContextManager[Any]) -> float:
            beamline.energy.set(700.0).wait(60)
            plan = xas(counters, beamline.energy, [region], edge="Fe L2,3")
            with engine as run:
                return points / timed(lambda: run(plan))

        with Spool(Path(folder) / "spool") as spool:
            rate(session(None))  # the first scan finds the connections cold
            return in_turns(
                {"spool": lambda: rate(session(spool)), "no spool": lambda: rate(session(None))},
                turns,
            )


if __name__ == "__main__":
    main(measure, __doc__)
