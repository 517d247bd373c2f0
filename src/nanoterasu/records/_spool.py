"""The write-ahead spool: a document is on disk before the plan's next message."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Mapping
from hashlib import blake2b
from pathlib import Path
from types import TracebackType
from typing import Any

from ._encoding import encode
from ._errors import SpoolError, SpoolUnwritable
from ._journal_file import JournalFile, open_database
from ._lock import take_lock

DATABASE = "spool.sqlite"
LOCK = "lock"
SHIP_LOCK = "ship.lock"
RESERVE = 64 * 2**20  # bytes of free disk below which a plan waits


def checksum(run_uid: str, name: str, wall_time: float, body: bytes) -> bytes:
    """Return the 16 bytes that guard a row of the spool."""
    digest = blake2b(f"{run_uid}\0{name}\0{wall_time!r}\0".encode(), digest_size=16)
    digest.update(body)
    return digest.digest()


class Spool:
    """Append-only, transactional, checksummed journal of one endstation's documents.

    One SQLite database in write-ahead mode.  A folder has one writer at a time; any number of
    processes may read it with `SpoolReader`.  An instance is a bluesky callback:
    ``RE.subscribe(spool)``.

    A document that was recorded survives the death of its process.  It survives a power cut as
    well once `settle` has returned, which `append` does before it returns; the documents of one
    message of a plan are recorded first and settled together.

    Parameters
    ----------
    folder
        On a local disk; made, with mode 0700, if it is not there.
    window
        Durability window [ms]: longest time that a recorded document may wait for the disk, and
        so what a power cut may take.  0, the default, waits for the disk each time.
    reserve
        Free disk [bytes] below which `settle` raises, so that a plan waits while there is still
        room for what it has in hand.
    purpose
        What this writer says of itself to others that find the folder held.

    Raises
    ------
    SpoolBusy
        When another writer holds the folder.
    SpoolError
        When the folder cannot be made or written.
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        window: float = 0.0,
        reserve: int = RESERVE,
        purpose: str = "",
    ) -> None:
        self.folder = Path(folder)
        self.window = window
        self.reserve = reserve
        self._open_runs: dict[str, None] = {}  # in order of opening
        self._run_of: dict[str, str] = {}  # descriptor or resource uid -> run uid
        self._guard = threading.Lock()
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            self._lock = take_lock(
                self.folder / LOCK,
                f"The spool {self.folder} is being written by",
                "One session at a time measures on a station: close that session, or use another "
                "folder.",
                purpose=purpose,
            )
        except OSError as error:
            raise SpoolError(_unwritable(self.folder, error)) from error
        try:
            self._database = open_database(self.folder / DATABASE)
            self._journal = JournalFile(self.folder / DATABASE, window)
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
        sequence = self.record(name, doc)
        self._flush()
        return sequence

    def record(self, name: str, doc: Mapping[str, Any]) -> int:
        """Write one document so that it survives this process; `settle` it with its like.

        Parameters and errors are those of `append`.
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
            self._journal.written()
        return sequence

    def settle(self) -> None:
        """Wait until what was recorded is on the disk, and see that there is room for more.

        Raises
        ------
        SpoolUnwritable
            When the disk refuses, or has less than ``reserve`` left.  What was recorded stays.
        """
        self._flush()
        disk = os.statvfs(self.folder)
        if disk.f_bavail * disk.f_frsize < self.reserve:
            raise SpoolUnwritable(
                f"The disk of the spool {self.folder} is nearly full "
                f"({disk.f_bavail * disk.f_frsize >> 20} MiB left, {self.reserve >> 20} MiB are "
                "kept). Nothing is lost; make room: remove other files, or retire runs that are "
                "verified with `nanoterasu records retire`."
            )

    def _flush(self) -> None:
        try:
            self._journal.settle()
        except OSError as error:
            raise SpoolUnwritable(
                f"What was measured could not be made durable in {self.folder} ({error}). It is "
                "kept and tried again: mend the disk."
            ) from error

    def __call__(self, name: str, doc: Mapping[str, Any]) -> None:
        """Append, as a bluesky callback."""
        self.append(name, doc)

    def close(self) -> None:
        """Close the database and let the next writer in."""
        with self._guard:
            if self._lock >= 0:
                self._journal.close()
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
        except OverflowError as error:
            raise SpoolError(
                f"A document of kind {name!r} is too large for the spool {self.folder} ({error}). "
                "Write large data to a file and record where it is."
            ) from error
        except sqlite3.Error as error:
            raise SpoolUnwritable(
                f"A document of kind {name!r} cannot be written to {self.folder} ({error}). The "
                "plan must not go on without it: make room on the disk or mend the folder; what "
                "came before it is kept."
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


def _unwritable(folder: Path, error: BaseException) -> str:
    return (
        f"The spool {folder} cannot be written ({error}). Nothing is measured without it: check "
        "that the folder is on a local disk with room and belongs to this account, or choose "
        "another with --dir."
    )
