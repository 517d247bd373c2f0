"""An example house for the twin: two rival units, one shared proposal, and their beamtimes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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

from ._register import Register
from ._rows import Entry

SHIFT = timedelta(hours=8)
TERM = "EXAMPLE"
_SINCE = datetime(2024, 4, 1, tzinfo=UTC)
_QUALIFIED = frozenset({"radiation_worker"})

# BL13U is a shared beamline, where a company keeps its results in one mode only, which the
# facility planned and has not called: the example consents to each of its rules by name.
_UNCONFIRMED = (
    "mode.shared_proprietary",
    "duty.report.shared_proprietary",
    "duty.publication.shared_proprietary",
)


def example_house(register: Register, now: datetime) -> None:
    """Fill ``register`` with the example, its shifts laid around ``now``; again refreshes it.

    Beamtimes, all marked as examples, which run on the twin only:

    =======  =============================  =======  ==============================
    id       owner                          station  when
    =======  =============================  =======  ==============================
    EX-0001  unit EX-U1 of Company Alpha    BL13U    now (shared proprietary)
    EX-0002  unit EX-U2 of Company Beta     BL13U    next shift (likewise)
    EX-0003  proposal EX-P1, results public  BL13U   the shift after next
    EX-0004  unit EX-U1 of Company Alpha    BL13U    over since three days
    EX-0005  unit EX-U1 of Company Alpha    BL08U    now (coalition basic)
    =======  =============================  =======  ==============================

    Logins: ``alpha-member``, ``beta-member``, ``public-member`` and ``staff``.

    Parameters
    ----------
    register
        Where it is kept; entries that are not the example's stay as they are.
    now
        Instant which the present shift holds.
    """
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    register.add(*_owners(start), *_beamtimes(start), replace=True)


def _owners(start: datetime) -> list[Entry]:
    people = [
        Person("EX-1", "Member of Company Alpha", "alpha-member", qualifications=_QUALIFIED),
        Person("EX-2", "Member of Company Beta", "beta-member", qualifications=_QUALIFIED),
        Person("EX-3", "Member of the public proposal", "public-member", qualifications=_QUALIFIED),
        Person("EX-4", "Beamline staff", "staff", frozenset({"staff"}), _QUALIFIED),
    ]
    return [
        Organisation("EX-O1", "Company Alpha", membership_class="general", contract_hours=200.0),
        Organisation("EX-O2", "Company Beta", membership_class="general", contract_hours=200.0),
        Organisation("EX-O3", "University (public proposal)"),
        *people,
        Unit("EX-U1", "Topic of Alpha", "EX-O1", "competitive", (Membership("EX-1", _SINCE),)),
        Unit("EX-U2", "Topic of Beta", "EX-O2", "competitive", (Membership("EX-2", _SINCE),)),
        Proposal("EX-P1", "Public proposal", frozenset({"EX-3"}), TERM, _term_end(start)),
    ]


def _beamtimes(start: datetime) -> list[Entry]:
    return [
        _proprietary("EX-0001", "1", start, start),
        _proprietary("EX-0002", "2", start + SHIFT, start),
        Beamtime(
            id="EX-0003",
            beamline="BL13U",
            station="BL13U",
            term=TERM,
            term_end=_term_end(start),
            access_mode="shared_general",
            slots=(Slot(start + 2 * SHIFT, start + 3 * SHIFT),),
            team=frozenset({"EX-3"}),
            proposal_id="EX-P1",
            organisation_id="EX-O3",
            safety_review_id="EX-S3",
            safety_review_issuer="QST",
            example=True,
        ),
        _proprietary("EX-0004", "1", start - timedelta(days=3) - SHIFT, start),
        Beamtime(
            id="EX-0005",
            beamline="BL08U",
            station="BL08U",
            term=None,
            access_mode="coalition_basic",
            slots=(Slot(start, start + SHIFT),),
            team=frozenset({"EX-1"}),
            unit_id="EX-U1",
            organisation_id="EX-O1",
            membership_class="general",
            domain="competitive",
            booking_id="EX-B5",
            safety_review_id="EX-S5",
            safety_review_issuer="PhoSIC",
            example=True,
        ),
    ]


def _proprietary(beamtime_id: str, owner: str, starts: datetime, now: datetime) -> Beamtime:
    """Return a shift at BL13U whose results a company's unit keeps to itself."""
    return Beamtime(
        id=beamtime_id,
        beamline="BL13U",
        station="BL13U",
        term=TERM,
        term_end=_term_end(now),
        access_mode="shared_proprietary",
        slots=(Slot(starts, starts + SHIFT),),
        team=frozenset({f"EX-{owner}"}),
        unit_id=f"EX-U{owner}",
        organisation_id=f"EX-O{owner}",
        membership_class="general",
        domain="competitive",
        booking_id=f"EX-B{beamtime_id[-1]}",
        safety_review_id=f"EX-S{beamtime_id[-1]}",
        safety_review_issuer="QST",
        overrides=tuple(
            Override(rule_id, "Example on the digital twin", "example house", now)
            for rule_id in _UNCONFIRMED
        ),
        example=True,
    )


def _term_end(start: datetime) -> date:
    """Return the last day of the example's own term, which no call published."""
    return (start + timedelta(days=120)).date()
