"""The tables of events in a server's process: an index on each, and patience between writers.

Tiled 0.2.20 names the index that finds one run's rows the same for all tables, so that the first
table alone gets it and all others are read from end to end.  A table appears when a run with new
columns begins.

The tables are reached as Tiled reaches them, through the same library in the same process: a second
copy of SQLite beside it would take away its locks on the file, and rows with them.
"""

from __future__ import annotations

import logging
import threading
from contextlib import closing
from typing import Any

LOOK_EVERY = 2.0  # s; a table that was made since holds few rows yet
_ONE_AT_A_TIME = 0x696E646578  # "index"
_PREFIX = "run_of_"
_BARE = {
    "sqlite": (
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'table!_%' ESCAPE '!' "
        f"AND '{_PREFIX}' || name NOT IN (SELECT name FROM sqlite_master WHERE type = 'index')"
    ),
    "postgresql": (
        "SELECT made.tablename::text FROM pg_tables made WHERE schemaname = current_schema() "
        "AND made.tablename LIKE 'table!_%' ESCAPE '!' AND NOT EXISTS (SELECT 1 FROM pg_indexes "
        f"WHERE schemaname = current_schema() AND indexname = '{_PREFIX}' || made.tablename)"
    ),
}

_PATIENCE = 30_000  # ms for others who write a file
_VENDOR = "nanoterasu.vendor"

logger = logging.getLogger(__name__)


def mind_connections() -> None:
    """Let Tiled's connections to tables wait for other writers, and leave servers that died.

    Tiled 0.2.20 answers 500 at once when two runs are stored in a SQLite file at the same moment,
    and once for each connection that it kept when a PostgreSQL server starts anew.  This holds for
    the whole process.
    """
    from sqlalchemy import event
    from sqlalchemy.pool import QueuePool

    for name, listener in (("connect", _on_connect), ("checkout", _on_checkout)):
        if not event.contains(QueuePool, name, listener):
            event.listen(QueuePool, name, listener)


def _on_connect(connection: Any, record: Any) -> None:
    # Tiled's tables alone are reached through ADBC.
    if not hasattr(connection, "adbc_get_info"):
        return
    record.info[_VENDOR] = connection.adbc_get_info().get("vendor_name")
    if record.info[_VENDOR] == "SQLite":
        _ask(connection, f"PRAGMA busy_timeout = {_PATIENCE}")
        connection.commit()


def _on_checkout(connection: Any, record: Any, proxy: object) -> None:
    from sqlalchemy.exc import InvalidatePoolError

    if record.info.get(_VENDOR) == "PostgreSQL":
        try:
            _ask(connection, "SELECT 1")
        except Exception as error:  # whatever the driver raises, the pool connects anew
            raise InvalidatePoolError from error


def _ask(connection: Any, question: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(question)
        cursor.fetchall()


class Indexer:
    """Gives each table of events its index, at the start and while a server runs.

    Looking costs one query of the database's own list of tables.

    Parameters
    ----------
    tables_uri
        Address of the tables (`TiledHome.tables_uri`).
    """

    def __init__(self, tables_uri: str) -> None:
        from tiled.storage import SQLStorage, parse_storage

        storage = parse_storage(tables_uri, pool_size=1, max_overflow=0)
        assert isinstance(storage, SQLStorage)
        self._storage = storage
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep_looking, name="index", daemon=True)

    def look(self) -> list[str]:
        """Make the indexes that are missing; return the names of their tables."""
        with closing(self._storage.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(_BARE[self._storage.dialect])
            bare = [name for (name,) in cursor.fetchall()]
            if bare and self._storage.dialect == "postgresql":
                # Servers that look at the same moment would make one index twice.
                cursor.execute(f"SELECT 1 FROM pg_advisory_xact_lock({_ONE_AT_A_TIME})")
                cursor.fetchall()
            for name in bare:
                cursor.execute(
                    f'CREATE INDEX IF NOT EXISTS "{_PREFIX}{name}" ON "{name}" '
                    "(_dataset_id, _partition_id)"
                )
            connection.commit()
        return bare

    def start(self) -> None:
        """Look at once, and from time to time until `stop`."""
        self.look()
        self._thread.start()

    def stop(self) -> None:
        """End looking, and let go of the database."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        self._storage.dispose()

    def _keep_looking(self) -> None:
        while not self._stop.wait(LOOK_EVERY):
            try:
                self.look()
            # It is looked for again; a table without its index is slow and not wrong.
            except Exception as error:  # noqa: BLE001 - whatever the driver raises
                logger.warning("Tables of events could not be indexed: %s", error)
