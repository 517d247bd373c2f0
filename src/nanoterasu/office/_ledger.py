"""The ledger: hours by kind, helium, and what is left of a contract year."""

from __future__ import annotations

import math
from collections.abc import Collection
from datetime import date, datetime, time, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from nanoterasu.facility import (
    COALITION_MODES,
    JST,
    Beamtime,
    Contract,
    Hours,
    RuleError,
    station_weight,
)

from ._entries import contract_of
from ._schema import ContractRow, OrganisationRow, UnitRow
from ._schema_time import BeamtimeRow, BookingRow, HeliumRow, HoursRow, SlotRow

KINDS = ("delivered", "lost_by_facility", "lost_by_user", "used")


def hours_of(session: Session, row: BeamtimeRow) -> Hours:
    """Return the hours of a beamtime [h]; a slot that was moved takes none with it."""
    entries = list(session.scalars(select(HoursRow).where(HoursRow.beamtime_id == row.id)))

    def total(kind: str) -> float:
        held = (entry.hours for entry in entries if entry.kind == kind and within(row, entry.at))
        return math.fsum(held)

    booked = math.fsum((slot.ends - slot.starts).total_seconds() / 3600 for slot in row.slots)
    return Hours(booked, *(total(kind) for kind in KINDS))


def within(row: BeamtimeRow, at: datetime) -> bool:
    """Return whether ``at`` lies in a slot of the beamtime; here the slot's end belongs to it."""
    return any(slot.starts <= at <= slot.ends for slot in row.slots)


def helium_of(session: Session, row: BeamtimeRow) -> float:
    """Return the liquid helium which a beamtime took [l]."""
    litres = select(HeliumRow.litres).where(HeliumRow.beamtime_id == row.id)
    return math.fsum(session.scalars(litres))


def contract_hours_left(session: Session, row: BeamtimeRow, at: datetime) -> float | None:
    """Return the hours left of the contract in its year that holds ``at`` [h].

    None, which counts as none left, when the contract does not say how many hours it gives, or
    when its year begins, or does not hold at ``at``.  A beamtime without contract counts by the
    hours that its organisation had before there were contracts.
    """
    contract_row = session.get(ContractRow, row.contract_id) if row.contract_id else None
    if contract_row is None:
        return _earlier_hours_left(session, row)
    contract = contract_of(contract_row)
    try:
        first, last = contract.year_of(at.astimezone(JST).date())
    except RuleError:
        return None
    if contract.hours_per_year is None:
        return None
    begins, ends = span(first, last)
    used = session.execute(
        select(HoursRow.hours, BeamtimeRow.station)
        .join(BeamtimeRow, BeamtimeRow.id == HoursRow.beamtime_id)
        .where(
            BeamtimeRow.contract_id == contract.id,
            HoursRow.kind == "used",
            HoursRow.at >= begins,
            HoursRow.at < ends,
        )
    )
    try:
        counted = math.fsum(hours * _weight(contract, station, at) for hours, station in used)
    except RuleError:
        return None
    return max(0.0, contract.hours_per_year - counted)


def hours_booked(
    session: Session, contract: Contract, first: date, last: date, at: datetime
) -> float:
    """Return the hours booked under a contract from a day to another, both included, JST [h].

    Each slot counts once, whether it is a booking's, a beamtime's or both, and as much as the
    contract says of its station at ``at``.

    Raises
    ------
    RuleError
        When it says nothing of a branch station.
    """
    begins, ends = span(first, last)
    owned: ColumnElement[bool] = or_(
        BookingRow.contract_id == contract.id,
        SlotRow.booking_id.is_(None) & (BeamtimeRow.contract_id == contract.id),
    )
    slots = session.scalars(
        select(SlotRow)
        .outerjoin(BookingRow, BookingRow.id == SlotRow.booking_id)
        .outerjoin(BeamtimeRow, BeamtimeRow.id == SlotRow.beamtime_id)
        .where(owned, SlotRow.starts < ends, SlotRow.ends > begins)
    )
    return math.fsum(
        (min(slot.ends, ends) - max(slot.starts, begins)).total_seconds()
        / 3600
        * _weight(contract, slot.station, at)
        for slot in slots
    )


def hours_shared(session: Session, beamtime: Beamtime, stations: Collection[str]) -> float:
    """Return the hours at ``stations`` which others have in shared slots of the same term [h]."""
    rows = session.scalars(
        select(BeamtimeRow).where(
            BeamtimeRow.shared_slot,
            BeamtimeRow.term == beamtime.term,
            BeamtimeRow.station.in_(stations),
            BeamtimeRow.id != beamtime.id,
        )
    )
    slots = (slot for row in rows for slot in row.slots)
    return math.fsum((slot.ends - slot.starts).total_seconds() / 3600 for slot in slots)


def _weight(contract: Contract, station: str, at: datetime) -> float:
    return float(station_weight(contract, station, at))


def span(first: date, last: date) -> tuple[datetime, datetime]:
    """Return the instants from which and until which days last, in JST."""
    midnight = time(tzinfo=JST)
    return (
        datetime.combine(first, midnight),
        datetime.combine(last + timedelta(days=1), midnight),
    )


def _earlier_hours_left(session: Session, row: BeamtimeRow) -> float | None:
    unit = session.get(UnitRow, row.unit_id) if row.unit_id else None
    organisation = session.get(OrganisationRow, unit.organisation_id) if unit else None
    if organisation is None or organisation.contract_hours is None:
        return None
    used = session.scalar(
        select(func.coalesce(func.sum(HoursRow.hours), 0.0))
        .join(BeamtimeRow, BeamtimeRow.id == HoursRow.beamtime_id)
        .join(UnitRow, UnitRow.id == BeamtimeRow.unit_id)
        .where(
            UnitRow.organisation_id == organisation.id,
            BeamtimeRow.contract_id.is_(None),
            BeamtimeRow.access_mode.in_(COALITION_MODES),
            HoursRow.kind == "used",
        )
    )
    return max(0.0, organisation.contract_hours - float(used or 0.0))
