"""Who read what: the trail that the guard writes before an answer leaves the server.

One row an answer that carried something of a run.  The trail survives the server; a power cut may
take the rows of its last moments from a file, and none from a database.  What it holds is as
confidential as the runs: uids, logins and the names of streams.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from ._trail import Execute, open_store, rows

if TYPE_CHECKING:
    from ._home import TiledHome

ANONYMOUS = "anonymous"
PROVER = "who-can-read"


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
    """The trail of one home, open for writing; safe between threads and processes.

    Parameters
    ----------
    place
        Its file, mode 0600, or the address of its database (`TiledHome.trail`); made when missing.
    """

    def __init__(self, place: Path | str) -> None:
        self.place = place
        self._store = open_store(place)

    def note(self, looks: Sequence[Look]) -> None:
        """Write ``looks``, all or none.

        Raises
        ------
        sqlite3.Error, psycopg.Error or FileNotFoundError
            When they could not be written: the answer must not leave.
        """
        now = time.time()
        with self._store.writing() as execute:
            for look in looks:
                login, what = look.login, look.what
                if look.key and _proves(execute, look.key, now):
                    login, what = PROVER, f"proof as {login}: {what}"
                execute(
                    "INSERT INTO look VALUES (?, ?, ?, ?, ?)",
                    (now, login, look.run, look.place, what),
                )

    def note_move(self, run: str, from_place: str, to_place: str) -> None:
        """Write that a run stands elsewhere from now on."""
        with self._store.writing() as execute:
            execute(
                "INSERT INTO moved VALUES (?, ?, ?, ?)", (time.time(), run, from_place, to_place)
            )

    def expect_proof(self, first_eight: str, until: float) -> None:
        """Let what a key reads until ``until`` [s, Unix] count as proof, not as reading."""
        with self._store.writing() as execute:
            execute("DELETE FROM proof WHERE until < ?", (time.time(),))
            execute("INSERT INTO proof VALUES (?, ?)", (first_eight, until))

    def reads(self, uid: str, place: str | None) -> tuple[Read, ...]:
        """Return who read what of a run that stands under the tag ``place`` now, if anywhere."""
        of_group = (
            "SELECT at, login, what FROM look WHERE run = '' AND place = ? AND at >= ? AND at < ?"
        )
        with self._store.writing() as execute:
            found = rows(execute, "SELECT at, login, what FROM look WHERE run = ?", (uid,))
            moves = rows(
                execute,
                "SELECT at, from_place, to_place FROM moved WHERE run = ? ORDER BY at",
                (uid,),
            )
            for begins, ends, where in _stays(moves, place):
                found += rows(execute, of_group, (where, begins, ends))
        return tuple(Read(datetime.fromtimestamp(at, UTC), *rest) for at, *rest in sorted(found))

    def close(self) -> None:
        """Let go of the trail."""
        self._store.close()


def _proves(execute: Execute, first_eight: str, now: float) -> bool:
    query = "SELECT 1 FROM proof WHERE first_eight = ? AND until >= ?"
    return execute(query, (first_eight, now)).fetchone() is not None


def note_move(place: Path | str, run: str, from_place: str, to_place: str) -> None:
    """Write into the trail at ``place`` that a run stands elsewhere from now on."""
    with closing(Audit(place)) as audit:
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
    if isinstance(home.trail, Path) and not home.trail.exists():
        return ()
    with closing(Audit(home.trail)) as audit:
        return audit.reads(uid, place_of(home, uid))


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
