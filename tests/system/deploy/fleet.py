"""Endstations that measure and ship at once, and what arrived compared with what was sent."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from event_model import compose_run
from tiled.client import from_uri

from nanoterasu.records import ShipState, Spool

from .site import Site
from .waiting import PAUSE, wait_until

Document = tuple[str, dict[str, Any]]
TAGS = ("unit-alpha", "unit-beta", "proposal-open")


def step_scan(tag: str, points: int, *, columns: int, seed: int) -> list[Document]:
    """Return the documents of a scan with numbers, a string, and an array each point."""
    choose = np.random.default_rng(seed)
    run = compose_run(metadata={"tiled_access_tags": [tag], "seed": seed})
    numbers = [f"counter_{n}" for n in range(columns)]
    keys: dict[str, Any] = {name: {"dtype": "number", "shape": []} for name in numbers}
    keys["polarisation"] = {"dtype": "string", "shape": []}
    keys["wave"] = {"dtype": "array", "shape": [4], "dtype_numpy": "<f8"}
    for about in keys.values():
        about["source"] = "test"
    stream = run.compose_descriptor(name="primary", data_keys=keys)
    documents: list[Document] = [("start", dict(run.start_doc))]
    documents.append(("descriptor", dict(stream.descriptor_doc)))
    for _ in range(points):
        data: dict[str, Any] = {name: float(choose.normal()) for name in numbers}
        data["polarisation"] = str(choose.choice(["plus", "minus"]))
        data["wave"] = choose.normal(size=4)
        event = stream.compose_event(data=data, timestamps=dict.fromkeys(keys, time.time()))
        documents.append(("event", dict(event)))
    documents.append(("stop", dict(run.compose_stop())))
    return documents


@dataclass
class Endstation:
    """A spool that is filled at a scan's pace, in a thread."""

    spool_folder: Path
    runs: list[list[Document]]
    pace: float  # s between documents
    thread: threading.Thread = field(init=False)

    def start(self) -> None:
        """Begin to measure."""
        self.thread = threading.Thread(target=self._measure)
        self.thread.start()

    def _measure(self) -> None:
        with Spool(self.spool_folder) as spool:
            for name, document in (pair for run in self.runs for pair in run):
                spool.append(name, document)
                PAUSE.wait(self.pace)


class Fleet:
    """Endstations of a site, each with a spool, a shipper, and a home of its own account.

    Parameters
    ----------
    site
        Which runs.
    stations, runs, points
        How many: stations, runs of each, points of a run.
    pace
        Between documents [s].
    """

    def __init__(
        self, site: Site, name: str, *, stations: int, runs: int, points: int, pace: float
    ) -> None:
        self.site = site
        self.endstations = [
            Endstation(
                site.folder / f"station-{name}-{n}" / "spool" / f"{name}-{n}",
                [
                    step_scan(TAGS[(n + m) % 3], points, columns=1 + n % 4, seed=100 * n + m)
                    for m in range(runs)
                ],
                pace,
            )
            for n in range(stations)
        ]

    def ship(self, *, disturb: Callable[[], None] | None = None) -> None:
        """Measure and ship everything; ``disturb`` the site at three moments of the shipping."""
        total = sum(len(endstation.runs) for endstation in self.endstations)
        with ExitStack() as stack:
            for endstation in self.endstations:
                stack.enter_context(self.site.shipper(endstation.spool_folder))
            for endstation in self.endstations:
                endstation.start()
                stack.callback(endstation.thread.join)
            for tenths in (1, 4, 7):
                wait_until(lambda n=tenths * total // 10: self.settled() >= n, 300)
                if disturb is not None:
                    assert self.settled() < total, "all was shipped before it was disturbed"
                    disturb()
            wait_until(lambda: self.settled() == total, 600)

    def runs(self) -> Iterator[list[Document]]:
        """Yield the documents of each run."""
        for endstation in self.endstations:
            yield from endstation.runs

    def assert_exactly_once(self) -> None:
        """Compare what Tiled holds, asked through the proxy, with what was measured."""
        assert self.refused() == {}
        root = from_uri(self.site.uri, api_key=self.site.home.key())
        where: dict[str, list[str]] = {}
        for tag in TAGS:
            for uid in root[tag]:
                where.setdefault(uid, []).append(tag)
        for documents in self.runs():
            start, stop = documents[0][1], documents[-1][1]
            assert where.get(start["uid"]) == start["tiled_access_tags"]
            run = root[start["tiled_access_tags"][0]][start["uid"]]
            assert run.metadata["stop"] == stop
            events = [document for name, document in documents if name == "event"]
            _assert_rows(run["primary"].base, events)

    def settled(self) -> int:
        """Return how many runs are in Tiled, or set aside."""
        return sum(
            uid in refused or state.shipped(uid)
            for endstation, state in self._states()
            for refused in [state.refused()]
            for uid in (run[0][1]["uid"] for run in endstation.runs)
        )

    def complaints(self) -> set[tuple[Path, str]]:
        """Return what shippers say now that wait for Tiled, or send a run anew, each its own."""
        said = [(one.spool_folder, state.status()) for one, state in self._states()]
        return {
            (folder, status.message)
            for folder, status in said
            if status.state == "waiting" or "is sent anew" in status.message
        }

    def refused(self) -> dict[str, str]:
        """Return the runs that a shipper set aside, each with its reason."""
        return {uid: why for _, state in self._states() for uid, why in state.refused().items()}

    def _states(self) -> Iterator[tuple[Endstation, ShipState]]:
        for endstation in self.endstations:
            state = ShipState(endstation.spool_folder)
            try:
                yield endstation, state
            finally:
                state.close()


def _assert_rows(stream: Any, events: list[dict[str, Any]]) -> None:
    table = stream["internal"].read()
    assert table["seq_num"].tolist() == [event["seq_num"] for event in events]
    assert table["time"].tolist() == [event["time"] for event in events]
    for key in events[0]["data"]:
        values = [event["data"][key] for event in events]
        if key == "wave":
            np.testing.assert_array_equal(stream[key].read(), values)
        else:
            assert table[key].tolist() == values
            stamps = [event["timestamps"][key] for event in events]
            assert table[f"ts_{key}"].tolist() == stamps
