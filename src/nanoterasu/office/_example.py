"""An example house for the twin: two rival units, one shared proposal, and their beamtimes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from nanoterasu.facility import (
    Beamtime,
    Billing,
    Contract,
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

from ._register import Register
from ._rows import Entry

SHIFT = timedelta(hours=8)
DAY = timedelta(days=1)
TERM = "EXAMPLE"
_STAFFED = ("BL02U", "BL06U", "BL07U-SCORPIUS", "BL08U", "BL13U", "BL14U")
_SINCE = datetime(2024, 4, 1, tzinfo=UTC)

# At a shared beamline a company keeps its results in one mode only, which the facility planned and
# has not called: the example consents to each of its rules by name.
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
    EX-0011  unit EX-U1 of Company Alpha    BL02U    now (shared proprietary)
    EX-0012  unit EX-U1 of Company Alpha    BL06U    now (likewise)
    EX-0013  unit EX-U1 of Company Alpha    BL07U    now, at its station SCORPIUS (coalition basic)
    EX-0014  unit EX-U1 of Company Alpha    BL14U    now (likewise)
    =======  =============================  =======  ==============================

    Logins: ``alpha-member``, ``beta-member`` and ``public-member``, each with a colleague on the
    team (``alpha-colleague``, ...); ``alpha-other`` of Company Alpha's unit EX-U3, a rival topic;
    ``academic``, of EX-U1 and EX-U2; ``alpha-former``, who left EX-U1 a month ago; ``staff``, on
    duty at all of these stations from four days before to two days after, and ``staff-off-duty``;
    ``data-steward``; ``user-office``.

    Parameters
    ----------
    register
        Where it is kept; entries that are not the example's stay as they are.
    now
        Instant which the present shift holds.
    """
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    entries = [*_owners(start), *_beamtimes(start)]
    register.add(*entries, replace=True, by="example house", why="Example on the digital twin")


def _owners(start: datetime) -> list[Entry]:
    return [
        Organisation("EX-O1", "Company Alpha"),
        Organisation("EX-O2", "Company Beta"),
        Organisation("EX-O3", "University (public proposal)"),
        *_people(),
        *(Duty("EX-4", station, start - 4 * DAY, start + 2 * DAY) for station in _STAFFED),
        _contract("EX-C1", "EX-O1"),
        _contract("EX-C2", "EX-O2"),
        _unit("EX-U1", "Topic of Alpha", "EX-O1", "EX-1", "EX-5", "EX-9", left=("EX-10", start)),
        _unit("EX-U2", "Topic of Beta", "EX-O2", "EX-2", "EX-6", "EX-9"),
        _unit("EX-U3", "Rival topic of Alpha", "EX-O1", "EX-8"),
        Proposal("EX-P1", "Public proposal", frozenset({"EX-3", "EX-7"}), TERM, _term_end(start)),
    ]


def _people() -> list[Person]:
    """Return the people; names say what each is for."""
    staff = (Grant("staff", _SINCE),)
    return [
        _person("EX-1", "Member of Company Alpha", "alpha-member"),
        _person("EX-2", "Member of Company Beta", "beta-member"),
        _person("EX-3", "Member of the public proposal", "public-member"),
        _person("EX-4", "Beamline staff", "staff", staff),
        _person("EX-5", "Colleague at Company Alpha", "alpha-colleague"),
        _person("EX-6", "Colleague at Company Beta", "beta-colleague"),
        _person("EX-7", "Colleague on the public proposal", "public-colleague"),
        _person("EX-8", "Member of Company Alpha's other topic", "alpha-other"),
        _person("EX-9", "Academic in the units of both companies", "academic"),
        _person("EX-10", "Former member of Company Alpha's topic", "alpha-former"),
        _person("EX-11", "Beamline staff off duty", "staff-off-duty", staff),
        _person("EX-12", "Data steward", "data-steward", (Grant("data_steward", _SINCE),)),
        _person("EX-13", "User officer", "user-office", (Grant("user_office", _SINCE),)),
    ]


def _person(id: str, name: str, login: str, roles: tuple[Grant, ...] = ()) -> Person:
    return Person(id, name, login, roles, (Grant("radiation_worker", _SINCE),))


def _unit(
    id: str, topic: str, of: str, *members: str, left: tuple[str, datetime] | None = None
) -> Unit:
    """Return a unit of members, and one who left a month ago."""
    places = [Membership(who, _SINCE) for who in members]
    if left is not None:
        places.append(Membership(left[0], _SINCE, left[1] - 30 * DAY))
    return Unit(id, topic, of, "competitive", tuple(places))


def _contract(id: str, of: str) -> Contract:
    """Return a contract; every value is made up for the example, and none is the facility's."""
    return Contract(
        id,
        of,
        membership_class="general",
        shares=1,
        starts=_SINCE.date(),
        ends=date(2034, 3, 31),
        hours_per_year=200.0,
        year_begins=(4, 1),
        billing=Billing(quantum_minutes=60, rounding="up", basis="used", loss_credit=False),
    )


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
            team=frozenset({"EX-3", "EX-7"}),
            proposal_id="EX-P1",
            organisation_id="EX-O3",
            safety_review_id="EX-S3",
            safety_review_issuer="QST",
            example=True,
        ),
        _proprietary("EX-0004", "1", start - timedelta(days=3) - SHIFT, start),
        _coalition("EX-0005", "BL08U", start),
        _proprietary("EX-0011", "1", start, start, at="BL02U"),
        _proprietary("EX-0012", "1", start, start, at="BL06U"),
        _coalition("EX-0013", "BL07U-SCORPIUS", start),
        _coalition("EX-0014", "BL14U", start),
    ]


def _coalition(beamtime_id: str, at: str, starts: datetime) -> Beamtime:
    """Return Company Alpha's shift at a station of a coalition beamline."""
    number = _number(beamtime_id)
    return Beamtime(
        id=beamtime_id,
        beamline=at.partition("-")[0],
        station=at,
        term=None,
        access_mode="coalition_basic",
        slots=(Slot(starts, starts + SHIFT),),
        team=frozenset({"EX-1", "EX-5"}),
        unit_id="EX-U1",
        organisation_id="EX-O1",
        membership_class="general",
        domain="competitive",
        booking_id=f"EX-B{number}",
        contract_id="EX-C1",
        safety_review_id=f"EX-S{number}",
        safety_review_issuer="PhoSIC",
        example=True,
    )


def _proprietary(
    beamtime_id: str, owner: str, starts: datetime, now: datetime, at: str = "BL13U"
) -> Beamtime:
    """Return a shift at a shared beamline whose results a company's unit keeps to itself."""
    return Beamtime(
        id=beamtime_id,
        beamline=at,
        station=at,
        term=TERM,
        term_end=_term_end(now),
        access_mode="shared_proprietary",
        slots=(Slot(starts, starts + SHIFT),),
        team=frozenset({f"EX-{owner}", f"EX-{int(owner) + 4}"}),
        unit_id=f"EX-U{owner}",
        organisation_id=f"EX-O{owner}",
        membership_class="general",
        domain="competitive",
        booking_id=f"EX-B{_number(beamtime_id)}",
        safety_review_id=f"EX-S{_number(beamtime_id)}",
        safety_review_issuer="QST",
        overrides=tuple(
            Override(rule_id, "Example on the digital twin", "example house", now)
            for rule_id in _UNCONFIRMED
        ),
        example=True,
    )


def _number(beamtime_id: str) -> str:
    """Return what the ids of an example beamtime share."""
    return beamtime_id.removeprefix("EX-").lstrip("0")


def _term_end(start: datetime) -> date:
    """Return the last day of the example's own term, which no call published."""
    return (start + timedelta(days=120)).date()
