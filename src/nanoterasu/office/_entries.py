"""From the rows of the register to the data classes of the rules."""

from __future__ import annotations

from nanoterasu.facility import (
    Beamtime,
    Billing,
    Booking,
    Contract,
    Delegation,
    Duty,
    Grant,
    Membership,
    Organisation,
    Override,
    Person,
    Proposal,
    Slot,
    Unit,
)

from . import _schema as rows
from . import _schema_time as times
from ._rows import BEAMTIME_COLUMNS, BOOKING_COLUMNS, CONTRACT_COLUMNS


def organisation_of(row: rows.OrganisationRow) -> Organisation:
    """Return the organisation which ``row`` keeps."""
    return Organisation(row.id, row.name)


def person_of(row: rows.PersonRow) -> Person:
    """Return the person whom ``row`` keeps."""

    def grants(kind: str) -> tuple[Grant, ...]:
        return tuple(Grant(g.name, g.starts, g.ends) for g in row.grants if g.kind == kind)

    return Person(
        row.id,
        row.name,
        row.login,
        roles=grants("role"),
        qualifications=grants("qualification"),
        student=row.student,
    )


def duty_of(row: rows.DutyRow) -> Duty:
    """Return the duty which ``row`` keeps."""
    return Duty(row.person_id, row.station, row.starts, row.ends)


def contract_of(row: rows.ContractRow) -> Contract:
    """Return the contract which ``row`` keeps."""
    begins = (row.year_begins_month, row.year_begins_day)
    return Contract(
        **{name: getattr(row, name) for name in CONTRACT_COLUMNS},
        year_begins=None if begins[0] is None or begins[1] is None else (begins[0], begins[1]),
        billing=None if row.billing is None else Billing(**row.billing),
    )


def unit_of(row: rows.UnitRow) -> Unit:
    """Return the unit which ``row`` keeps."""
    # In an order of our own: databases differ in how they sort text.
    ordered = sorted(row.members, key=lambda m: (m.starts, m.person_id))
    members = tuple(Membership(m.person_id, m.starts, m.ends) for m in ordered)
    return Unit(row.id, row.topic, row.organisation_id, row.domain, members)


def proposal_of(row: rows.ProposalRow) -> Proposal:
    """Return the proposal which ``row`` keeps."""
    team = frozenset(member.person_id for member in row.team)
    return Proposal(row.id, row.title, team, row.term, row.term_end)


def booking_of(row: times.BookingRow) -> Booking:
    """Return the booking which ``row`` keeps."""
    return Booking(
        **{name: getattr(row, name) for name in BOOKING_COLUMNS},
        slots=_slots(row.slots),
        overrides=_overrides(row.overrides),
    )


def beamtime_of(
    row: times.BeamtimeRow,
    *,
    team: frozenset[str] | None = None,
    students: frozenset[str] = frozenset(),
    on_duty: frozenset[str] = frozenset(),
    hours_used: float = 0.0,
    contract_hours_left: float | None = None,
) -> Beamtime:
    """Return the beamtime which ``row`` keeps.

    Parameters
    ----------
    row
        As kept.
    team
        Ids of those of its team who belong to the owner now; the team as entered when None.
    students, on_duty
        Ids of the students of the team, and of the staff on duty at its station now.
    hours_used, contract_hours_left
        From the ledger [h].
    """
    entered = frozenset(member.person_id for member in row.team)
    return Beamtime(
        **{name: getattr(row, name) for name in BEAMTIME_COLUMNS},
        slots=_slots(row.slots),
        team=entered if team is None else team,
        students=students,
        on_duty=on_duty,
        delegations=tuple(
            Delegation(d.person_id, d.granted_by, d.reason, d.starts, d.ends)
            for d in sorted(row.delegations, key=lambda d: (d.starts, d.person_id))
        ),
        overrides=_overrides(row.overrides),
        hours_used=hours_used,
        contract_hours_left=contract_hours_left,
    )


def _slots(kept: list[times.SlotRow]) -> tuple[Slot, ...]:
    return tuple(Slot(slot.starts, slot.ends) for slot in kept)


def _overrides(
    kept: list[times.OverrideRow] | list[times.BookingOverrideRow],
) -> tuple[Override, ...]:
    ordered = sorted(kept, key=lambda o: o.rule_id)
    return tuple(Override(o.rule_id, o.reason, o.granted_by, o.granted_at) for o in ordered)
