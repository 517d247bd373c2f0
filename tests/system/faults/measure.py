"""Children that measure, and tell their parent of each document once it is in the spool.

They are forked from a server that has imported everything, so that a round of measuring, killing
and starting again takes a fraction of a second.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from itertools import islice
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from .content import Plan, rows, runs
from .frames import measured_frames

Document = tuple[str, dict[str, Any]]
ENDED = "ended"  # told in place of a document's kind when all has been measured


def measure(
    folder: Path,
    tag: str,
    seed: int,
    most_runs: int,
    parent: Connection,
    clock_jumps: tuple[float, ...] = (),
    files: Path | None = None,
) -> None:
    """Measure ``most_runs`` runs of ``seed`` into the spool ``folder``; tell ``parent`` of each.

    Parameters
    ----------
    tag
        Access tag of the runs.
    clock_jumps
        By how much the clock is wrong while each run is measured, in turn [s].
    files
        Folder of a beamtime, for frames; without it none are taken.
    """
    more = [partial(measured_frames, folder=files)] if files else []
    plans: Iterable[Plan] = islice(runs(seed, *more), most_runs)
    if clock_jumps:
        plans = _with_a_jumping_clock(plans, clock_jumps)
    measure_plans(folder, tag, plans, parent)


def measure_rows(
    folder: Path, tag: str, number: int, size: int, reserve: int, log: Path, parent: Connection
) -> None:
    """Measure a run of rows into a spool that keeps ``reserve`` [bytes] of its disk free.

    What a person would be told goes into ``log``.  SIGUSR1 makes the spool's database read-only,
    as its disk would be after an error, and SIGUSR2 makes it writable again.
    """
    printed = os.open(log, os.O_WRONLY | os.O_CREAT, 0o600)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    measure_plans(folder, tag, [rows(number, size)], parent, reserve=reserve)


def measure_plans(
    folder: Path, tag: str, plans: Iterable[Plan], parent: Connection, **settings: Any
) -> None:
    """Run ``plans`` one after the other in a session's engine over the spool ``folder``."""
    from nanoterasu.records import Spool
    from nanoterasu.session import SessionEngine

    with Spool(folder, **settings) as spool:

        def journal(name: str, doc: Mapping[str, Any]) -> None:
            spool.record(name, doc)
            parent.send((name, dict(doc)))

        for number, query_only in ((signal.SIGUSR1, "ON"), (signal.SIGUSR2, "OFF")):
            statement = f"PRAGMA query_only = {query_only}"
            signal.signal(number, lambda *_, do=statement: spool._database.execute(do))
        # Of the party of the sessions at the twin, which retire what others have in Tiled.
        tagged = {"tiled_access_tags": [tag], "unit_id": "EX-U1"}
        engine = SessionEngine(lambda md: md | tagged, journal, settle=spool.settle)
        for plan in plans:
            engine(plan)
        parent.send((ENDED, {}))


def _with_a_jumping_clock(plans: Iterable[Plan], jumps: tuple[float, ...]) -> Iterator[Plan]:
    right = time.time
    for number, plan in enumerate(plans):
        wrong = jumps[number % len(jumps)]
        time.time = lambda wrong=wrong: right() + wrong
        yield plan


def measure_at_the_twin(
    home: Path, environment: dict[str, str], prefix: str, seed: int, parent: Connection
) -> None:
    """Measure spectra in a whole session over the twin until killed; go on after a plan fails."""
    os.environ.update(environment)
    import ophyd

    ophyd.set_cl("pyepics")
    from nanoterasu.beamlines.bl13u import BL13U
    from nanoterasu.plans import Region, xas
    from nanoterasu.session import Session

    with Session(BL13U(prefix), "EX-0001", "alpha-member", home=home, twin=True) as session:
        session.RE.subscribe(lambda name, doc: parent.send((name, doc)))
        line: Any = session.beamline
        region = Region(700.0, 702.0, 0.5)
        session.RE(xas([line.i0, line.tey], line.energy, [region], edge="Fe", dwell=0.01))
        parent.send((ENDED, {}))
