"""Booking: the rounds, the hours of a contract year, and one user at a time at a station."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from nanoterasu.facility import (
    JST,
    Beamtime,
    Booking,
    BookingPolicy,
    Contract,
    Organisation,
    Override,
    Person,
    Refused,
    RuleError,
    Slot,
    Unit,
)
from nanoterasu.office import Register
from nanoterasu.office._schema_time import SettingRow

NOW = datetime(2026, 6, 1, 9, tzinfo=JST)
DAY = datetime(2026, 9, 1, 10, tzinfo=JST)  # of use
SHIFT = timedelta(hours=8)
POLICY = BookingPolicy("calendar", time(17), inclusive=True)
CONSENT = (Override("round.first", "example", "user office", NOW),)


def booking(**changes: object) -> Booking:
    given = Booking(
        "B1", "U1", "BL08U", (Slot(DAY, DAY + SHIFT),), "first", "alpha-member", NOW, "C1", CONSENT
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def contract(id: str, of: str, **changes: object) -> Contract:
    given = Contract(id, of, "general", 1, date(2026, 4, 1), date(2036, 3, 31), 200.0, (4, 1))
    return replace(given, **changes)  # type: ignore[arg-type]


def beamtime(**changes: object) -> Beamtime:
    given = Beamtime(
        id="BT-0001",
        beamline="BL08U",
        station="BL08U",
        term=None,
        access_mode="coalition_basic",
        slots=(Slot(DAY, DAY + SHIFT),),
        team=frozenset({"P1"}),
        unit_id="U1",
        organisation_id="O1",
        booking_id="B1",
        contract_id="C1",
    )
    return replace(given, **changes)  # type: ignore[arg-type]


@pytest.fixture
def house(empty: Register) -> Register:
    empty.add(
        Organisation("O1", "Company Alpha"),
        Organisation("O2", "Company Beta"),
        Person("P1", "Member", "alpha-member"),
        contract("C1", "O1"),
        contract("C2", "O2"),
        Unit("U1", "a", "O1"),
        Unit("U2", "b", "O2"),
    )
    empty.set("booking_policy", POLICY, by="user-office", why="decided by the meeting")
    return empty


@pytest.fixture
def book(house: Register) -> Callable[[Booking], Booking]:
    return lambda each: house.book(each, by="alpha-member", why="catalyst", at=NOW)


def test_a_booking_is_read_back_and_stands_in_the_journal(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    assert book(booking()) == booking() == house.booking("B1")
    (line,) = house.journal("booking", "B1")
    assert (line.at, line.by, line.what) == (NOW, "alpha-member", "booked")
    assert "catalyst" in line.why
    assert "round.first" in line.why


def test_no_booking_is_made_before_the_policy_is_set(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    with house._database.writing() as session:
        session.delete(session.get(SettingRow, "booking_policy"))
    with pytest.raises(RuleError, match="the user office must set the booking policy"):
        book(booking())


def test_a_round_that_is_closed_refuses(house: Register) -> None:
    with pytest.raises(Refused) as refused:
        house.book(booking(), by="alpha-member", why="late", at=DAY - timedelta(days=3))
    assert refused.value.rule == "booking.round"
    assert house.journal("booking") == ()


def test_hours_beyond_those_of_the_contract_year_are_refused(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    house.add(contract("C1", "O1", hours_per_year=16.0), replace=True)
    slots = tuple(Slot(DAY + n * SHIFT, DAY + (n + 1) * SHIFT) for n in range(5))
    book(booking(slots=slots[:1]))
    book(booking(id="B2", slots=slots[1:2]))
    with pytest.raises(Refused, match="takes 8 h, where contract C1 has 0 h left of 16 h"):
        book(booking(id="B3", slots=slots[2:3]))
    next_year = DAY + timedelta(days=250)
    book(booking(id="B4", slots=(Slot(next_year, next_year + SHIFT),)))


def test_a_beamtime_without_a_booking_takes_of_the_contract_hours_and_one_with_it_takes_none(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    house.add(contract("C1", "O1", hours_per_year=24.0), replace=True)
    book(booking())
    house.add(beamtime())
    later = Slot(DAY + SHIFT, DAY + 2 * SHIFT)
    house.add(beamtime(id="BT-0002", booking_id=None, slots=(later,)))
    third, fourth = (Slot(DAY + n * SHIFT, DAY + (n + 1) * SHIFT) for n in (2, 3))
    book(booking(id="B2", slots=(third,)))
    with pytest.raises(Refused, match="0 h left of 24 h"):
        book(booking(id="B3", slots=(fourth,)))


def test_a_station_that_is_taken_is_refused_and_it_stays_unsaid_by_whom(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    book(booking(id="RIVAL-7731", unit_id="U2", contract_id="C2"))
    overlapping = Slot(DAY + timedelta(hours=7), DAY + timedelta(hours=15))
    with pytest.raises(Refused) as refused:
        book(booking(slots=(overlapping,)))
    text = str(refused.value)
    assert refused.value.rule == "booking.overlap"
    assert "station BL08U from 2026-09-01 17:00 JST" in text
    assert not any(secret in text for secret in ("7731", "U2", "C2", "Beta"))
    assert house.journal("booking", "B1") == ()


def test_slots_that_touch_and_slots_of_other_stations_are_free(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    book(booking())
    book(booking(id="B2", slots=(Slot(DAY + SHIFT, DAY + 2 * SHIFT),)))
    book(booking(id="B3", station="BL07U-HORNET"))
    assert house.booking("B3").slots == house.booking("B1").slots


def test_two_beamtimes_do_not_overlap_at_a_station(house: Register) -> None:
    house.add(beamtime(id="BT-7731", unit_id="U2", organisation_id="O2", contract_id="C2"))
    with pytest.raises(ValueError, match=r"Beamtime BT-0001 cannot have station BL08U") as refused:
        house.add(beamtime())
    assert "7731" not in str(refused.value)
    with pytest.raises(LookupError):
        house.beamtime("BT-0001", NOW)


def test_a_beamtime_takes_slots_of_its_booking_and_none_besides(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    book(booking())
    with pytest.raises(ValueError, match="is no slot of its booking B1 that is left"):
        house.add(beamtime(slots=(Slot(DAY, DAY + timedelta(hours=4)),)))
    house.add(beamtime())
    with pytest.raises(ValueError, match="is no slot of its booking B1 that is left"):
        house.add(beamtime(id="BT-0002"))
    assert house.booking("B1").slots == house.beamtime("BT-0001", NOW).slots


def test_a_beamtime_of_another_unit_does_not_take_the_slots_of_a_booking(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    book(booking())
    with pytest.raises(ValueError, match="its booking B1 is of unit U1"):
        house.add(beamtime(unit_id="U2", organisation_id="O2", contract_id="C2"))


def test_a_booking_that_comes_after_its_beamtime_shares_its_slot(house: Register) -> None:
    house.add(beamtime())
    house.add(booking())
    assert house.booking("B1").slots == house.beamtime("BT-0001", NOW).slots


def test_a_booking_does_not_give_up_what_its_beamtime_holds(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    book(booking())
    house.add(beamtime())
    elsewhere = Slot(DAY + SHIFT, DAY + 2 * SHIFT)
    with pytest.raises(ValueError, match="which its beamtime BT-0001 holds; move or close"):
        house.add(booking(slots=(elsewhere,)), replace=True)
    house.add(booking(slots=(elsewhere,)), beamtime(slots=(elsewhere,)), replace=True)
    assert house.beamtime("BT-0001", NOW).slots == (elsewhere,)


def test_a_closed_booking_frees_the_time_that_is_left(
    house: Register, book: Callable[[Booking], Booking]
) -> None:
    book(booking())
    house.close_entry("booking", "B1", by="alpha-member", why="sample not ready", at=NOW)
    with pytest.raises(LookupError, match="B1 was closed before it began and holds no time"):
        house.booking("B1")
    with pytest.raises(ValueError, match="B1 is already in the register; give another id"):
        book(booking())
    book(booking(id="B2"))


def test_a_booking_of_another_organisations_contract_is_refused(
    book: Callable[[Booking], Booking],
) -> None:
    with pytest.raises(ValueError, match=r"unit U1 and of contract C2, .*another organisation"):
        book(booking(contract_id="C2"))


def test_of_bookings_of_one_slot_at_one_instant_one_is_kept(
    house: Register, place: str | Path
) -> None:
    together, kept, refused = threading.Barrier(4), [], []

    def claim(number: int) -> None:
        with Register(place) as register:
            together.wait(timeout=10)
            try:
                each = booking(id=f"B{number}")
                kept.append(register.book(each, by="alpha-member", why="race", at=NOW))
            except Refused as error:
                refused.append(error.rule)

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert (len(kept), refused) == (1, ["booking.overlap"] * 3)
    assert len(house.journal("booking")) == 1
