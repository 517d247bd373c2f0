"""All twins at once: how long until they answer, and what they take while nobody asks."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from nanoterasu.beamlines import tables
from nanoterasu.twin import TwinProcess

from ._measure import Result, main, timed


def measure(quick: bool) -> list[Result]:
    """Start every beamline's twin at the same time, then leave them alone."""
    watched = 1.0 if quick else 20.0
    twins = [TwinProcess(code) for code in tables()]
    with ExitStack() as stack, ThreadPoolExecutor(len(twins)) as pool:
        for twin in twins:
            stack.callback(twin.stop)
        started = timed(lambda: list(pool.map(lambda twin: twin.start(), twins)))
        before = sum(_processor_time(twin.pid) for twin in twins)
        time.sleep(watched)  # what is measured is the time in which nothing happens
        used = (sum(_processor_time(twin.pid) for twin in twins) - before) / watched
        memory = sum(_resident(twin.pid) for twin in twins) / 1e6
    number = f"{len(twins)} twins"
    return [
        Result(
            f"{number}, from the command until all answer",
            f"{started:.1f} s",
            goal="under 20 s for ten",
            met=started < 20,
        ),
        Result(
            f"{number}, idle",
            f"{100 * used:.1f} % of a core, {memory:.0f} MB",
            goal="under 10 % of a core for ten",
            met=used < 0.1,
        ),
    ]


def _processor_time(pid: int | None) -> float:
    """Time [s] that a process has used so far."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _resident(pid: int | None) -> int:
    """Memory [byte] that a process holds."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(measure, __doc__)
