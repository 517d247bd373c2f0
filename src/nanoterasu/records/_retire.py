"""Taking out of a spool what Tiled is known to hold, so that the next party finds none of it."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from ._digest import RunDigest
from ._errors import SpoolError
from ._journal_file import open_database
from ._spool import DATABASE
from ._state import ShipState

_DAY = 86400.0  # s


def retire(
    folder: str | os.PathLike[str],
    uids: Iterable[str],
    *,
    older_than: float = 0.0,
    rewrite: bool = True,
    patience: float = 30.0,
) -> frozenset[str]:
    """Delete the documents of those runs of ``uids`` that are closed and verified.

    A run is verified when all its documents, as they are in the spool now, were compared with
    what Tiled holds and none differed (`verify`); that it was shipped is not enough.  A row with
    its uid and one hash over the whole run stays.  (One hash for each document would let somebody
    who guesses a sample's name make sure of it.)  Any other run is left as it is.  Deleted bytes
    are overwritten, and the database and its write-ahead log rewritten without them; what the disk
    itself keeps of freed blocks is out of reach.

    Parameters
    ----------
    folder
        The folder of a `Spool`; it may be open, in this process or another.
    uids
        Runs to retire.
    older_than
        Only those whose last document was appended so long ago [days].
    rewrite
        Rewrite the files too.  It holds up whoever measures; without it the room is used again
        by the next documents, and the rest is done at the next rewriting.
    patience
        How long to wait for readers that hold the log [s].

    Returns
    -------
    frozenset of str
        Those of ``uids`` of which no document is left in the spool.

    Raises
    ------
    SpoolError
        When the spool cannot be written, or a reader keeps its log from being emptied.
    """
    folder, before = Path(folder), time.time() - older_than * _DAY
    if not (folder / DATABASE).exists():
        return frozenset()
    state = ShipState(folder)
    try:
        with closing(open_database(folder / DATABASE, patience=patience)) as database:
            gone = frozenset(
                uid
                for uid in dict.fromkeys(uids)
                if (digest := state.verified_digest(uid)) and _forget(database, uid, digest, before)
            )
            if rewrite:
                _rewrite(database, folder)
            return gone
    except sqlite3.Error as error:
        raise SpoolError(
            f"Runs that are stored could not be taken out of the spool {folder} ({error}). They "
            "stay there until it is tried again: make room on the disk, end programs that read "
            "the spool, and begin the session anew."
        ) from error
    finally:
        state.close()


def _forget(database: sqlite3.Connection, uid: str, verified: bytes, before: float) -> bool:
    """Replace the documents of a closed run by one row, if they are those; whether none is left."""
    database.execute("BEGIN IMMEDIATE")
    try:
        digest, names, first, last, latest = RunDigest(), [], 0, 0, 0.0
        rows = database.execute(
            "SELECT sequence, name, checksum, wall_time FROM document WHERE run_uid = ?"
            " ORDER BY sequence",
            (uid,),
        )
        for sequence, name, checksum, at in rows:
            digest.add(checksum)
            names.append(name)
            first, last, latest = first or sequence, sequence, max(latest, at)
        if "stop" in names and latest <= before and digest.value() == verified:
            database.execute(
                "INSERT OR REPLACE INTO retired VALUES (?, ?, ?, ?, ?, ?)",
                (uid, first, last, len(names), verified, time.time()),
            )
            database.execute("DELETE FROM document WHERE run_uid = ?", (uid,))
            names.clear()
        database.execute("COMMIT")
    except BaseException:
        database.execute("ROLLBACK")
        raise
    return not names


def _rewrite(database: sqlite3.Connection, folder: Path) -> None:
    """Leave no byte of what was deleted: neither in the database nor in its log.

    Also after nothing was deleted now: the last time may have been cut short.
    """
    if database.execute("PRAGMA freelist_count").fetchone()[0]:
        database.execute("VACUUM")
    busy = database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise SpoolError(
            f"The log of the spool {folder} could not be emptied, because a program is reading "
            "it. End the programs that read this spool, and begin the session anew."
        )
