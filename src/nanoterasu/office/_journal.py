"""The journal: what was done, when, by whom and why; it only grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from ._plain import plain
from ._schema_time import JournalRow


@dataclass(frozen=True, slots=True)
class Entry:
    """One act.

    Attributes
    ----------
    at
        When.
    by
        Login or name of who did it.
    what
        In one word, such as ``added``, ``replaced``, ``closed``, ``booked`` or ``published``.
    kind, id
        To what: an entry of the register, a setting, or a run.
    why
        The reason given.
    details
        What was written, and what stood there before, as JSON.
    """

    at: datetime
    by: str
    what: str
    kind: str
    id: str
    why: str
    details: Mapping[str, Any] = field(default_factory=dict)


def enter(session: Session, entry: Entry) -> None:
    """Write an entry into the journal, in the transaction of the act itself.

    Raises
    ------
    ValueError
        When it lacks who did it, what, or why.
    """
    if not (entry.by and entry.what and entry.why):
        raise ValueError(
            f"What was done to {entry.kind} {entry.id} lacks who did it, what it was, or why; "
            "say all three, since they are kept."
        )
    session.add(
        JournalRow(
            at=entry.at,
            by=entry.by,
            what=entry.what,
            kind=entry.kind,
            id=entry.id,
            why=entry.why,
            details=plain(entry.details),
        )
    )


def entries(session: Session, kind: str | None, id_: str | None) -> tuple[Entry, ...]:
    """Return the entries on ``kind`` and ``id_`` (None: on all), the oldest first."""
    wanted = select(JournalRow).order_by(JournalRow.key)
    if kind is not None:
        wanted = wanted.where(JournalRow.kind == kind)
    if id_ is not None:
        wanted = wanted.where(JournalRow.id == id_)
    return tuple(
        Entry(row.at, row.by, row.what, row.kind, row.id, row.why, row.details)
        for row in session.scalars(wanted)
    )
