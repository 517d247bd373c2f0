"""Between the rows of the register and the data classes of the rules."""

from __future__ import annotations

from functools import singledispatch

from nanoterasu.facility import (
    Beamtime,
    Membership,
    Organisation,
    Override,
    Person,
    Proposal,
    Slot,
    Unit,
)

from . import _schema as rows

Entry = Organisation | Person | Unit | Proposal | Beamtime


@singledispatch
def row_of(entry: Entry) -> rows.Base:
    """Return the row that keeps ``entry``, with the rows below it.

    Raises
    ------
    TypeError
        When ``entry`` is of a kind which the register does not keep.
    """
    raise TypeError(
        f"The register does not keep a {type(entry).__name__}; "
        "add an Organisation, Person, Unit, Proposal or Beamtime."
    )


@row_of.register
def _(entry: Organisation) -> rows.Base:
    return rows.OrganisationRow(
        id=entry.id,
        name=entry.name,
        membership_class=entry.membership_class,
        contract_hours=entry.contract_hours,
    )


@row_of.register
def _(entry: Person) -> rows.Base:
    held = [("role", name) for name in sorted(entry.roles)]
    held += [("qualification", name) for name in sorted(entry.qualifications)]
    return rows.PersonRow(
        id=entry.id,
        name=entry.name,
        login=entry.login,
        grants=[rows.GrantRow(person_id=entry.id, kind=kind, name=name) for kind, name in held],
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
def _(entry: Beamtime) -> rows.Base:
    return rows.BeamtimeRow(
        id=entry.id,
        **{name: getattr(entry, name) for name in _KEPT},
        slots=[
            rows.SlotRow(beamtime_id=entry.id, starts=s.starts, ends=s.ends) for s in entry.slots
        ],
        team=[
            rows.BeamtimeMemberRow(beamtime_id=entry.id, person_id=who)
            for who in sorted(entry.team)
        ],
        overrides=[
            rows.OverrideRow(
                beamtime_id=entry.id,
                rule_id=o.rule_id,
                reason=o.reason,
                granted_by=o.granted_by,
                granted_at=o.granted_at,
            )
            for o in entry.overrides
        ],
    )


# Fields of a beamtime which are columns of the same name.
_KEPT = (
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
    "overrun_allowed",
    "example",
)


def person_of(row: rows.PersonRow) -> Person:
    """Return the person whom ``row`` keeps."""
    return Person(
        row.id,
        row.name,
        row.login,
        roles=frozenset(g.name for g in row.grants if g.kind == "role"),
        qualifications=frozenset(g.name for g in row.grants if g.kind == "qualification"),
    )


def unit_of(row: rows.UnitRow) -> Unit:
    """Return the unit which ``row`` keeps."""
    members = tuple(Membership(m.person_id, m.starts, m.ends) for m in row.members)
    return Unit(row.id, row.topic, row.organisation_id, row.domain, members)


def proposal_of(row: rows.ProposalRow) -> Proposal:
    """Return the proposal which ``row`` keeps."""
    team = frozenset(member.person_id for member in row.team)
    return Proposal(row.id, row.title, team, row.term, row.term_end)


def beamtime_of(
    row: rows.BeamtimeRow,
    *,
    members: frozenset[str],
    hours_used: float,
    contract_hours_left: float | None,
) -> Beamtime:
    """Return the beamtime which ``row`` keeps.

    Parameters
    ----------
    row
        As kept.
    members
        Ids of those who belong to the owner now; nobody else stays on the team.
    hours_used, contract_hours_left
        From the ledger [h].
    """
    return Beamtime(
        id=row.id,
        **{name: getattr(row, name) for name in _KEPT},
        slots=tuple(Slot(s.starts, s.ends) for s in row.slots),
        team=frozenset(member.person_id for member in row.team) & members,
        overrides=tuple(
            Override(o.rule_id, o.reason, o.granted_by, o.granted_at) for o in row.overrides
        ),
        hours_used=hours_used,
        contract_hours_left=contract_hours_left,
    )
