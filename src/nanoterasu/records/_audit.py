"""Who read what: the trail that the guard writes before an answer leaves the server.

One row an answer that carried something of a run.  The file survives the server; a power cut may
take the rows of its last moments.  What it holds is as confidential as the runs: uids, logins and
the names of streams.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._home import TiledHome

ANONYMOUS = "anonymous"
PROVER = "who-can-read"
_PATIENCE = 2.0  # s for the file, before an answer is refused
_TABLES = """
CREATE TABLE IF NOT EXISTS look (
    at REAL NOT NULL,      -- s, Unix
    login TEXT NOT NULL,
    run TEXT NOT NULL,     -- uid; empty when the answer told of a whole group
    place TEXT NOT NULL,   -- access tag under which it stood
    what TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS look_of_run ON look (run, at);
CREATE INDEX IF NOT EXISTS look_at_place ON look (place, at) WHERE run = '';
CREATE TABLE IF NOT EXISTS moved (
    at REAL NOT NULL,
    run TEXT NOT NULL,
    from_place TEXT NOT NULL,
    to_place TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS proof (   -- keys that are made to prove the wall, not to read
    first_eight TEXT PRIMARY KEY,
    until REAL NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class Look:
    """Something of a run that an answer carries.

    Attributes
    ----------
    login : str
        Of the reader, or ``"anonymous"``.
    run : str
        Its uid; empty for an answer about a whole group (facets, counts).
    place : str
        Access tag under which it stands.
    what : str
        In words.
    key : str
        First eight characters of the API key that was used, if any.
    """

    login: str
    run: str
    place: str
    what: str
    key: str = ""


@dataclass(frozen=True, slots=True)
class Read:
    """One answer that carried something of a run.

    Attributes
    ----------
    at : datetime
        When, in UTC.
    login : str
        Who: a login, ``"anonymous"``, or ``"who-can-read"`` for the house's own proof.
    what : str
        What it carried.
    """

    at: datetime
    login: str
    what: str


class Audit:
    """The trail of one home, open for writing; safe between threads.

    Parameters
    ----------
    path
        SQLite file, mode 0600, made when missing.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._turn = threading.Lock()
        self._database = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_TABLES)

    def note(self, looks: Sequence[Look]) -> None:
        """Write ``looks``, all or none.

        Raises
        ------
        sqlite3.Error or FileNotFoundError
            When they could not be written: the answer must not leave.
        """
        self.path.stat()  # rows for a file that somebody removed would go nowhere
        now = time.time()
        with self._turn, self._transaction():
            for look in looks:
                login, what = look.login, look.what
                if look.key and self._proves(look.key, now):
                    login, what = PROVER, f"proof as {login}: {what}"
                self._database.execute(
                    "INSERT INTO look VALUES (?, ?, ?, ?, ?)",
                    (now, login, look.run, look.place, what),
                )

    def note_move(self, run: str, from_place: str, to_place: str) -> None:
        """Write that a run stands elsewhere from now on."""
        with self._turn, self._transaction():
            self._database.execute(
                "INSERT INTO moved VALUES (?, ?, ?, ?)", (time.time(), run, from_place, to_place)
            )

    def expect_proof(self, first_eight: str, until: float) -> None:
        """Let what a key reads until ``until`` [s, Unix] count as proof, not as reading."""
        with self._turn, self._transaction():
            self._database.execute("DELETE FROM proof WHERE until < ?", (time.time(),))
            self._database.execute("INSERT INTO proof VALUES (?, ?)", (first_eight, until))

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def _proves(self, first_eight: str, now: float) -> bool:
        query = "SELECT 1 FROM proof WHERE first_eight = ? AND until >= ?"
        return self._database.execute(query, (first_eight, now)).fetchone() is not None

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
            self._database.execute("COMMIT")
        except BaseException:
            self._database.execute("ROLLBACK")
            raise


def note_move(path: Path, run: str, from_place: str, to_place: str) -> None:
    """Write into the trail at ``path`` that a run stands elsewhere from now on."""
    with closing(Audit(path)) as audit:
        audit.note_move(run, from_place, to_place)


def reads(home: TiledHome | str | os.PathLike[str], uid: str) -> tuple[Read, ...]:
    """Return who read what of a run, in order of time.

    Facets and counts are answers about a whole access group: they are listed for each run that
    stood in the group then.  The shipping service writes and is not listed.

    Parameters
    ----------
    home
        Whose server has been asked.
    uid
        Of the run.
    """
    from ._home import TiledHome
    from ._publish import place_of

    home = home if isinstance(home, TiledHome) else TiledHome(home)
    if not home.audit.exists():
        return ()
    place = place_of(home, uid)
    with closing(sqlite3.connect(home.audit, timeout=30)) as database:
        rows = database.execute("SELECT at, login, what FROM look WHERE run = ?", (uid,)).fetchall()
        moves = database.execute(
            "SELECT at, from_place, to_place FROM moved WHERE run = ? ORDER BY at", (uid,)
        ).fetchall()
        for begins, ends, where in _stays(moves, place):
            rows += database.execute(
                "SELECT at, login, what FROM look WHERE run = '' AND place = ? AND at >= ? "
                "AND at < ?",
                (where, begins, ends),
            ).fetchall()
    return tuple(Read(datetime.fromtimestamp(at, UTC), *rest) for at, *rest in sorted(rows))


def _stays(
    moves: Iterable[tuple[float, str, str]], place: str | None
) -> Iterator[tuple[float, float, str]]:
    """Yield from when to when a run stood where."""
    begins = 0.0
    for at, from_place, to_place in moves:
        yield begins, at, from_place
        begins, place = at, to_place
    if place is not None:
        yield begins, float("inf"), place
