"""Closing an entry: what it holds ends at an instant; what it held before stays on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from nanoterasu.facility import JST, Grant, Membership

from ._entries import contract_of, person_of, unit_of
from ._look import row_by_id
from ._plain import plain
from ._rows import Entry, row_of
from ._schema import Base, ContractRow, DutyRow, MembershipRow, PersonRow, UnitRow
from ._schema_time import BeamtimeRow, BookingRow, DelegationRow, SlotRow
from ._write import entry_of

_TABLES: dict[str, type[Base]] = {
    "person": PersonRow,
    "duty": DutyRow,
    "contract": ContractRow,
    "unit": UnitRow,
    "booking": BookingRow,
    "beamtime": BeamtimeRow,
}
_Dated = TypeVar("_Dated", Grant, Membership)


def close(session: Session, kind: str, id_: str, at: datetime) -> Any:
    """End what an entry holds at ``at``; return what stood there, plain.

    A person loses roles, qualifications, memberships, duties and delegations; a unit its members;
    a contract ends with the day before, a duty at once; a booking or a beamtime lets go of the
    time that is left.

    Raises
    ------
    LookupError
        When there is no such entry.
    ValueError
        When entries of the kind do not end.
    """
    if kind not in _TABLES:
        raise ValueError(
            f"An entry of kind {kind!r} does not end by itself; close one of "
            f"{', '.join(_TABLES)}, such as the units and contracts of an organisation, or "
            "replace a proposal by one with the team that is left."
        )
    key = _duty_key(id_) if kind == "duty" else id_
    row = row_by_id(session, _TABLES[kind], kind, id_, key)
    before = plain(entry_of(row))
    match row:
        case PersonRow():
            _person(session, row, at)
        case UnitRow():
            unit = unit_of(row)
            _put(session, replace(unit, members=_ended(unit.members, at)))
        case DutyRow():
            _end(session, row, at)
        case ContractRow():
            _contract(session, row, at)
        case BookingRow():
            # Time that became a beamtime is the beamtime's, and let go of with it.
            _let_go(session, (SlotRow.booking_id == id_) & SlotRow.beamtime_id.is_(None), at)
        case BeamtimeRow():
            _let_go(session, SlotRow.beamtime_id == id_, at)
    session.flush()
    session.expire_all()
    return before


def _duty_key(id_: str) -> tuple[str, str, datetime] | None:
    """Return the key of a duty given as ``person/station/start``, None when it is none."""
    parts = id_.split("/")
    try:
        starts = datetime.fromisoformat(parts[-1])
    except ValueError:
        return None
    named = len(parts) == 3 and starts.utcoffset() is not None
    return (parts[0], parts[1], starts) if named else None


def _put(session: Session, entry: Entry) -> None:
    session.merge(row_of(entry))
    session.flush()


def _ended(dated: tuple[_Dated, ...], at: datetime) -> tuple[_Dated, ...]:
    """Return what has begun, ended by ``at``; what would begin later is left out."""
    begun = (each for each in dated if each.starts is None or each.starts < at)
    return tuple(
        each if each.ends is not None and each.ends <= at else replace(each, ends=at)
        for each in begun
    )


def _person(session: Session, row: PersonRow, at: datetime) -> None:
    person = person_of(row)
    _put(
        session,
        replace(
            person,
            roles=_ended(person.roles, at),
            qualifications=_ended(person.qualifications, at),
        ),
    )
    for table in (MembershipRow, DutyRow, DelegationRow):
        for dated in session.scalars(select(table).where(table.person_id == person.id)):
            _end(session, dated, at)


def _contract(session: Session, row: ContractRow, at: datetime) -> None:
    contract = contract_of(row)
    last = at.astimezone(JST).date() - timedelta(days=1)
    if last < contract.starts:
        raise ValueError(
            f"Contract {contract.id} starts on {contract.starts} and cannot end before; close it "
            "after its first day, or replace it by what holds."
        )
    _put(session, replace(contract, ends=min(last, contract.ends)))


def _let_go(session: Session, whose: ColumnElement[bool], at: datetime) -> None:
    for row in session.scalars(select(SlotRow).where(whose)):
        _end(session, row, at)


def _end(
    session: Session, row: MembershipRow | DutyRow | DelegationRow | SlotRow, at: datetime
) -> None:
    """End what has begun; what would begin later is as if it had never been given."""
    if row.starts >= at:
        session.delete(row)
    elif row.ends is None or row.ends > at:
        row.ends = at
