"""From the data classes of the rules to the rows of the register."""

from __future__ import annotations

from dataclasses import asdict
from functools import singledispatch

from nanoterasu.facility import (
    Beamtime,
    Booking,
    Contract,
    Duty,
    Organisation,
    Person,
    Proposal,
    Unit,
)

from . import _schema as rows
from . import _schema_time as times

Entry = Organisation | Person | Duty | Contract | Unit | Proposal | Booking | Beamtime
KINDS: dict[str, type[Entry]] = {
    kind.__name__.lower(): kind
    for kind in (Organisation, Person, Duty, Contract, Unit, Proposal, Booking, Beamtime)
}


def kind_of(entry: Entry) -> str:
    """Return the kind of an entry as the journal and files name it, such as ``person``."""
    return type(entry).__name__.lower()


def id_of(entry: Entry) -> str:
    """Return the id of an entry; a duty has its person, station and start for one."""
    if isinstance(entry, Duty):
        return f"{entry.person_id}/{entry.station}/{entry.starts.isoformat()}"
    return entry.id


@singledispatch
def row_of(entry: Entry) -> rows.Base:
    """Return the row that keeps ``entry``, with the rows below it but for its slots.

    Raises
    ------
    TypeError
        When ``entry`` is of a kind which the register does not keep.
    """
    raise TypeError(
        f"The register does not keep a {type(entry).__name__}; add an Organisation, Person, Duty, "
        "Contract, Unit, Proposal, Booking or Beamtime."
    )


@row_of.register
def _(entry: Organisation) -> rows.Base:
    return rows.OrganisationRow(id=entry.id, name=entry.name)


@row_of.register
def _(entry: Person) -> rows.Base:
    held = [("role", grant) for grant in entry.roles]
    held += [("qualification", grant) for grant in entry.qualifications]
    return rows.PersonRow(
        id=entry.id,
        name=entry.name,
        login=entry.login,
        student=entry.student,
        grants=[
            rows.GrantRow(person_id=entry.id, kind=kind, name=g.name, starts=g.starts, ends=g.ends)
            for kind, g in held
        ],
    )


@row_of.register
def _(entry: Duty) -> rows.Base:
    return rows.DutyRow(
        person_id=entry.person_id, station=entry.station, starts=entry.starts, ends=entry.ends
    )


@row_of.register
def _(entry: Contract) -> rows.Base:
    month, day = entry.year_begins or (None, None)
    return rows.ContractRow(
        **{name: getattr(entry, name) for name in CONTRACT_COLUMNS},
        year_begins_month=month,
        year_begins_day=day,
        billing=None if entry.billing is None else asdict(entry.billing),
    )


@row_of.register
def _(entry: Unit) -> rows.Base:
    return rows.UnitRow(
        id=entry.id,
        topic=entry.topic,
        organisation_id=entry.organisation_id,
        domain=entry.domain,
        members=[
            rows.MembershipRow(
                unit_id=entry.id, person_id=m.person_id, starts=m.starts, ends=m.ends
            )
            for m in entry.members
        ],
    )


@row_of.register
def _(entry: Proposal) -> rows.Base:
    return rows.ProposalRow(
        id=entry.id,
        title=entry.title,
        term=entry.term,
        term_end=entry.term_end,
        team=[
            rows.ProposalMemberRow(proposal_id=entry.id, person_id=who)
            for who in sorted(entry.team)
        ],
    )


@row_of.register
def _(entry: Booking) -> rows.Base:
    return times.BookingRow(
        **{name: getattr(entry, name) for name in BOOKING_COLUMNS},
        overrides=[
            times.BookingOverrideRow(booking_id=entry.id, **asdict(o)) for o in entry.overrides
        ],
    )


@row_of.register
def _(entry: Beamtime) -> rows.Base:
    return times.BeamtimeRow(
        **{name: getattr(entry, name) for name in BEAMTIME_COLUMNS},
        team=[
            times.BeamtimeMemberRow(beamtime_id=entry.id, person_id=who)
            for who in sorted(entry.team)
        ],
        overrides=[times.OverrideRow(beamtime_id=entry.id, **asdict(o)) for o in entry.overrides],
        delegations=[
            times.DelegationRow(beamtime_id=entry.id, **asdict(d)) for d in entry.delegations
        ],
    )


# Fields which are columns of the same name.
CONTRACT_COLUMNS = (
    "id",
    "organisation_id",
    "membership_class",
    "shares",
    "starts",
    "ends",
    "hours_per_year",
    "rate",
    "overrun_allowed",
    "overrun_consented_by",
    "carry_over",
    "branch_weight",
)
BOOKING_COLUMNS = ("id", "unit_id", "station", "round", "booked_by", "booked_at", "contract_id")
BEAMTIME_COLUMNS = (
    "id",
    "beamline",
    "station",
    "term",
    "access_mode",
    "unit_id",
    "proposal_id",
    "organisation_id",
    "membership_class",
    "domain",
    "booking_id",
    "safety_review_id",
    "safety_review_issuer",
    "shared_slot",
    "measurement_service",
    "term_end",
    "contract_id",
    "overrun_allowed",
    "overrun_consented_by",
    "example",
)
