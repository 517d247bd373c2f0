"""What is where: a spool, its writer and its shipper, told from outside while they work."""

from __future__ import annotations

import os
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from ._lock import lock_holder
from ._reader import SpoolReader
from ._spool import DATABASE, LOCK, SHIP_LOCK
from ._state import ShipState, ShipStatus

# Not the apostrophe within a word; access tags are codes.
_QUOTED = re.compile(r"(?<!\w)'(?!unit-|proposal-)[^']*'(?!\w)|\"[^\"]*\"")
_REASON = 160  # characters


@dataclass(frozen=True, slots=True)
class SpooledRun:
    """One run in a spool.

    Attributes
    ----------
    uid : str
        Of the run.
    documents : int
        How many of it the spool holds.
    began, ended : float
        When its first and its last document were appended [s, Unix].
    closed : bool
        Whether it has its stop document.
    shipped, verified : bool
        Whether Tiled has all of it; whether that was found by comparing every field.
    aside : str
        Why it, or a document of it, was set aside; empty when it was not.  What the message
        quotes of the document is left out.
    """

    uid: str
    documents: int
    began: float
    ended: float
    closed: bool
    shipped: bool
    verified: bool
    aside: str


@dataclass(frozen=True, slots=True)
class SpoolStatus:
    """What is in one spool, and who works on it.

    Attributes
    ----------
    folder : Path
        Of the spool.
    writer, shipper_process : str or None
        Process that holds the spool, and that ships from it; None when there is none.
    runs : tuple of SpooledRun
        In order of opening.
    size : int
        Of the spool's files [bytes].
    free : int
        On its disk [bytes].
    shipper : ShipStatus
        What the shipper said last.
    """

    folder: Path
    writer: str | None
    shipper_process: str | None
    runs: tuple[SpooledRun, ...]
    size: int
    free: int
    shipper: ShipStatus

    def oldest_waiting(self, now: float | None = None) -> float | None:
        """Return the age of the oldest document that is not in Tiled [s]; None if all are."""
        began = [run.began for run in self.runs if not run.shipped and not run.aside]
        return max(0.0, (now or time.time()) - min(began)) if began else None


def spool_status(folder: str | os.PathLike[str]) -> SpoolStatus:
    """Look at a spool; it may be in use.

    Raises
    ------
    SpoolError
        When it cannot be read.
    """
    folder = Path(folder)
    files = [folder / f"{DATABASE}{end}" for end in ("", "-wal", "-shm")]
    state = ShipState(folder)
    try:
        return SpoolStatus(
            folder,
            lock_holder(folder / LOCK),
            lock_holder(folder / SHIP_LOCK),
            _runs(folder, state),
            sum(path.stat().st_size for path in files if path.exists()),
            shutil.disk_usage(folder).free,
            state.status(),
        )
    finally:
        state.close()


def discreet(reason: str) -> str:
    """Return why something was set aside, without what the message quotes of a document.

    >>> discreet("ValueError: could not convert string to float: 'alloy K7'")
    'ValueError: could not convert string to float: [withheld]'
    """
    short = _QUOTED.sub("[withheld]", reason)
    return short if len(short) <= _REASON else f"{short[:_REASON]}…"


def _runs(folder: Path, state: ShipState) -> tuple[SpooledRun, ...]:
    refused = state.refused()
    for sequence, uid, reason in state.set_aside():
        refused.setdefault(uid, f"document {sequence}: {reason}")
    with SpoolReader(folder) as reader:
        return tuple(
            SpooledRun(
                *row,
                shipped=state.shipped(row[0]),
                verified=state.verified(row[0]),
                aside=discreet(refused.get(row[0], "")),
            )
            for row in reader.summary()
        )
