"""From a register of any revision to the present one, all or nothing."""

from __future__ import annotations

import threading
from pathlib import Path

from sqlalchemy import Connection, inspect, text

# The revision that this version reads and writes; Alembic's own scripts agree, as a test checks.
PRESENT = "2"
# Tables by which a register is recognised that was made before its revision was written down.
FIRST_TABLES = frozenset(
    {
        "organisations",
        "people",
        "grants",
        "units",
        "memberships",
        "proposals",
        "proposal_members",
        "beamtimes",
        "slots",
        "beamtime_members",
        "overrides",
        "uses",
    }
)
FOLDER = Path(__file__).parent / "migrations"
# Alembic keeps what it works on in the module, so one thread at a time.
_ONE_AT_A_TIME = threading.Lock()


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the register in the database, None when it holds none."""
    names = set(inspect(connection).get_table_names())
    if "alembic_version" in names:
        return connection.scalar(text("SELECT version_num FROM alembic_version"))
    return "1" if names >= FIRST_TABLES else None


def migrate(connection: Connection) -> None:
    """Bring the register in the database to the present revision, in the transaction begun.

    Parameters
    ----------
    connection
        With a transaction that keeps other writers out; the caller commits it.

    Raises
    ------
    ValueError
        When what the register holds cannot be carried over, with what to do.
    """
    revision = revision_of(connection)
    if revision == PRESENT:
        return
    from alembic import command  # here, since few commands need it and it takes its time to load
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = connection
    with _ONE_AT_A_TIME:
        named = "alembic_version" in inspect(connection).get_table_names()
        if revision is not None and not named:
            command.stamp(config, revision)
        command.upgrade(config, "head")
