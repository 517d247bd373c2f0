"""Searching a catalog of 5,000 and of 50,000 runs, against SQL on its database.

The runs are written straight into the catalog's database; see ``_fill.py``.
"""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Callable
from itertools import islice

from ._fill import add_runs
from ._measure import Result, in_turns, main, ratio, timed
from ._station import Station, station

ASKED = {"technique": "XMCD", "edge": "Fe L3"}
SQL = (
    "SELECT count(*) FROM nodes WHERE json_extract(metadata, '$.start.technique') = 'XMCD'"
    " AND json_extract(metadata, '$.start.edge') = 'Fe L3'"
)


def measure(quick: bool) -> list[Result]:
    """Ask the same questions of both."""
    sizes, turns = ((50, 500), 1) if quick else ((5_000, 50_000), 9)
    with station() as place:
        small = _asked(place, 0, sizes[0], turns)
        large = _asked(place, sizes[0], sizes[1], turns)
    results = []
    for what in large:
        for size, found in zip(sizes, (small, large), strict=True):
            ours, peer = found[what]
            results.append(
                Result(
                    f"{what}, {size:,} runs",
                    f"{1e3 * statistics.median(ours):.0f} ms",
                    f"SQL on the catalog's file, {1e3 * statistics.median(peer):.1f} ms",
                    ratio(ours, peer),
                )
            )
    return results


def _asked(
    place: Station, first: int, last: int, turns: int
) -> dict[str, tuple[list[float], list[float]]]:
    uids = add_runs(place, first, last)
    catalog = place.catalog()
    path = place.home.catalog_uri.removeprefix("sqlite+aiosqlite:///")
    database = sqlite3.connect(path)
    expected = database.execute(SQL).fetchone()[0]
    assert len(catalog.search(**ASKED)) == expected
    assert len(catalog) == last

    def sql(text: str) -> Callable[[], float]:
        return lambda: timed(lambda: database.execute(text).fetchall())

    newest = "ORDER BY json_extract(metadata, '$.start.time') DESC"
    found = SQL.replace("count(*)", "metadata")
    ways: dict[str, tuple[Callable[[], float], Callable[[], float]]] = {
        "search by technique and edge, how many": (
            lambda: timed(lambda: len(catalog.search(**ASKED))),
            sql(SQL),
        ),
        "search by technique and edge, the newest ten": (
            lambda: timed(lambda: list(islice(catalog.search(**ASKED), 10))),
            sql(f"{found} {newest} LIMIT 10"),
        ),
        "the newest run, catalog[-1]": (
            lambda: timed(lambda: catalog[-1].start),
            sql(f"SELECT metadata FROM nodes {newest} LIMIT 1"),
        ),
        "a run by the beginning of its uid": (
            lambda: timed(lambda: catalog[uids[0][:8]].start),
            sql(
                "SELECT metadata FROM nodes WHERE json_extract(metadata, '$.start.uid')"
                f" LIKE '{uids[0][:8]}%'"
            ),
        ),
    }
    results = {}
    for what, (ours, peer) in ways.items():
        times = in_turns({"ours": ours, "peer": peer}, turns)
        results[what] = times["ours"], times["peer"]
    database.close()
    return results


if __name__ == "__main__":
    main(measure, __doc__)
