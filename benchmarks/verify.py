"""How fast a spool is compared with Tiled field by field, and sent again into a fresh one."""

from __future__ import annotations

from typing import Any

import nanoterasu.records

from ._documents import run_of, send
from ._measure import Result, main, timed
from ._station import station


def measure(quick: bool) -> list[Result]:
    """Compare and send one long run and many short ones."""
    verify, replay = _asked("verify"), _asked("replay")
    if quick:
        shapes = {"1 run of 100 events": (1, 100), "5 runs of 10 events": (5, 10)}
    else:
        shapes = {"1 run of 100,000 events": (1, 100_000), "100 runs of 100 events": (100, 100)}
    found = {
        name: _one_shape(verify, replay, runs, events) for name, (runs, events) in shapes.items()
    }
    return [
        Result(
            f"{what}, {name}",
            f"{rates[what]:.3g} events/s",
            f"bringing them there in the first place, {rates['ship']:.3g} events/s",
            rates[what] / rates["ship"],
        )
        for name, rates in found.items()
        for what in ("verify", "replay into a fresh Tiled")
    ]


def _one_shape(verify: Any, replay: Any, runs: int, events: int) -> dict[str, float]:
    with station() as place, station() as fresh:
        reports: list[Any] = []

        def compare() -> None:
            reports.append(verify(place.spool_folder, place.server.uri, place.home.key()))

        def send_again() -> None:
            key = fresh.home.key()
            reports.append(replay(place.spool_folder, fresh.server.uri, key, fresh=True))

        documents = [run_of(events) for _ in range(runs)]
        times = {
            "ship": timed(lambda: send(place, *documents)),
            "verify": timed(compare),
            "replay into a fresh Tiled": timed(send_again),
        }
    assert all(len(report.runs) == runs and report.clean for report in reports), reports
    return {name: runs * events / seconds for name, seconds in times.items()}


def _asked(name: str) -> Any:
    try:
        return getattr(nanoterasu.records, name)
    except AttributeError:
        raise NotImplementedError(f"nanoterasu.records.{name} is not there yet") from None


if __name__ == "__main__":
    main(measure, __doc__)
