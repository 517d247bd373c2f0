"""Looking up in the register: beamtimes as they are at an instant, and who belongs to which tag."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from nanoterasu.facility import Beamtime, Booking, Duty, Person, Roster, rules

from ._entries import beamtime_of, booking_of, duty_of, person_of, proposal_of, unit_of
from ._ledger import contract_hours_left, hours_of
from ._schema import Base, DutyRow, PersonRow, ProposalRow, UnitRow
from ._schema_time import BeamtimeRow, BookingRow, SlotRow

_Row = TypeVar("_Row", bound=Base)


def person_at(session: Session, login: str) -> Person:
    """Return the person with this login; LookupError when there is none."""
    row = session.scalar(select(PersonRow).where(PersonRow.login == login))
    if row is None:
        # No name that is near: it would tell who else is registered.
        raise LookupError(
            f"Nobody in the office's register has the login {login!r} (logins are matched "
            "letter by letter); check the spelling, or ask the user office to add you."
        )
    return person_of(row)


def row_by_id(session: Session, table: type[_Row], kind: str, id_: str, key: Any = ...) -> _Row:
    """Return the row of an entry, by its id or by another key; LookupError when there is none."""
    wanted = id_ if key is ... else key
    row = None if wanted is None else session.get(table, wanted)
    if row is None:
        raise LookupError(
            f"There is no {kind} {id_!r} in the office's register; give the id as it was entered, "
            "letter by letter."
        )
    return row


def booking_by_id(session: Session, booking_id: str) -> Booking:
    """Return a booking; LookupError when there is none, or it was closed before it began."""
    row = row_by_id(session, BookingRow, "booking", booking_id)
    if not row.slots:
        raise LookupError(
            f"Booking {booking_id} was closed before it began and holds no time; book again."
        )
    return booking_of(row)


def beamtime_row(session: Session, beamtime_id: str) -> BeamtimeRow:
    """Return the row of a beamtime.

    Raises
    ------
    LookupError
        When there is none, or it was closed before it began.
    """
    row = session.get(BeamtimeRow, beamtime_id)
    if row is None:
        raise LookupError(
            f"There is no beamtime {beamtime_id!r} in the office's register (an id reads "
            "like BT-0001, letter by letter); take the id from your booking notice, or "
            "ask the user office."
        )
    if not row.slots:
        raise LookupError(
            f"Beamtime {beamtime_id} was closed before it began and holds no time; ask the user "
            "office for another."
        )
    return row


def beamtime_at(session: Session, row: BeamtimeRow, at: datetime) -> Beamtime:
    """Return a beamtime with its present team and what the ledger leaves of its hours."""
    unit = session.get(UnitRow, row.unit_id) if row.unit_id else None
    proposal = session.get(ProposalRow, row.proposal_id) if row.proposal_id else None
    members: frozenset[str] = frozenset()
    if unit is not None:
        members = unit_of(unit).members_at(at)
    elif proposal is not None:
        members = proposal_of(proposal).team
    team = members & {member.person_id for member in row.team}
    students = select(PersonRow.id).where(PersonRow.id.in_(team), PersonRow.student)
    people = {duty.person_id for duty in duties(session, at, row.station)}
    staff = session.scalars(select(PersonRow).where(PersonRow.id.in_(people)))
    return beamtime_of(
        row,
        team=team,
        students=frozenset(session.scalars(students)),
        on_duty=frozenset(each.id for each in staff if person_of(each).is_staff(at)),
        hours_used=hours_of(session, row).used,
        contract_hours_left=contract_hours_left(session, row, at),
    )


def beamtimes_at(session: Session, station: str, at: datetime) -> list[Beamtime]:
    """Return the beamtimes at ``station`` of which a slot holds ``at``.

    Raises
    ------
    LookupError
        When there is no such station.
    """
    known_station(station)
    now = (SlotRow.starts <= at) & (SlotRow.ends > at)
    rows = session.scalars(
        select(BeamtimeRow)
        .where(BeamtimeRow.station == station, BeamtimeRow.slots.any(now))
        .order_by(BeamtimeRow.id)
    )
    return [beamtime_at(session, row, at) for row in rows]


def known_station(station: str) -> None:
    """Return when the facility has the station; LookupError with those that are near otherwise."""
    stations = [rule.scope["station"] for rule in rules("stations")]
    if station not in stations:
        near = get_close_matches(station, stations) or stations
        raise LookupError(
            f"There is no station {station!r} at the facility; give one like {', '.join(near)}."
        )


def duties(session: Session, at: datetime, station: str | None = None) -> list[Duty]:
    """Return the duties that hold at ``at``, at one station or at all."""
    wanted = select(DutyRow).where(DutyRow.starts <= at, DutyRow.ends > at)
    if station is not None:
        wanted = wanted.where(DutyRow.station == station)
    return [duty_of(row) for row in session.scalars(wanted.order_by(DutyRow.person_id))]


def roster_at(session: Session, at: datetime) -> Roster:
    """Return who belongs to which access tag at ``at``, and who is on duty for it.

    Every unit and proposal has its tag, also one without members.  A member of the staff on duty
    at a station is on duty for the groups that have a beamtime there during the duty.
    """
    people = {row.id: person_of(row) for row in session.scalars(select(PersonRow))}
    units = [unit_of(row) for row in session.scalars(select(UnitRow))]
    proposals = [proposal_of(row) for row in session.scalars(select(ProposalRow))]
    members = {unit.tag: unit.members_at(at) for unit in units}
    members |= {proposal.tag: proposal.team for proposal in proposals}
    tags = {("unit", unit.id): unit.tag for unit in units}
    tags |= {("proposal", proposal.id): proposal.tag for proposal in proposals}
    on_duty: dict[str, set[str]] = {tag: set() for tag in members}
    stations: dict[tuple[str, str], str] = {}
    for duty in duties(session, at):
        person = people[duty.person_id]
        if not person.is_staff(at):
            continue
        owners = session.execute(
            select(BeamtimeRow.unit_id, BeamtimeRow.proposal_id)
            .join(SlotRow, SlotRow.beamtime_id == BeamtimeRow.id)
            .where(
                SlotRow.station == duty.station,
                SlotRow.starts < duty.ends,
                SlotRow.ends > duty.starts,
            )
            .distinct()
        )
        for unit_id, proposal_id in owners:
            tag = tags["unit", unit_id] if unit_id else tags["proposal", proposal_id]
            on_duty[tag].add(person.login)
            stations[tag, person.login] = duty.station
    return Roster(
        groups={tag: frozenset(people[who].login for who in ids) for tag, ids in members.items()},
        on_duty={tag: frozenset(logins) for tag, logins in on_duty.items()},
        people={person.login: person for person in people.values()},
        duty_stations=stations,
    )
