from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Table
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateTable

from nanoterasu.facility import (
    Beamtime,
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
    hours_left,
)
from nanoterasu.office import Register
from nanoterasu.office._schema_time import Base

SINCE = datetime(2026, 4, 1, tzinfo=timezone(timedelta(hours=9)))
START = datetime(2026, 11, 22, tzinfo=UTC)
LATER = START + timedelta(days=30)


def academic_in_rival_units() -> list[Organisation | Person | Duty | Contract | Unit]:
    """Two companies with a unit each; one academic sits in both, in the second for a while."""
    return [
        Organisation("O1", "Company Alpha"),
        Organisation("O2", "Company Beta"),
        Person("P1", "Member", "alpha-member", qualifications=(Grant("radiation_worker"),)),
        Person("P2", "Academic", "academic", student=True),
        Person("P9", "Staff", "staff", (Grant("staff"),), (Grant("radiation_worker"),)),
        Duty("P9", "BL08U", START, START + timedelta(hours=8)),
        Contract("C1", "O1", "gold", 1, date(2026, 4, 1), date(2036, 3, 31), 200.0, (4, 1)),
        Unit("U1", "a", "O1", "competitive", (Membership("P1", SINCE), Membership("P2", SINCE))),
        Unit("U2", "b", "O2", None, (Membership("P2", SINCE, LATER),)),
    ]


def shift(**changes: object) -> Beamtime:
    given = Beamtime(
        id="BT-0001",
        beamline="BL08U",
        station="BL08U",
        term=None,
        access_mode="coalition_basic",
        slots=(Slot(START, START + timedelta(hours=8)),),
        team=frozenset({"P1", "P2"}),
        unit_id="U1",
        organisation_id="O1",
        membership_class="gold",
        domain="competitive",
        contract_id="C1",
        safety_review_id="S1",
        safety_review_issuer="PhoSIC",
        contract_hours_left=200.0,
    )
    return replace(given, **changes)  # type: ignore[arg-type]


@pytest.fixture
def house(empty: Register) -> Register:
    empty.add(*academic_in_rival_units(), shift())
    return empty


def test_what_is_kept_is_read_back_the_same(house: Register) -> None:
    looked_up = shift(students=frozenset({"P2"}), on_duty=frozenset({"P9"}))
    assert house.beamtime("BT-0001", START) == looked_up
    kept = [entry for entries in house.entries_by_kind().values() for entry in entries]
    assert {*kept} == {*academic_in_rival_units(), shift(contract_hours_left=None)}


def test_consents_and_terms_are_read_back_the_same(house: Register) -> None:
    proposal = Proposal("PR1", "x", frozenset({"P2"}), "T1", date(2027, 2, 28))
    consents = (Override("mode.coalition_basic", "why", "staff", SINCE.astimezone(UTC)),)
    kept = shift(
        id="BT-0002",
        access_mode="shared_general",
        unit_id=None,
        proposal_id="PR1",
        organisation_id=None,
        team=frozenset({"P2"}),
        term="T1",
        term_end=date(2027, 2, 28),
        overrides=consents,
        overrun_allowed=True,
        example=True,
        contract_hours_left=None,
        contract_id=None,
        overrun_consented_by="Director of Alpha",
        station="BL13U",
        beamline="BL13U",
        delegations=(Delegation("P1", "leader", "night shift", START, LATER),),
        students=frozenset({"P2"}),
    )
    house.add(proposal, kept)
    assert house.beamtime("BT-0002", START) == kept


def test_an_instant_of_another_zone_is_kept_as_the_same_instant(house: Register) -> None:
    starts = datetime(2026, 11, 24, 6, tzinfo=timezone(timedelta(hours=9)))
    slot = Slot(starts, starts + timedelta(hours=8))
    house.add(shift(id="BT-0002", slots=(slot,)))
    kept = house.beamtime("BT-0002", START).slots[0]
    assert kept == slot
    assert kept.starts.utcoffset() == timedelta(0)


def test_an_academic_sits_in_the_units_of_rivals_while_the_membership_holds(
    house: Register,
) -> None:
    during, after = house.roster(START), house.roster(LATER)
    assert during.readers(["unit-U1"]) == ["academic", "alpha-member", "staff"]
    assert during.readers(["unit-U2"]) == ["academic"]
    assert after.readers(["unit-U2"]) == []
    assert after.groups["unit-U2"] == frozenset()
    assert set(during.people) == {"alpha-member", "academic", "staff"}


def test_who_left_the_unit_is_no_longer_on_the_team(house: Register) -> None:
    memberships = (Membership("P1", SINCE), Membership("P2", SINCE, START + timedelta(hours=4)))
    house.add(Unit("U1", "a", "O1", "competitive", memberships), replace=True)
    assert house.beamtime("BT-0001", START).team == {"P1", "P2"}
    assert house.beamtime("BT-0001", START + timedelta(hours=4)).team == {"P1"}


def test_the_beamtimes_of_a_station_are_those_with_a_slot_now(house: Register) -> None:
    assert [found.id for found in house.beamtimes("BL08U", START)] == ["BT-0001"]
    assert house.beamtimes("BL08U", START + timedelta(hours=8)) == []
    assert house.beamtimes("BL13U", START) == []


def test_hours_used_are_taken_from_the_beamtime_and_the_contract(house: Register) -> None:
    house.record("BT-0001", "used", 1.5, START + timedelta(hours=2), "clerk", "measured")
    house.record("BT-0001", "used", 2.0, START + timedelta(hours=4), "clerk", "measured")
    found = house.beamtime("BT-0001", START)
    assert (found.hours_used, found.contract_hours_left) == (3.5, 196.5)
    assert hours_left(found, START) == 4.5


def test_contract_hours_do_not_fall_below_zero(house: Register) -> None:
    house.record("BT-0001", "used", 500.0, START, "clerk", "measured")
    assert house.beamtime("BT-0001", START).contract_hours_left == 0.0


def test_an_organisation_without_contract_has_no_contract_hours(house: Register) -> None:
    rival = shift(
        id="BT-0002",
        beamline="BL13U",
        station="BL13U",
        unit_id="U2",
        organisation_id="O2",
        contract_id=None,
    )
    house.add(rival)
    assert house.beamtime("BT-0002", START).contract_hours_left is None


@pytest.mark.parametrize("hours", [0.0, -1.0, float("nan"), float("inf")])
def test_hours_that_are_no_hours_are_refused(house: Register, hours: float) -> None:
    with pytest.raises(ValueError, match=r"beamtime BT-0001 cannot be entered; give a number"):
        house.record("BT-0001", "used", hours, START, "clerk", "measured")


@pytest.mark.parametrize("guess", ["BT-0002", "BT-000", "bt-0001", "' or 1=1 --", ""])
def test_an_unknown_beamtime_says_what_an_id_looks_like_and_names_none(
    house: Register, guess: str
) -> None:
    house.add(shift(id="BT-7731", slots=(Slot(LATER, LATER + timedelta(hours=8)),)))
    with pytest.raises(LookupError) as refused:
        house.beamtime(guess, START)
    text = str(refused.value)
    assert f"no beamtime {guess!r} in the office's register" in text
    assert "take the id from your booking notice, or ask the user office" in text
    assert "7731" not in text


def test_an_unknown_login_names_nobody_who_is_near(house: Register) -> None:
    with pytest.raises(LookupError) as refused:
        house.person("alpha-membre")
    text = str(refused.value)
    assert "login 'alpha-membre'" in text
    assert "ask the user office to add you" in text
    assert "alpha-member" not in text


def test_an_unknown_station_names_those_that_are_near(house: Register) -> None:
    with pytest.raises(LookupError, match=r"no station 'BL08' at the facility; give one .*BL08U"):
        house.beamtimes("BL08", START)


def test_an_id_that_is_taken_is_refused_unless_it_is_replaced(house: Register) -> None:
    with pytest.raises(ValueError, match=r"Beamtime BT-0001 is already .*; give another id"):
        house.add(shift())
    moved = shift(slots=(Slot(LATER, LATER + timedelta(hours=8)),))
    house.add(moved, replace=True)
    assert house.beamtime("BT-0001", START).slots == moved.slots


def test_all_is_kept_or_nothing(house: Register) -> None:
    with pytest.raises(ValueError, match="already in the register"):
        house.add(shift(id="BT-0002", station="BL13U"), shift())
    with pytest.raises(LookupError):
        house.beamtime("BT-0002", START)


def test_two_people_do_not_share_a_login(house: Register) -> None:
    with pytest.raises(ValueError, match=r"Person P3 cannot be kept .* a login of their own"):
        house.add(Person("P3", "x", "staff"))


def test_an_entry_that_names_what_is_not_there_is_refused(house: Register) -> None:
    with pytest.raises(ValueError, match=r"Unit U3 cannot be kept .*; add first what it names"):
        house.add(Unit("U3", "x", "O9"))


def test_a_beamtime_contradicts_neither_its_unit_nor_its_proposal(house: Register) -> None:
    with pytest.raises(ValueError, match=r"organisation O2, but its unit U1 is of O1; give"):
        house.add(shift(id="BT-0002", organisation_id="O2"))
    house.add(Proposal("PR1", "x", frozenset({"P2"}), "T1", date(2027, 2, 28)))
    of_proposal = shift(
        id="BT-0003", access_mode="shared_general", unit_id=None, proposal_id="PR1", term="T2"
    )
    with pytest.raises(ValueError, match=r"term T2 .* proposal PR1 is in T1 .*; give the proposal"):
        house.add(of_proposal)


def test_something_else_is_not_kept(house: Register) -> None:
    with pytest.raises(TypeError, match="does not keep a Slot; add an Organisation"):
        house.add(Slot(START, LATER))  # type: ignore[arg-type]


def test_a_naive_instant_is_not_looked_up(house: Register) -> None:
    with pytest.raises(ValueError, match="has no time zone; give one"):
        house.beamtimes("BL08U", datetime(2026, 11, 22))


@pytest.mark.parametrize("table", Base.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_table_can_be_made_in_postgresql(table: Table) -> None:
    made = str(CreateTable(table).compile(dialect=postgresql.dialect()))
    assert "PRIMARY KEY" in made
    assert "BLOB" not in made


def test_a_register_opens_again_by_path_and_by_url(house: Register, place: str | Path) -> None:
    sqlite = isinstance(place, Path)
    places = (house.place, f"sqlite:///{house.place}") if sqlite else (str(place),)
    for each in places:
        with Register(each) as again:
            assert again.person("staff").is_staff(START)
