"""10^5 events into xarray, as an analyst reads them, against pandas.read_sql of the same table."""

from __future__ import annotations

import sqlite3
import statistics

import pandas

from ._documents import run_of, send
from ._fill import tables
from ._measure import Result, in_turns, main, ratio, timed
from ._station import station


def measure(quick: bool) -> list[Result]:
    """Read one run of five columns, each with its timestamps, again and again."""
    rows, turns = (1000, 1) if quick else (100_000, 15)
    with station() as place:
        (uid,) = send(place, run_of(rows))
        (table,) = tables(place)
        database = sqlite3.connect(place.home.tables)
        catalog = place.catalog()
        assert len(catalog[uid].read("primary")["channel_0"]) == rows
        found = in_turns(
            {
                "ours": lambda: timed(lambda: catalog[uid].read("primary")),
                "pandas": lambda: timed(
                    lambda: pandas.read_sql(f'SELECT * FROM "{table}"', database)
                ),
                "connect": lambda: timed(place.catalog),
            },
            turns,
        )
        database.close()
    middle = {name: statistics.median(times) for name, times in found.items()}
    what = f"{rows:,} events x 5 into xarray by catalog[uid].read()"
    return [
        Result(
            what,
            f"{middle['ours']:.2f} s",
            f"pandas.read_sql of the same table in its file, {middle['pandas']:.2f} s",
            ratio(found["ours"], found["pandas"]),
            "at most 0.3 s",
            middle["ours"] <= 0.3,
        ),
        Result("connect() with a login, before that", f"{middle['connect']:.2f} s"),
    ]


if __name__ == "__main__":
    main(measure, __doc__)
