"""Opening the database of the register: private to its owner, refused with a sentence."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from ._engine import engine_of, first_line, no_database, prepare, spoken, url_of
from ._migrate import PRESENT, migrate, revision_of

# One writer at a time, as in SQLite: what a quota allows is counted and taken in one go, and
# the journal is in the order of what happened.
_WRITERS = 0x6F6666696365  # "office"


def office_place(home: str | Path) -> str | Path:
    """Return where the register of a home is kept.

    Parameters
    ----------
    home
        Folder of a running system.

    Returns
    -------
    str or Path
        ``$NANOTERASU_OFFICE`` (a path or a database URL) when it is set, else ``office.sqlite``
        in ``home``.
    """
    return os.environ.get("NANOTERASU_OFFICE") or Path(home) / "office.sqlite"


class Database:
    """The database of a register, whose every use ends in an answer or in a sentence.

    Parameters
    ----------
    place
        File of a SQLite database, or a database URL.
    create
        Whether to make the file and the tables when they are missing, and to upgrade old ones.

    Raises
    ------
    OSError
        When the file is missing, is not a register, is of another revision, or cannot be read
        and written.
    """

    def __init__(self, place: str | Path, *, create: bool) -> None:
        url = url_of(place)
        self.place = spoken(url)
        if url.get_backend_name() == "sqlite":
            if url.database in (None, "", ":memory:"):
                raise no_database(self.place, "a register in memory would be gone with its reader")
            prepare(Path(str(url.database)), create=create)
        self._engine = engine_of(url, self.place)
        self._opened = False
        try:
            if create:
                with self._begun(write=True) as connection:
                    migrate(connection)
            with self._begun() as connection:
                revision = revision_of(connection)
        except BaseException:
            self.close()
            raise
        if revision != PRESENT:
            self.close()
            raise OSError(self._other_revision(revision))
        self._opened = True

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session of one consistent view, for reading."""
        with self._begun() as connection, Session(connection) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Yield a session that keeps other writers out, and keeps all or nothing at its end."""
        with self._begun(write=True) as connection, Session(connection) as session:
            yield session
            session.flush()

    @contextmanager
    def _begun(self, *, write: bool = False) -> Iterator[Connection]:
        try:
            engine = self._engine.execution_options(writes=write)
            if engine.dialect.name == "postgresql" and not write:
                # What is looked up in several queries is of one instant, as in SQLite.
                engine = engine.execution_options(isolation_level="REPEATABLE READ")
            with engine.begin() as connection:
                if write and connection.dialect.name == "postgresql":
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITERS})"))
                yield connection
        except IntegrityError:
            raise
        except DBAPIError as error:
            what = "used now" if self._opened else "opened"
            raise OSError(
                f"The office's register at {self.place} cannot be {what} ({first_line(error)}); "
                "give the path of a register, or the URL of a database server which runs."
            ) from error

    def _other_revision(self, revision: str | None) -> str:
        if revision is None:
            return (
                f"{self.place} holds no office register; give the folder of a running system, or "
                "have the user office set one up."
            )
        if revision.isdecimal() and int(revision) < int(PRESENT):
            return (
                f"The office's register at {self.place} is of revision {revision}, older than "
                f"{PRESENT} which this version of nanoterasu reads; make a copy of it, then run "
                "`nanoterasu office upgrade`."
            )
        return (
            f"The office's register at {self.place} is of revision {revision}, which this version "
            f"of nanoterasu ({PRESENT}) does not know; use the version which wrote it, or a later."
        )


def upgrade(place: str | Path) -> None:
    """Bring the register at ``place`` to the present revision, all or nothing.

    Raises
    ------
    OSError
        When there is no register.
    ValueError
        When what it holds cannot be carried over; it then stays as it was.
    """
    url = url_of(place)
    if url.get_backend_name() == "sqlite":
        prepare(Path(str(url.database)), create=False)
    engine = engine_of(url, spoken(url))
    try:
        with engine.connect() as connection:
            empty = revision_of(connection) is None
    except DBAPIError:
        empty = False  # what is wrong is said when it is opened, below
    finally:
        engine.dispose()
    Database(place, create=not empty).close()
