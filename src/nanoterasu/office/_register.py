"""The register: who is who, which units and proposals there are, and whose time it is."""

from __future__ import annotations

from datetime import UTC, datetime
from difflib import get_close_matches
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nanoterasu.facility import (
    Beamtime,
    Person,
    Roster,
    aware,
    rules,
)

from ._ledger import contract_hours_left, hours_used
from ._open import open_engine, spoken
from ._rows import Entry, beamtime_of, person_of, proposal_of, row_of, unit_of
from ._schema import (
    BeamtimeRow,
    PersonRow,
    ProposalRow,
    SlotRow,
    UnitRow,
    UseRow,
)


class Register:
    """The office's register in one database.

    Parameters
    ----------
    place
        Path of a SQLite file, or a database URL.
    create
        Whether to make the file (mode 0600) and its tables when they are missing.

    Raises
    ------
    OSError
        When it cannot be opened, with what to do.
    """

    def __init__(self, place: str | Path, *, create: bool = False) -> None:
        self._engine = open_engine(place, create=create)
        self.place = spoken(self._engine.url)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def add(self, *entries: Entry, replace: bool = False) -> None:
        """Keep ``entries``, all or none, in the order in which they name one another.

        Parameters
        ----------
        entries
            Organisations, people, units, proposals and beamtimes.
        replace
            Whether an entry takes the place of an earlier one with its id.

        Raises
        ------
        ValueError
            When an id is taken, or an entry names something that is not in the register.
        """
        with Session(self._engine) as session, session.begin():
            for entry in entries:
                row = row_of(entry)
                if not replace and session.get(type(row), entry.id) is not None:
                    raise ValueError(
                        f"{_kind(entry)} {entry.id} is already in the register {self.place}; "
                        "give another id, or replace it with replace=True."
                    )
                _agree(session, entry)
                try:
                    session.merge(row)
                    session.flush()
                except IntegrityError as error:
                    raise ValueError(
                        f"{_kind(entry)} {entry.id} cannot be kept in the register {self.place} "
                        f"({error.orig}); add first what it names, and give each person a login "
                        "of their own."
                    ) from error

    def person(self, login: str) -> Person:
        """Return the person with this login; LookupError when there is none."""
        with Session(self._engine) as session:
            row = session.scalar(select(PersonRow).where(PersonRow.login == login))
            if row is None:
                # No name that is near: it would tell who else is registered.
                raise LookupError(
                    f"Nobody in the office's register has the login {login!r} (logins are matched "
                    "letter by letter); check the spelling, or ask the user office to add you."
                )
            return person_of(row)

    def beamtime(self, beamtime_id: str, at: datetime | None = None) -> Beamtime:
        """Return a beamtime, with those of its team who belong to its owner at ``at``.

        Parameters
        ----------
        beamtime_id
            As the user office gave it, such as ``BT-0001``.
        at
            The present instant when not given.

        Raises
        ------
        LookupError
            When there is none; nothing is said of others' beamtimes.
        """
        with Session(self._engine) as session:
            row = session.get(BeamtimeRow, beamtime_id)
            if row is None:
                raise LookupError(
                    f"There is no beamtime {beamtime_id!r} in the office's register (an id reads "
                    "like BT-0001, letter by letter); take the id from your booking notice, or "
                    "ask the user office."
                )
            return _beamtime(session, row, _instant(at))

    def beamtimes(self, station: str, at: datetime) -> list[Beamtime]:
        """Return the beamtimes at ``station`` of which a slot holds ``at``.

        Raises
        ------
        LookupError
            When there is no such station.
        """
        stations = [rule.scope["station"] for rule in rules("stations")]
        if station not in stations:
            near = get_close_matches(station, stations) or stations
            raise LookupError(
                f"There is no station {station!r} at the facility; give one like {', '.join(near)}."
            )
        at = _instant(at)
        now = (SlotRow.starts <= at) & (SlotRow.ends > at)
        with Session(self._engine) as session:
            rows = session.scalars(
                select(BeamtimeRow)
                .where(BeamtimeRow.station == station, BeamtimeRow.slots.any(now))
                .order_by(BeamtimeRow.id)
            )
            return [_beamtime(session, row, at) for row in rows]

    def roster(self, at: datetime | None = None) -> Roster:
        """Return who belongs to which access tag at ``at`` (the present when not given).

        Every unit and proposal has its tag, also one without members.
        """
        instant = _instant(at)
        with Session(self._engine) as session:
            people = {row.id: person_of(row) for row in session.scalars(select(PersonRow))}
            owners = [unit_of(row) for row in session.scalars(select(UnitRow))]
            proposals = [proposal_of(row) for row in session.scalars(select(ProposalRow))]
        members = {unit.tag: unit.members_at(instant) for unit in owners}
        members |= {proposal.tag: proposal.team for proposal in proposals}
        return Roster(
            groups={
                tag: frozenset(people[who].login for who in ids) for tag, ids in members.items()
            },
            staff=frozenset(person.login for person in people.values() if person.is_staff),
            people={person.login: person for person in people.values()},
        )

    def record_use(self, beamtime_id: str, hours: float, at: datetime) -> None:
        """Enter hours used of a beamtime into the ledger.

        Parameters
        ----------
        beamtime_id
            Whose hours.
        hours
            Used [h], more than zero.
        at
            Instant of use; it counts in the slot that holds it.

        Raises
        ------
        ValueError
            When ``hours`` is not a positive number.
        LookupError
            When there is no such beamtime.
        """
        if not 0 < hours < float("inf"):
            raise ValueError(
                f"{hours} hours of use of beamtime {beamtime_id} cannot be entered; "
                "give a number of hours above zero."
            )
        self.beamtime(beamtime_id, at)
        with Session(self._engine) as session, session.begin():
            session.add(UseRow(beamtime_id=beamtime_id, at=at, hours=hours))


def _instant(at: datetime | None) -> datetime:
    return datetime.now(UTC) if at is None else aware(at, "The instant to look up")


def _kind(entry: Entry) -> str:
    return type(entry).__name__


def _agree(session: Session, entry: Entry) -> None:
    """Refuse a beamtime that contradicts the unit or the proposal which owns it."""
    if not isinstance(entry, Beamtime):
        return
    unit = session.get(UnitRow, entry.unit_id) if entry.unit_id else None
    if unit is not None and entry.organisation_id != unit.organisation_id:
        raise ValueError(
            f"Beamtime {entry.id} names organisation {entry.organisation_id}, but its unit "
            f"{unit.id} is of {unit.organisation_id}; give the unit's organisation."
        )
    proposal = session.get(ProposalRow, entry.proposal_id) if entry.proposal_id else None
    given = (entry.term, entry.term_end)
    if proposal is not None and given != (proposal.term, proposal.term_end):
        raise ValueError(
            f"Beamtime {entry.id} is in term {entry.term} which ends on {entry.term_end}, but its "
            f"proposal {proposal.id} is in {proposal.term} which ends on {proposal.term_end}; "
            "give the proposal's term."
        )


def _beamtime(session: Session, row: BeamtimeRow, at: datetime) -> Beamtime:
    """Return a beamtime with its present team and what the ledger leaves of its hours."""
    owner = session.get(UnitRow, row.unit_id) if row.unit_id else None
    proposal = session.get(ProposalRow, row.proposal_id) if row.proposal_id else None
    members: frozenset[str] = frozenset()
    if owner is not None:
        members = unit_of(owner).members_at(at)
    elif proposal is not None:
        members = proposal_of(proposal).team
    return beamtime_of(
        row,
        members=members,
        hours_used=hours_used(session, row),
        contract_hours_left=contract_hours_left(session, owner),
    )
