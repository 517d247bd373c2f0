"""What has been shipped: the shipper's own notes beside the spool, readable by anyone."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ._errors import ShipError
from ._notes_file import NOTES, make_notes, open_notes


@dataclass(frozen=True, slots=True)
class ShipStatus:
    """What the shipper does now.

    Attributes
    ----------
    state : str
        ``"shipping"``, ``"waiting"`` (for Tiled), ``"stopped"`` or ``"never started"``.
    message : str
        One sentence for a person.
    since : float
        When it said so [s, Unix].
    """

    state: str
    message: str
    since: float


class ShipState:
    """The shipper's notes on one spool.

    Parameters
    ----------
    folder
        The spool's folder.  The shipper writes; others note what they verified, or ask.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.path = Path(folder) / NOTES
        self._database: sqlite3.Connection | None = None

    def shipped(self, run_uid: str) -> bool:
        """Return whether all documents of a run are in Tiled."""
        return self._state_of(run_uid)[0] == "shipped"

    def refused(self) -> dict[str, str]:
        """Return the runs that were set aside, each with the reason."""
        return self._reasons("refused")

    def delayed(self) -> dict[str, str]:
        """Return the runs that are tried again later, each with what keeps them."""
        return self._reasons("delayed")

    def set_aside(self) -> list[tuple[int, str, str]]:
        """Return ``(sequence, run_uid, reason)`` of documents whose run is stored without them."""
        if (database := self._read()) is None:
            return []
        query = "SELECT sequence, run_uid, reason FROM aside ORDER BY sequence"
        return database.execute(query).fetchall()

    def verified(self, run_uid: str) -> bool:
        """Return whether Tiled held every document of a run when they were last compared."""
        return self.verified_digest(run_uid) is not None

    def verified_digest(self, run_uid: str) -> bytes | None:
        """Return the digest of the documents that were compared; None if none were, or differ."""
        if (database := self._read()) is None:
            return None
        query = "SELECT digest FROM verified WHERE run_uid = ?"
        row = database.execute(query, (run_uid,)).fetchone()
        return row[0] if row else None

    def status(self) -> ShipStatus:
        """Return what the shipper does now."""
        database = self._read()
        query = "SELECT value, at FROM note WHERE name = 'status'"
        row = database.execute(query).fetchone() if database else None
        if row is None:
            return ShipStatus("never started", f"No shipper has read {self.path.parent}.", 0.0)
        state, _, message = row[0].partition(": ")
        return ShipStatus(state, message, row[1])

    def cursor(self) -> int:
        """Return the sequence number up to which every run is shipped or refused."""
        row = self._write().execute("SELECT value FROM note WHERE name = 'cursor'").fetchone()
        return int(row[0]) if row else 0

    def finished_after(self, sequence: int) -> set[str]:
        """Return the runs shipped that reach beyond ``sequence``, and all that were refused."""
        query = (
            "SELECT run_uid FROM run WHERE (state = 'shipped' AND last > ?) OR state = 'refused'"
        )
        rows = self._write().execute(query, (sequence,))
        return {row[0] for row in rows}

    def finish(
        self, run_uid: str, state: str, *, first: int, last: int, cursor: int, reason: str = ""
    ) -> None:
        """Note that a run is ``"shipped"`` or ``"refused"``, and how far all is done."""
        with self._all_or_nothing() as database:
            self._set(database, run_uid, state, first, last, reason)
            self._note("cursor", str(cursor))

    def delay(self, run_uid: str, *, first: int, reason: str) -> None:
        """Note that a run is tried again later, and what keeps it."""
        self._set(self._write(), run_uid, "delayed", first, first, reason)

    def put_aside(self, sequence: int, run_uid: str, reason: str) -> None:
        """Note that one document cannot be stored, while the rest of its run can."""
        self._write().execute(
            "INSERT OR REPLACE INTO aside VALUES (?, ?, ?, ?)",
            (sequence, run_uid, reason, time.time()),
        )

    def take_back(self, run_uid: str) -> None:
        """Forget which documents of a run were set aside: it is sent anew."""
        self._write().execute("DELETE FROM aside WHERE run_uid = ?", (run_uid,))

    def verify_done(self, run_uid: str, digest: bytes) -> None:
        """Note that Tiled holds every document of a run.

        Parameters
        ----------
        run_uid
            Of the run.
        digest
            `RunDigest` of the documents that were compared.
        """
        row = (run_uid, digest, time.time())
        self._write().execute("INSERT OR REPLACE INTO verified VALUES (?, ?, ?)", row)

    def doubt(self, run_uid: str) -> None:
        """Forget that a run was verified: it was found to differ, or is sent again."""
        if self._read() is not None:
            self._write().execute("DELETE FROM verified WHERE run_uid = ?", (run_uid,))

    def ask_again(self, run_uid: str) -> None:
        """Ask the shipper to compare a run anew, and to send it again if it differs.

        It does so within a second where it runs, and else when it starts.
        """
        row = (run_uid, time.time())
        self._write().execute("INSERT OR REPLACE INTO asked VALUES (?, ?)", row)

    def asked(self) -> list[str]:
        """Return the runs that `ask_again` named and the shipper has not dealt with."""
        if (database := self._read()) is None:
            return []
        return [row[0] for row in database.execute("SELECT run_uid FROM asked ORDER BY at")]

    def answered(self, run_uid: str) -> None:
        """Note that the shipper deals with a run that it was asked for."""
        self._write().execute("DELETE FROM asked WHERE run_uid = ?", (run_uid,))

    def forget(self, run_uid: str) -> None:
        """Let a run be shipped, or be tried, again when the shipper next starts."""
        with self._all_or_nothing() as database:
            query = "SELECT first FROM run WHERE run_uid = ?"
            row = database.execute(query, (run_uid,)).fetchone()
            if row is not None:
                for table in ("run", "verified", "aside"):
                    database.execute(f"DELETE FROM {table} WHERE run_uid = ?", (run_uid,))
                self._note("cursor", str(min(self.cursor(), row[0] - 1)))

    def say(self, state: str, message: str) -> None:
        """Note what the shipper does now."""
        self._note("status", f"{state}: {message}")

    def wait(self, run_uid: str, timeout: float) -> None:
        """Wait until a run is in Tiled.

        Parameters
        ----------
        run_uid
            Of a run whose stop document is, or soon will be, in the spool.
        timeout
            [s]

        Raises
        ------
        ShipError
            When the run was refused, or ``timeout`` is over; it stays in the spool.
        """
        until, pause = time.monotonic() + timeout, threading.Event()
        while (found := self._state_of(run_uid))[0] != "shipped":
            where = f"Its documents are safe in {self.path.parent}"
            if found[0] == "refused":
                raise ShipError(
                    f"Run {run_uid} was set aside by the shipper: {found[1]}. {where}; mend the "
                    "cause and send it again."
                )
            if time.monotonic() > until:
                status = self.status()
                raise ShipError(
                    f"Run {run_uid} is not in Tiled after {timeout:g} s (the shipper is "
                    f"{status.state}: {status.message}). {where} and will be sent when Tiled and "
                    "the shipper run."
                )
            pause.wait(0.02)

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def _state_of(self, run_uid: str) -> tuple[str, str]:
        if (database := self._read()) is None:
            return "", ""
        query = "SELECT state, reason FROM run WHERE run_uid = ?"
        return database.execute(query, (run_uid,)).fetchone() or ("", "")

    def _reasons(self, state: str) -> dict[str, str]:
        if (database := self._read()) is None:
            return {}
        query = "SELECT run_uid, reason FROM run WHERE state = ? ORDER BY at"
        return dict(database.execute(query, (state,)))

    @staticmethod
    def _set(
        database: sqlite3.Connection, run_uid: str, state: str, first: int, last: int, reason: str
    ) -> None:
        row = (run_uid, state, first, last, reason, time.time())
        database.execute("INSERT OR REPLACE INTO run VALUES (?, ?, ?, ?, ?, ?)", row)

    @contextmanager
    def _all_or_nothing(self) -> Iterator[sqlite3.Connection]:
        database = self._write()
        database.execute("BEGIN IMMEDIATE")
        try:
            yield database
            database.execute("COMMIT")
        except BaseException:
            database.execute("ROLLBACK")
            raise

    def _note(self, name: str, value: str) -> None:
        self._write().execute(
            "INSERT OR REPLACE INTO note VALUES (?, ?, ?)", (name, value, time.time())
        )

    def _read(self) -> sqlite3.Connection | None:
        """Return the connection; None while no shipper has made the file."""
        return self._write() if self._database or self.path.exists() else None

    def _write(self) -> sqlite3.Connection:
        if self._database is None:
            if not self.path.exists():
                make_notes(self.path)
            self._database = open_notes(self.path)
        return self._database


def shipped(folder: str | os.PathLike[str], run_uid: str) -> bool:
    """Return whether all documents of a run in the spool ``folder`` are in Tiled."""
    state = ShipState(folder)
    try:
        return state.shipped(run_uid)
    finally:
        state.close()


def wait_until_shipped(folder: str | os.PathLike[str], run_uid: str, timeout: float) -> None:
    """Wait up to ``timeout`` [s] until a run in the spool ``folder`` is in Tiled.

    Raises
    ------
    ShipError
        When the run was refused, or the time is over; it stays in the spool.
    """
    state = ShipState(folder)
    try:
        state.wait(run_uid, timeout)
    finally:
        state.close()
