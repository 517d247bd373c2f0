"""The engine of the register's database: each use has a connection, or a sentence, in time."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool

_PATIENCE = 5  # seconds to wait for a server, or for another who writes, before giving up


def engine_of(url: URL, shown: str) -> Engine:
    """Return the engine for ``url``; ValueError, naming the place as ``shown``, without one."""
    # A connection for each use: one held open would go on answering from a file that is gone, or
    # wait without end for a server that hangs.
    options: dict[str, Any] = {"poolclass": NullPool}
    if url.get_backend_name() == "sqlite":
        file = f"file:{quote(str(url.database))}?mode=rw"  # which does not make a new one
        options["creator"] = lambda: _connect(file)
    if url.get_backend_name() == "postgresql":
        options["connect_args"] = {
            "connect_timeout": _PATIENCE,
            "keepalives_idle": _PATIENCE,
            "keepalives_interval": 1,
            "keepalives_count": _PATIENCE,
            "tcp_user_timeout": _PATIENCE * 1000,
            "options": f"-c lock_timeout={_PATIENCE}s -c statement_timeout={2 * _PATIENCE}s",
        }
    try:
        engine = create_engine(url, **options)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise no_database(shown, error) from error
    if engine.dialect.name == "sqlite":
        event.listen(engine, "begin", _begin)
    return engine


def _connect(file: str) -> sqlite3.Connection:
    # Transactions are begun by `_begin`, since the driver's own leave out changes of tables.
    connection = sqlite3.connect(
        file, uri=True, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
    )
    connection.execute("PRAGMA foreign_keys=ON")  # left unchecked unless told
    return connection


def _begin(connection: Connection) -> None:
    # A transaction that will write takes its turn first: what it read cannot change before.
    write = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")


def url_of(place: str | Path) -> URL:
    """Return the URL of a path or a URL; ValueError when it is neither."""
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(Path(place).expanduser().absolute()))
    try:
        url = make_url(place)
    except ArgumentError as error:
        raise no_database("the address given", error) from error
    if url.drivername in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    return url


def spoken(url: URL) -> str:
    """Return the place of a database as a person may read it: the file, or the URL without
    its password.
    """
    sqlite = url.get_backend_name() == "sqlite"
    return url.database or ":memory:" if sqlite else url.render_as_string(hide_password=True)


def first_line(error: DBAPIError) -> str:
    """Return what the database said, without the rows that PostgreSQL quotes below it."""
    said = str(error.orig).strip().splitlines()
    return said[0] if said else type(error.orig).__name__


def no_database(place: str, error: Exception | str) -> ValueError:
    """Return the refusal of a place that can hold no register."""
    return ValueError(
        f"The office's register at {place} cannot be opened ({error}); give a path, or the URL "
        "of a database whose driver is installed, such as postgresql://user@host/office."
    )


def prepare(path: Path, *, create: bool) -> None:
    """Make the file private to its owner before anything is written into it."""
    try:
        if create:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        else:
            os.close(os.open(path, os.O_RDWR))
        if path.stat().st_mode & 0o077:
            path.chmod(0o600)
    except OSError as error:
        if isinstance(error, FileNotFoundError) and not create:
            raise FileNotFoundError(
                f"There is no office register at {path}; give the path of one, or create it "
                "with create=True."
            ) from error
        raise type(error)(
            f"The office's register at {path} cannot be read and written ({error.strerror}); "
            "give a file in a folder that you own, or have its owner run this."
        ) from error
