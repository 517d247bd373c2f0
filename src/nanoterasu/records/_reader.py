"""Reading a spool from another process, while it is being written."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from ._encoding import decode
from ._errors import SpoolDamaged, SpoolError
from ._spool import DATABASE, checksum

_COLUMNS = "sequence, run_uid, name, wall_time, body, checksum"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a spool, not yet checked.

    Attributes
    ----------
    sequence : int
        From 1, increasing.
    run_uid : str
        Run to which the document belongs.
    name : str
        Kind of document.
    wall_time : float
        When it was appended [s, Unix].
    body, checksum : bytes
        As stored.
    """

    sequence: int
    run_uid: str
    name: str
    wall_time: float
    body: bytes
    checksum: bytes

    def document(self) -> dict[str, Any]:
        """Return the document.

        Raises
        ------
        SpoolDamaged
            When the stored bytes do not agree with their checksum.
        """
        if checksum(self.run_uid, self.name, self.wall_time, self.body) != self.checksum:
            raise SpoolDamaged(
                f"Document {self.sequence} of run {self.run_uid} ({self.name}) does not agree "
                "with its checksum: the disk or another program changed it. Keep the spool as "
                "it is and restore that file from a copy.",
                sequence=self.sequence,
                run_uid=self.run_uid,
            )
        return decode(self.body)


class SpoolReader:
    """Read-only view of a spool folder; safe beside its writer.

    Parameters
    ----------
    folder
        The folder of a `Spool`, which need not exist yet.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._database: sqlite3.Connection | None = None

    def entries(
        self, after: int = 0, *, run_uid: str | None = None, limit: int = -1
    ) -> Iterator[Entry]:
        """Yield the rows beyond ``after`` that are there now, in order.

        Parameters
        ----------
        after
            Sequence number of the last row already seen; 0 for all.
        run_uid
            Of this run only.
        limit
            Largest number of rows; -1 for all.
        """
        if (database := self._connect()) is None:
            return
        which = "AND run_uid = ?" if run_uid is not None else ""
        query = (
            f"SELECT {_COLUMNS} FROM document WHERE sequence > ? {which} ORDER BY sequence LIMIT ?"
        )
        one = min(256, limit) if limit >= 0 else 256
        while one:
            # In slices, so that a slow consumer never holds a read transaction open: that
            # would keep the writer's log from being folded back into the database.
            values = (after, one) if run_uid is None else (after, run_uid, one)
            try:
                rows = database.execute(query, values).fetchall()
            except sqlite3.Error as error:
                raise SpoolError(_unreadable(self.folder, error)) from error
            for row in rows:
                yield Entry(*row)
            if len(rows) < one:
                return
            after = rows[-1][0]
            if limit >= 0:
                limit -= len(rows)
                one = min(one, limit)

    def starts(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Yield ``(run_uid, document)`` of every start document, in order, each checked.

        Raises
        ------
        SpoolDamaged
            At the first that does not agree with its checksum.
        """
        if (database := self._connect()) is None:
            return
        query = f"SELECT {_COLUMNS} FROM document WHERE name = 'start' ORDER BY sequence"
        for row in database.execute(query).fetchall():
            entry = Entry(*row)
            yield entry.run_uid, entry.document()

    def documents(self, after: int = 0) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield ``(sequence, name, document)`` of what is there now, each checked.

        Raises
        ------
        SpoolDamaged
            At the first row that does not agree with its checksum.
        """
        for entry in self.entries(after):
            yield entry.sequence, entry.name, entry.document()

    def follow(
        self, after: int = 0, *, stop: threading.Event | None = None, every: float = 0.05
    ) -> Iterator[tuple[int, str, dict[str, Any]]]:
        """Yield ``(sequence, name, document)`` as they come, until ``stop`` is set.

        Parameters
        ----------
        after
            Sequence number of the last document already seen.
        stop
            Ends the iteration, also while waiting.
        every
            Longest time between looks at the database [s].
        """
        stop = stop or threading.Event()
        while not stop.is_set():
            seen = after
            for sequence, name, document in self.documents(after):
                yield sequence, name, document
                after = sequence
                if stop.is_set():
                    return
            if after == seen:
                stop.wait(every)

    def last(self) -> int:
        """Return the highest sequence number, 0 for an empty spool."""
        if (database := self._connect()) is None:
            return 0
        return database.execute("SELECT coalesce(max(sequence), 0) FROM document").fetchone()[0]

    def last_time(self, after: int = 0) -> float | None:
        """Return when the last document beyond ``after`` was appended [s, Unix], if any was."""
        if (database := self._connect()) is None:
            return None
        row = database.execute(
            "SELECT wall_time FROM document WHERE sequence > ? ORDER BY sequence DESC LIMIT 1",
            (after,),
        ).fetchone()
        return row[0] if row else None

    def runs(self) -> dict[str, bool]:
        """Return the runs in order of opening, each with whether it has its stop document."""
        if (database := self._connect()) is None:
            return {}
        rows = database.execute(
            "SELECT run_uid, max(name = 'stop') FROM document GROUP BY run_uid"
            " ORDER BY min(sequence)"
        )
        return {uid: bool(closed) for uid, closed in rows}

    def open_runs(self) -> list[str]:
        """Return the runs that have a start document and no stop document, by uid."""
        if (database := self._connect()) is None:
            return []
        rows = database.execute(
            "SELECT run_uid FROM document WHERE name IN ('start', 'stop') GROUP BY run_uid"
            " HAVING max(name = 'stop') = 0"
        )
        return [row[0] for row in rows]

    def summary(self) -> list[tuple[str, int, float, float, bool]]:
        """Return ``(uid, documents, first, last, closed)`` of each run, in order of opening.

        ``first`` and ``last`` are when its first and last documents were appended [s, Unix].
        """
        if (database := self._connect()) is None:
            return []
        rows = database.execute(
            "SELECT run_uid, count(*), min(wall_time), max(wall_time), max(name = 'stop')"
            " FROM document GROUP BY run_uid ORDER BY min(sequence)"
        )
        return [(*row[:4], bool(row[4])) for row in rows]

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def __enter__(self) -> SpoolReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _connect(self) -> sqlite3.Connection | None:
        """Return the connection; None while the writer has not made the table yet."""
        path = self.folder / DATABASE
        if self._database is None and path.exists():
            try:
                database = sqlite3.connect(
                    f"{path.absolute().as_uri()}?{_how(path)}",
                    uri=True,
                    isolation_level=None,
                    check_same_thread=False,
                    timeout=30,
                )
                made = database.execute("SELECT 1 FROM sqlite_master WHERE name = 'document'")
                if made.fetchone() is None:
                    database.close()
                    return None
            except sqlite3.Error as error:
                raise SpoolError(_unreadable(self.folder, error)) from error
            self._database = database
        return self._database


def _how(path: Path) -> str:
    """Return how SQLite is to open the database at ``path``.

    One that was closed has no log, and SQLite would make one also to read; on a disk that nobody
    can write to, it is told that nothing will change.
    """
    closed = not path.with_name(path.name + "-wal").exists()
    frozen = closed and os.statvfs(path.parent).f_flag & os.ST_RDONLY
    return "mode=ro&immutable=1" if frozen else "mode=ro"


def _unreadable(folder: Path, error: BaseException) -> str:
    return (
        f"The spool {folder} cannot be read ({error}). Check that it belongs to this account and "
        "that its disk is mounted."
    )
