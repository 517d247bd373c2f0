"""Where the audit trail is kept: a file of the home, or a database that its site has set.

Several servers of one machine may write the same file.  On a server, those of several machines
write one trail.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from psycopg import Connection

Execute = Callable[..., Any]

_PATIENCE = 2.0  # s for the trail, before an answer is refused
_SCHEMA = "trail"
_MAKERS = 0x747261696C  # "trail"
_TABLES = """
CREATE TABLE IF NOT EXISTS look (
    at {real} NOT NULL,    -- s, Unix
    login TEXT NOT NULL,
    run TEXT NOT NULL,     -- uid; empty when the answer told of a whole group
    place TEXT NOT NULL,   -- access tag under which it stood
    what TEXT NOT NULL
) {strict};
CREATE INDEX IF NOT EXISTS look_of_run ON look (run, at);
CREATE INDEX IF NOT EXISTS look_at_place ON look (place, at) WHERE run = '';
CREATE TABLE IF NOT EXISTS moved (
    at {real} NOT NULL,
    run TEXT NOT NULL,
    from_place TEXT NOT NULL,
    to_place TEXT NOT NULL
) {strict};
CREATE TABLE IF NOT EXISTS proof (   -- keys that are made to prove the wall, not to read
    first_eight TEXT PRIMARY KEY,
    until {real} NOT NULL
) {strict};
"""


class Store(Protocol):
    """A database that takes the trail; its parameters stand as ``?``."""

    def writing(self) -> AbstractContextManager[Execute]:
        """Give a function that executes, in a transaction that is kept whole or not at all."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


def open_store(place: Path | str) -> Store:
    """Open the trail at ``place``, a file or the address of a database, made when missing."""
    return FileStore(place) if isinstance(place, Path) else ServerStore(place)


class FileStore:
    """The trail in a SQLite file of mode 0600."""

    def __init__(self, path: Path) -> None:
        self._path = path
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        self._turn = threading.Lock()
        self._database = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.executescript(_TABLES.format(real="REAL", strict="STRICT"))

    @contextmanager
    def writing(self) -> Iterator[Execute]:
        self._path.stat()  # rows for a file that somebody removed would go nowhere
        with self._turn:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database.execute
                self._database.execute("COMMIT")
            except BaseException:
                self._database.execute("ROLLBACK")
                raise

    def close(self) -> None:
        self._database.close()


class ServerStore:
    """The trail in a PostgreSQL database, in a schema of its own."""

    def __init__(self, uri: str) -> None:
        self._uri = uri
        self._turn = threading.Lock()
        self._connection: Connection[Any] | None = None
        tables = _TABLES.format(real="DOUBLE PRECISION", strict="")
        with self.writing() as execute:
            # Servers that begin at the same moment would make one table twice.
            execute(f"SELECT pg_advisory_xact_lock({_MAKERS})")
            execute(f"CREATE SCHEMA IF NOT EXISTS {_SCHEMA}")
            execute(tables)

    @contextmanager
    def writing(self) -> Iterator[Execute]:
        with self._turn:
            connection = self._open()
            with connection.transaction():
                yield lambda query, parameters=None: connection.execute(
                    query.replace("?", "%s"), parameters
                )

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @staticmethod
    def _answers(connection: Connection[Any]) -> bool:
        """Return whether the server has not been started anew since."""
        import psycopg

        try:
            connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def _open(self) -> Connection[Any]:
        import psycopg

        if self._connection is not None and not self._answers(self._connection):
            self.close()
        if self._connection is None:
            patience = int(_PATIENCE)
            options = (
                f"-c search_path={_SCHEMA} "
                f"-c lock_timeout={patience}s -c statement_timeout={5 * patience}s"
            )
            self._connection = psycopg.connect(
                self._uri,
                autocommit=True,
                connect_timeout=patience,
                tcp_user_timeout=1000 * patience,
                options=options,
            )
        return self._connection


def rows(execute: Execute, query: str, parameters: Sequence[Any]) -> list[Any]:
    """Return what a query finds."""
    return execute(query, parameters).fetchall()
