"""The database of the shipper's notes: its tables, made in one step and opened."""

from __future__ import annotations

import os
import sqlite3
import threading
from pathlib import Path

NOTES = "shipped.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS run (
    run_uid TEXT PRIMARY KEY,
    state TEXT NOT NULL,      -- shipped, refused, delayed
    first INTEGER NOT NULL,   -- sequence numbers in the spool
    last INTEGER NOT NULL,
    reason TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS aside (
    sequence INTEGER PRIMARY KEY,  -- of one document; the rest of its run is stored
    run_uid TEXT NOT NULL,
    reason TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS verified (
    run_uid TEXT PRIMARY KEY,
    digest BLOB NOT NULL,     -- over the checksums of the documents that were compared
    at REAL NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS asked (run_uid TEXT PRIMARY KEY, at REAL NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS note (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL,
    at REAL NOT NULL
) STRICT;
"""


def make_notes(path: Path) -> None:
    """Make the database in one step, as seen by others.

    SQLite refuses at once, without its patience, who changes to write-ahead logging while
    somebody reads: a waiting session would have ended the shipper that it waits for.
    """
    draft = path.with_suffix(f".{os.getpid()}-{threading.get_ident()}")
    for left in (draft, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)  # the log of a lost database must not be read into a new one
    made = _open(draft)
    made.execute("PRAGMA journal_mode = WAL")
    made.executescript(_TABLES)
    made.close()
    draft.replace(path)


def open_notes(path: Path) -> sqlite3.Connection:
    """Open the database; one that an earlier version made gets the tables that it lacks."""
    database = _open(path)
    database.executescript(_TABLES)
    return database


def _open(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
