"""A run of ten rows among 10^7 of others in its table, as it is stored, against one with an index.

Tiled 0.2.20 names that index alike for all tables, so that only the first gets one; the server of
this house makes it within seconds.  The other rows are written straight into the table; see
``_fill.py``.
"""

from __future__ import annotations

import statistics

from ._documents import run_of, send
from ._fill import add_rows, indices, make_index, tables
from ._measure import Result, main, timed
from ._station import Station, station

ROWS = 10


def measure(quick: bool) -> list[Result]:
    """Read the run as it is stored, then without any index, then with one."""
    others, turns = (10_000, 1) if quick else (10_000_000, 9)
    with station() as place:
        # The first run's table takes the name of the index.
        uid = send(place, run_of(ROWS, 1, "first"), run_of(ROWS, 1, "second"))[1]
        table = tables(place)[-1]
        add_rows(place.home.tables, table, others)
        stored = bool(indices(place, table))
        as_stored = _reading(place, uid, turns)
        make_index(place, table)
        having = _reading(place, uid, turns)
    what = f"a run of {ROWS} rows among {others:,}"
    peer = f"with the index, {1e3 * having:.0f} ms"
    state = "with an index" if stored else "without an index"
    return [
        Result(
            f"{what}, as the house stores it ({state})",
            f"{1e3 * as_stored:.0f} ms",
            peer,
            as_stored / having,
            "as fast as with the index (at most 1.5)",
            as_stored / having <= 1.5,
        ),
    ]


def _reading(place: Station, uid: str, turns: int) -> float:
    catalog = place.catalog()
    assert len(catalog[uid].read("primary")["second_0"]) == ROWS
    return statistics.median(timed(lambda: catalog[uid].read("primary")) for _ in range(turns))


if __name__ == "__main__":
    main(measure, __doc__)
