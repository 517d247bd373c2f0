"""The write-ahead spool: a document is on disk before the plan's next message."""

from __future__ import annotations

import fcntl
import os
import sqlite3
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any

from ._encoding import encode
from ._errors import SpoolBusy, SpoolError

DATABASE = "spool.sqlite"
LOCK = "lock"
SHIP_LOCK = "ship.lock"

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
CREATE TABLE IF NOT EXISTS retired (
    run_uid TEXT PRIMARY KEY,
    first INTEGER NOT NULL,   -- sequence numbers that it had
    last INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    digest BLOB NOT NULL,     -- over the checksums of all its documents
    at REAL NOT NULL
) STRICT;
"""


def checksum(run_uid: str, name: str, wall_time: float, body: bytes) -> bytes:
    """Return the 16 bytes that guard a row of the spool."""
    digest = blake2b(f"{run_uid}\0{name}\0{wall_time!r}\0".encode(), digest_size=16)
    digest.update(body)
    return digest.digest()


class Spool:
    """Append-only, transactional, checksummed journal of one endstation's documents.

    One SQLite database in write-ahead mode, one synchronous commit per document.  A folder has
    one writer at a time; any number of processes may read it with `SpoolReader`.  An instance
    is a bluesky callback: ``RE.subscribe(spool)``.

    Parameters
    ----------
    folder
        On a local disk; made, with mode 0700, if it is not there.

    Raises
    ------
    SpoolBusy
        When another writer holds the folder.
    SpoolError
        When the folder cannot be made or written.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._open_runs: dict[str, None] = {}  # in order of opening
        self._run_of: dict[str, str] = {}  # descriptor or resource uid -> run uid
        self._guard = threading.Lock()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            self._lock = take_lock(
                self.folder / LOCK,
                "is being written by",
                "One session at a time measures on a station: close that session, or use another "
                "folder.",
            )
        except OSError as error:
            raise SpoolError(_unwritable(self.folder, error)) from error
        try:
            self._database = open_database(self.folder / DATABASE)
        except (OSError, sqlite3.Error) as error:
            os.close(self._lock)
            raise SpoolError(_unwritable(self.folder, error)) from error

    def append(self, name: str, doc: Mapping[str, Any]) -> int:
        """Make one document durable.

        Parameters
        ----------
        name
            ``"start"``, ``"descriptor"``, ``"event"``, ``"event_page"``, ``"stop"``, …
        doc
            The document; numpy values, NaN, infinities and bytes come back as they are.

        Returns
        -------
        int
            Its sequence number, from 1, increasing.

        Raises
        ------
        SpoolError
            When the document cannot be written; it is then not in the spool.
        """
        try:
            body = encode(doc)
        except (TypeError, ValueError, OverflowError, RecursionError) as error:
            raise SpoolError(
                f"A document of kind {name!r} cannot be recorded in {self.folder}: it holds "
                f"{error}. Documents hold numbers, strings, lists, mappings and numeric arrays "
                "only; correct the device or the metadata that produced it."
            ) from error
        with self._guard:
            run_uid = self._run_uid(name, doc)
            sequence = self._insert(run_uid, name, body)
            self._remember(run_uid, name, doc)
        return sequence

    def __call__(self, name: str, doc: Mapping[str, Any]) -> None:
        """Append, as a bluesky callback."""
        self.append(name, doc)

    def close(self) -> None:
        """Close the database and let the next writer in."""
        with self._guard:
            if self._lock >= 0:
                self._database.close()
                os.close(self._lock)
                self._lock = -1

    def __enter__(self) -> Spool:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _insert(self, run_uid: str, name: str, body: bytes) -> int:
        now = time.time()
        row = (run_uid, name, now, body, checksum(run_uid, name, now, body))
        try:
            done = self._database.execute(
                "INSERT INTO document (run_uid, name, wall_time, body, checksum)"
                " VALUES (?, ?, ?, ?, ?)",
                row,
            )
        except (sqlite3.Error, OverflowError) as error:
            raise SpoolError(
                f"A document of kind {name!r} could not be made durable in {self.folder} "
                f"({error}). The plan must not go on without it: make room on the disk or mend "
                "the folder, then measure again; what came before it is kept."
            ) from error
        assert done.lastrowid is not None
        return done.lastrowid

    def _run_uid(self, name: str, doc: Mapping[str, Any]) -> str:
        if name == "start":
            return doc["uid"]
        if run_uid := doc.get("run_start"):
            return run_uid
        for key in ("descriptor", "resource", "stream_resource"):
            if (parent := doc.get(key)) in self._run_of:
                return self._run_of[parent]
        # Old-style resources do not name their run: they belong to the one opened last.
        return next(reversed(self._open_runs), "")

    def _remember(self, run_uid: str, name: str, doc: Mapping[str, Any]) -> None:
        if name == "start":
            self._open_runs[run_uid] = None
        elif name in ("descriptor", "resource", "stream_resource"):
            self._run_of[doc["uid"]] = run_uid
        elif name == "stop":
            self._open_runs.pop(run_uid, None)
            self._run_of = {uid: run for uid, run in self._run_of.items() if run != run_uid}


def take_lock(path: Path, being: str, advice: str) -> int:
    """Hold ``path`` for this process alone; return the descriptor whose closing frees it.

    Raises
    ------
    SpoolBusy
        When another process holds it.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(lock, 200, 0).decode(errors="replace").strip() or "another process"
        os.close(lock)
        raise SpoolBusy(f"The spool {path.parent} {being} {holder}. {advice}") from error
    os.ftruncate(lock, 0)
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    os.pwrite(lock, f"process {os.getpid()} since {since}".encode(), 0)
    return lock


def open_database(path: Path, *, patience: float = 30.0) -> sqlite3.Connection:
    """Open the database of a spool for writing, waiting ``patience`` [s] for others."""
    database = sqlite3.connect(
        path, isolation_level=None, check_same_thread=False, timeout=patience
    )
    database.execute("PRAGMA journal_mode = WAL")
    # What moves between pages, or is retired, leaves no copy behind.
    database.execute("PRAGMA secure_delete = ON")
    database.execute("PRAGMA synchronous = FULL")
    database.executescript(_TABLES)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name of a new file is durable only with its folder
    finally:
        os.close(folder)
    return database


def _unwritable(folder: Path, error: BaseException) -> str:
    return (
        f"The spool {folder} cannot be written ({error}). Nothing is measured without it: check "
        "that the folder is on a local disk with room and belongs to this account, or choose "
        "another with --dir."
    )
