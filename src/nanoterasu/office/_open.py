"""Opening the database of the register: private to its owner, refused with a sentence."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, inspect
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from ._schema import Base


def open_engine(place: str | Path, *, create: bool) -> Engine:
    """Return an engine whose database holds the register's tables.

    Parameters
    ----------
    place
        File of a SQLite database, or a database URL.
    create
        Whether to make the file and the tables when they are missing.

    Raises
    ------
    OSError
        When the file is missing, is not a register, or cannot be read and written.
    """
    url = _url(place)
    shown = spoken(url)
    if url.get_backend_name() == "sqlite" and url.database not in (None, "", ":memory:"):
        _prepare(Path(str(url.database)), create=create)
    try:
        engine = create_engine(url)
    except (ArgumentError, ModuleNotFoundError) as error:
        raise _no_database(shown, error) from error
    if url.get_backend_name() == "sqlite":
        event.listen(engine, "connect", _keep_references)
    try:
        if create:
            Base.metadata.create_all(engine)
        missing = Base.metadata.tables.keys() - set(inspect(engine).get_table_names())
    except DBAPIError as error:
        engine.dispose()
        raise OSError(
            f"The office's register at {shown} cannot be opened ({error.orig}); "
            "give the path of a register, or the URL of a database server which runs."
        ) from error
    if missing:
        engine.dispose()
        raise OSError(
            f"{shown} holds no office register (missing: {', '.join(sorted(missing))}); "
            "give the folder of a running system, or have the user office set one up."
        )
    return engine


def _url(place: str | Path) -> URL:
    if isinstance(place, Path) or "://" not in place:
        return URL.create("sqlite", database=str(Path(place).expanduser().absolute()))
    try:
        return make_url(place)
    except ArgumentError as error:
        raise _no_database("the address given", error) from error


def spoken(url: URL) -> str:
    """Return the place of a database as a person may read it: the file, or the URL without
    its password.
    """
    sqlite = url.get_backend_name() == "sqlite"
    return url.database or ":memory:" if sqlite else url.render_as_string(hide_password=True)


def _no_database(place: str, error: Exception) -> ValueError:
    return ValueError(
        f"The office's register at {place} cannot be opened ({error}); give a path, or the URL "
        "of a database whose driver is installed, such as postgresql://user@host/office."
    )


def _prepare(path: Path, *, create: bool) -> None:
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


def _keep_references(connection: Any, record: object) -> None:
    """Have SQLite check references, which it leaves unchecked unless told."""
    connection.execute("PRAGMA foreign_keys=ON")
