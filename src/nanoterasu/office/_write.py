"""Writing into the register: entries kept all or none, each with its line in the journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nanoterasu.facility import Beamtime, Booking, Duty, may_be_given, shared_share

from ._engine import first_line
from ._entries import (
    beamtime_of,
    booking_of,
    contract_of,
    duty_of,
    organisation_of,
    person_of,
    proposal_of,
    unit_of,
)
from ._journal import Entry as Line
from ._journal import enter
from ._ledger import hours_shared
from ._look import known_station
from ._plain import plain
from ._rows import KINDS, Entry, id_of, kind_of, row_of
from ._schema import (
    Base,
    ContractRow,
    DutyRow,
    OrganisationRow,
    PersonRow,
    ProposalRow,
    UnitRow,
)
from ._schema_time import BeamtimeRow, BookingRow
from ._slots import release, take


def keep(
    session: Session,
    entries: Sequence[Entry],
    *,
    replace: bool,
    by: str,
    why: str,
    at: datetime,
    what: str = "added",
) -> None:
    """Keep ``entries`` in the order in which they name one another, and journal each.

    Raises
    ------
    ValueError
        When an id is taken, a slot is taken, or an entry names something that is not there or
        contradicts it.
    Refused
        When a beamtime is of a call that was closed, or the shared slots of its term are used up.
    """
    befores = [_before(session, entry, row_of(entry)) for entry in entries]
    for entry, before in zip(entries, befores, strict=True):
        if before is not None and not replace:
            raise _taken(entry)
    release(session, (each for each in entries if isinstance(each, (Booking, Beamtime))))
    kept: set[tuple[str, str]] = set()
    for entry, before in zip(entries, befores, strict=True):
        name = kind_of(entry), id_of(entry)
        if name in kept:
            raise _taken(entry)
        kept.add(name)
        _agree(session, entry)
        try:
            if isinstance(entry, Duty):
                _make_room(session, entry)
            session.merge(row_of(entry))
            session.flush()
        except IntegrityError as error:
            raise ValueError(
                f"{type(entry).__name__} {id_of(entry)} cannot be kept in the register "
                f"({first_line(error)}); add first what it names, and give each person a login "
                "of their own."
            ) from error
        if isinstance(entry, (Booking, Beamtime)):
            take(session, entry)
        now = plain(entry)
        if before != now:
            done = what if before is None else "replaced"
            details: dict[str, Any] = {"now": now} | ({} if before is None else {"before": before})
            enter(session, Line(at, by, done, *name, why, details))


def _taken(entry: Entry) -> ValueError:
    return ValueError(
        f"{type(entry).__name__} {id_of(entry)} is already in the register; "
        "give another id, or replace it with replace=True."
    )


def _before(session: Session, entry: Entry, row: Base) -> Any:
    """Return what stands in the register in the place of ``entry``, plain, or None.

    An entry that was closed before it began stands there, and holds nothing.
    """
    if isinstance(entry, Duty):
        key = (entry.person_id, entry.station, entry.starts)
        found = session.get(DutyRow, key)
    else:
        found = session.get(type(row), entry.id)
    return None if found is None else plain(entry_of(found)) or {}


def entry_of(row: Base) -> Entry | None:
    """Return the entry which ``row`` keeps, as it was entered; None for one that holds no time."""
    match row:
        case OrganisationRow():
            return organisation_of(row)
        case PersonRow():
            return person_of(row)
        case DutyRow():
            return duty_of(row)
        case ContractRow():
            return contract_of(row)
        case UnitRow():
            return unit_of(row)
        case ProposalRow():
            return proposal_of(row)
        case BookingRow():
            return booking_of(row) if row.slots else None
        case BeamtimeRow():
            return beamtime_of(row) if row.slots else None
    raise TypeError(f"{type(row).__name__} is not the row of an entry; ask for another.")


def _make_room(session: Session, duty: Duty) -> None:
    """Let a duty take the place of those of the same person at the station that overlap it."""
    session.execute(
        delete(DutyRow).where(
            DutyRow.person_id == duty.person_id,
            DutyRow.station == duty.station,
            DutyRow.starts < duty.ends,
            DutyRow.ends > duty.starts,
        )
    )
    session.expire_all()


def _agree(session: Session, entry: Entry) -> None:
    """Refuse an entry that contradicts those which it names."""
    if isinstance(entry, (Duty, Booking)):
        try:
            known_station(entry.station)
        except LookupError as error:
            raise ValueError(f"{type(entry).__name__} {id_of(entry)}: {error}") from error
    if isinstance(entry, Booking):
        unit = session.get(UnitRow, entry.unit_id)
        contract = session.get(ContractRow, entry.contract_id)
        if unit and contract and unit.organisation_id != contract.organisation_id:
            raise ValueError(
                f"Booking {entry.id} is of unit {unit.id} and of contract {contract.id}, which "
                "another organisation made; give a contract of the unit's own."
            )
    if isinstance(entry, Beamtime):
        _agree_beamtime(session, entry)


def _agree_beamtime(session: Session, entry: Beamtime) -> None:
    unit = session.get(UnitRow, entry.unit_id) if entry.unit_id else None
    if unit is not None and entry.organisation_id != unit.organisation_id:
        raise ValueError(
            f"Beamtime {entry.id} names organisation {entry.organisation_id}, but its unit "
            f"{unit.id} is of {unit.organisation_id}; give the unit's organisation."
        )
    contract = session.get(ContractRow, entry.contract_id) if entry.contract_id else None
    if contract is not None and entry.organisation_id != contract.organisation_id:
        raise ValueError(
            f"Beamtime {entry.id} names organisation {entry.organisation_id}, but contract "
            f"{contract.id} is of another; give a contract of the organisation's own."
        )
    proposal = session.get(ProposalRow, entry.proposal_id) if entry.proposal_id else None
    given = (entry.term, entry.term_end)
    if proposal is not None and given != (proposal.term, proposal.term_end):
        raise ValueError(
            f"Beamtime {entry.id} is in term {entry.term} which ends on {entry.term_end}, but its "
            f"proposal {proposal.id} is in {proposal.term} which ends on {proposal.term_end}; "
            "give the proposal's term."
        )
    share = shared_share(entry)
    given_hours = 0.0 if share is None else hours_shared(session, entry, share.stations)
    may_be_given(entry, given_hours)


def everything(session: Session) -> dict[str, list[Entry]]:
    """Return every entry that holds something, by kind and in the order of ids."""
    tables: dict[str, type[Base]] = {
        "organisation": OrganisationRow,
        "person": PersonRow,
        "duty": DutyRow,
        "contract": ContractRow,
        "unit": UnitRow,
        "proposal": ProposalRow,
        "booking": BookingRow,
        "beamtime": BeamtimeRow,
    }
    found: dict[str, list[Entry]] = {}
    for name in KINDS:
        entries = (entry_of(row) for row in session.scalars(select(tables[name])))
        found[name] = sorted((each for each in entries if each is not None), key=id_of)
    return found
