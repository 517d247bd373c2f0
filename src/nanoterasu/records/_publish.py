"""Moving a run to another access group, or making it public: all of it at once, or nothing.

Who may do so, why and when is asked and journalled by the caller; here is the act alone.  A
published run shows its documents as they are, the start document with its protected keys
(``unit_id``, ``organisation_id``, …) included: whoever publishes must want that.  Tag names and
file paths are never shown (`nanoterasu.records._guard`).  Nothing here waits for a date.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanoterasu.facility import PUBLIC_TAG

from ._audit import note_move
from ._databases import database_errors
from ._errors import RecordsError, TiledError
from ._home import TiledHome
from ._reader import SpoolReader
from ._state import ShipState
from ._subtree import carries, relocate, retag, runs_named
from ._tags import ANALYSIS_PREFIX, in_a_loop_of_its_own

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

_MOVERS = 0x6D6F7665  # "move": one at a time on a server, as in SQLite


class MoveRefused(RecordsError):
    """A run cannot be moved or published; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Moved:
    """What moving a run did.

    Attributes
    ----------
    uid : str
        Of the run.
    from_tag, to_tag : str
        Access tags before and after; equal when it was there already.
    entries : int
        How many entries, the run and all below it, have a new tag; 0 when nothing changed.
    """

    uid: str
    from_tag: str
    to_tag: str
    entries: int


def publish(home: TiledHome | str | os.PathLike[str], uid: str) -> Moved:
    """Make a run readable by everybody, also without a login; see `move`."""
    return move(home, uid, PUBLIC_TAG)


def move(home: TiledHome | str | os.PathLike[str], uid: str, to_tag: str) -> Moved:
    """Give a run and everything below it to another access group.

    Place and tags change in one transaction, so that a reader sees all of it before or all of
    it after, and a crash changes nothing.  Older versions of its metadata are dropped.  Doing it
    again changes nothing.

    Parameters
    ----------
    home
        That holds the run.
    uid
        Of the run, in full.
    to_tag
        An access tag that has been compiled.

    Raises
    ------
    MoveRefused
        When there is no such run or tag, the run has not ended, or it is still being shipped.
    """
    home = home if isinstance(home, TiledHome) else TiledHome(home)
    if to_tag.startswith(ANALYSIS_PREFIX):
        raise MoveRefused(
            f"Run {uid} cannot be moved to {to_tag!r}: that group holds results of analysis, not "
            "runs. Name the unit or the proposal itself."
        )
    _refuse_while_shipping(home, uid)
    moved = in_a_loop_of_its_own(_move(home.catalog_uri, uid, to_tag))
    if moved.from_tag != to_tag:
        note_move(home.trail, uid, moved.from_tag, to_tag)
    return moved


def place_of(home: TiledHome, uid: str) -> str | None:
    """Return the access tag under which a run stands now; None when this home holds no such run.

    Raises
    ------
    TiledError
        When the catalog does not answer.
    """
    if home.settings.catalog is None and not home.config.exists():
        return None  # Tiled runs elsewhere: asking would make an empty catalog here
    try:
        return in_a_loop_of_its_own(_place_of(home.catalog_uri, uid))
    except database_errors() as error:
        raise TiledError(
            f"Where run {uid} stands cannot be asked now: the catalog of {home.folder} does not "
            f"answer ({type(error).__name__}). Start its database, and try again."
        ) from error


def _refuse_while_shipping(home: TiledHome, uid: str) -> None:
    for database in sorted(home.folder.glob("spool/*/spool.sqlite")):
        folder = Path(database).parent
        reader, state = SpoolReader(folder), ShipState(folder)
        try:
            pending = any(reader.entries(run_uid=uid, limit=1)) and not state.shipped(uid)
        finally:
            reader.close()
            state.close()
        if pending:
            raise MoveRefused(
                f"Run {uid} is still in the spool {folder} and not all of it is in Tiled. Nothing "
                "was changed: wait until it is shipped, or mend what holds it up, and try again."
            )


async def _place_of(uri: str, uid: str) -> str | None:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(uri)
    try:
        async with engine.connect() as connection:
            rows = await runs_named(connection, uid)
            return rows[0].place if rows else None
    finally:
        await engine.dispose()


async def _move(uri: str, uid: str, to_tag: str) -> Moved:
    from sqlalchemy.ext.asyncio import create_async_engine

    engine = create_async_engine(uri)
    try:
        async with engine.connect() as connection:
            # What is read below must still hold when it is acted upon.
            if engine.dialect.name == "sqlite":
                await connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                await connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MOVERS})")
            run = await _one_run(connection, uid)
            target, tag = await _target(connection, uid, to_tag)
            if run.parent == target and await carries(connection, run.id, tag):
                return Moved(uid, run.place, to_tag, 0)
            if run.parent != target:
                await relocate(connection, run.id, target)
            entries = await retag(connection, run.id, tag)
            await _commit(connection)
            return Moved(uid, run.place, to_tag, entries)
    finally:
        await engine.dispose()


async def _commit(connection: AsyncConnection) -> None:
    await connection.commit()


async def _one_run(connection: AsyncConnection, uid: str) -> Any:
    found = [
        row
        for row in await runs_named(connection, uid, keep=True)
        if not row.place.startswith(ANALYSIS_PREFIX)
    ]
    if not found:
        raise MoveRefused(
            f"There is no run {uid} in the catalog. Nothing was changed: give the full uid of a "
            "run that has been shipped."
        )
    if len(found) > 1:
        places = ", ".join(sorted(row.place for row in found))
        raise MoveRefused(
            f"Run {uid} stands in several groups ({places}). Nothing was changed: have the copies "
            "compared and all but one removed first."
        )
    if not (found[0].documents or {}).get("stop"):
        raise MoveRefused(
            f"Run {uid} has no stop document: it still goes on, or was cut short. Nothing was "
            "changed: end it in order, let it be shipped, and try again."
        )
    return found[0]


async def _target(connection: AsyncConnection, uid: str, to_tag: str) -> tuple[int, int]:
    """Return the ids of the container and of the tag named ``to_tag``."""
    from sqlalchemy import select
    from tiled.catalog import orm

    container = select(orm.Node.id).where(orm.Node.parent == 0, orm.Node.key == to_tag)
    tag = select(orm.AccessTag.id).where(orm.AccessTag.name == to_tag)
    place, mark = [(await connection.execute(query)).scalar() for query in (container, tag)]
    if place is None or mark is None:
        raise MoveRefused(
            f"Run {uid} cannot be moved to {to_tag!r}: the catalog has no such access group. "
            "Nothing was changed: register it in the office and let the roster be compiled "
            "(`nanoterasu serve` does)."
        )
    return place, mark
