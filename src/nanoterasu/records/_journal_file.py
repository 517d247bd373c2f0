"""The database of a spool, and when its write-ahead log is on the disk."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS document (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run_uid TEXT NOT NULL,
    name TEXT NOT NULL,
    wall_time REAL NOT NULL,
    body BLOB NOT NULL,
    checksum BLOB NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS document_of_run ON document (run_uid, sequence);
CREATE INDEX IF NOT EXISTS ends_of_runs ON document (run_uid) WHERE name IN ('start', 'stop');
CREATE TABLE IF NOT EXISTS retired (
    run_uid TEXT PRIMARY KEY,
    first INTEGER NOT NULL,   -- sequence numbers that it had
    last INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    digest BLOB NOT NULL,     -- over the checksums of all its documents
    at REAL NOT NULL
) STRICT;
"""


def open_database(path: Path, *, patience: float = 30.0) -> sqlite3.Connection:
    """Open the database of a spool for writing, waiting ``patience`` [s] for others.

    A commit is in the operating system's hands when it returns, and on the disk after
    `JournalFile.settle`.
    """
    database = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=patience
    )
    database.execute("PRAGMA journal_mode = WAL")
    # What moves between pages, or is retired, leaves no copy behind.
    database.execute("PRAGMA secure_delete = ON")
    # The log is brought to the disk before it is folded into the database, here; and by settle().
    database.execute("PRAGMA synchronous = NORMAL")
    database.executescript(_TABLES)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name of a new file is durable only with its folder
    finally:
        os.close(folder)
    return database


class JournalFile:
    """Brings the write-ahead log of an open database to the disk.

    Parameters
    ----------
    database
        Path of the database, which is open for writing.
    window
        Longest time that what was written may wait for the disk [ms]; 0: `settle` waits for it.
    """

    def __init__(self, database: Path, window: float) -> None:
        self._log = os.open(f"{database}-wal", os.O_RDONLY | os.O_CLOEXEC)
        self._window = window / 1e3
        self._change = threading.Condition()
        self._oldest: float | None = None  # when the first was written that still waits
        self._failed: OSError | None = None
        self._closed = False
        self._thread: threading.Thread | None = None
        self._sync()
        if window > 0:
            self._thread = threading.Thread(target=self._keep, name="spool-window", daemon=True)
            self._thread.start()

    def written(self) -> None:
        """Note that something waits for the disk."""
        with self._change:
            if self._oldest is None:
                self._oldest = time.monotonic()
                self._change.notify()

    def settle(self) -> None:
        """Return when what was written is on the disk, or will be within the window.

        Raises
        ------
        OSError
            When the disk refused, now or since the last call.
        """
        failed, self._failed = self._failed, None
        if failed is not None:
            raise failed
        if self._thread is None and self._oldest is not None:
            self._sync()

    def _sync(self) -> None:
        with self._change:
            waited, self._oldest = self._oldest, None
        try:
            os.fdatasync(self._log)
        except OSError:
            self._oldest = waited
            raise

    def _keep(self) -> None:
        while True:
            with self._change:
                while self._oldest is None and not self._closed:
                    self._change.wait()
                if self._closed:
                    return
                assert self._oldest is not None
                # Half a window early: the disk needs its time too.
                self._change.wait(max(0.0, self._oldest + self._window / 2 - time.monotonic()))
            try:
                self._sync()
            except OSError as error:
                self._failed = error
                with self._change:
                    self._change.wait(0.5)

    def close(self) -> None:
        """Bring to the disk what waits, and let go of the log."""
        with self._change:
            self._closed = True
            self._change.notify()
        if self._thread is not None:
            self._thread.join()
        try:
            if self._oldest is not None:
                self._sync()
        finally:
            os.close(self._log)
