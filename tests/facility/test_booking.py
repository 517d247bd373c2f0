from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.facility import (
    JST,
    Booking,
    BookingPolicy,
    Contract,
    Override,
    Refused,
    RuleError,
    Slot,
    closes,
    may_book,
    rules,
)

HOUR = timedelta(hours=1)
USE = datetime(2026, 6, 15, 9, tzinfo=JST)  # a Monday
POLICY = BookingPolicy("calendar", time(17), inclusive=True)
ROUND = {rule.scope["round"]: rule for rule in rules("rounds")}
CONTRACT = Contract(
    "C1", "O1", "gold", 1, date(2024, 4, 1), date(2034, 3, 31), 200.0, year_begins=(4, 1)
)


def booking(**changes: Any) -> Booking:
    given: dict[str, Any] = {
        "id": "B1",
        "unit_id": "U1",
        "station": "BL08U",
        "slots": (Slot(USE, USE + 8 * HOUR),),
        "round": "first",
        "booked_by": "alpha-member",
        "booked_at": datetime(2026, 5, 1, tzinfo=JST),
        "contract_id": "C1",
        "overrides": tuple(Override(rule.id, "Example", "staff", USE) for rule in rules("rounds")),
    }
    return Booking(**given | changes)


def ask(
    asked: Booking | None = None,
    *,
    contract: Contract = CONTRACT,
    policy: BookingPolicy | None = POLICY,
    booked: float = 0.0,
    others: tuple[Booking, ...] = (),
    at: datetime = datetime(2026, 5, 1, tzinfo=JST),
) -> str | None:
    """The id of the rule that refuses, or None."""
    try:
        may_book(asked or booking(), contract, policy, booked, others, at)
    except Refused as refused:
        return refused.rule
    return None


def test_a_member_books_in_the_first_round_and_the_rules_are_told() -> None:
    at = datetime(2026, 5, 1, tzinfo=JST)
    used = may_book(booking(), CONTRACT, POLICY, 0.0, (), at)
    assert [rule.id for rule in used] == ["station.BL08U", "round.first"]


def test_a_round_is_interim_and_needs_a_consent_by_name() -> None:
    with pytest.raises(RuleError, match=r"round\.first .* only interim .* must consent"):
        ask(booking(overrides=()))


@pytest.mark.parametrize(
    ("name", "policy", "closing"),
    [
        ("first", POLICY, datetime(2026, 5, 15, 17, tzinfo=JST)),
        ("second", POLICY, datetime(2026, 6, 8, 17, tzinfo=JST)),
        ("third", POLICY, datetime(2026, 6, 13, 17, tzinfo=JST)),
        ("third", replace(POLICY, inclusive=False), datetime(2026, 6, 12, 17, tzinfo=JST)),
        # Monday less two working days is Thursday; less seven, Thursday of the week before.
        ("third", replace(POLICY, count="working"), datetime(2026, 6, 11, 17, tzinfo=JST)),
        ("second", replace(POLICY, count="working"), datetime(2026, 6, 4, 17, tzinfo=JST)),
        (
            "third",
            BookingPolicy("working", time(17), True, frozenset({date(2026, 6, 12)})),
            datetime(2026, 6, 10, 17, tzinfo=JST),
        ),
    ],
)
def test_a_round_closes_as_the_policy_counts(
    name: str, policy: BookingPolicy, closing: datetime
) -> None:
    assert closes(ROUND[name], USE.date(), policy) == closing


def test_a_month_before_the_last_of_a_long_month_is_the_last_of_the_short_one() -> None:
    assert closes(ROUND["first"], date(2026, 3, 31), POLICY).date() == date(2026, 2, 28)


@given(
    use=st.dates(date(2026, 1, 1), date(2030, 1, 1)),
    count=st.sampled_from(["calendar", "working"]),
    inclusive=st.booleans(),
    holidays=st.frozensets(st.dates(date(2025, 12, 1), date(2026, 3, 1)), max_size=20),
)
def test_the_rounds_close_one_after_the_other_before_the_use(
    use: date, count: str, inclusive: bool, holidays: frozenset[date]
) -> None:
    policy = BookingPolicy(count, time(17), inclusive, holidays)
    first, second, third = (closes(ROUND[name], use, policy) for name in ROUND)
    assert second < third < datetime.combine(use, time(0), JST)
    assert first <= third
    if not holidays:
        assert first < second
    if count == "working":
        assert all(day.weekday() < 5 and day.date() not in holidays for day in (second, third))


CLOSING = {"first": (5, 15), "second": (6, 8), "third": (6, 13)}


@pytest.mark.parametrize("name", ["first", "second", "third"])
def test_a_round_is_open_until_its_closing_instant(name: str) -> None:
    month, day = CLOSING[name]
    closing = datetime(2026, month, day, 17, tzinfo=JST)
    platinum = replace(CONTRACT, membership_class="platinum")
    asked = booking(round=name)
    assert ask(asked, contract=platinum, at=closing) is None
    late = closing + timedelta(microseconds=1)
    assert ask(asked, contract=platinum, at=late) == "booking.round"


def test_a_later_round_opens_when_the_earlier_one_closes() -> None:
    third, closing = booking(round="third"), datetime(2026, 6, 8, 17, tzinfo=JST)
    assert ask(third, at=closing) == "booking.round"
    assert ask(third, at=closing + timedelta(microseconds=1)) is None


@pytest.mark.parametrize(
    ("kind", "refused"),
    [
        ("platinum", None),
        ("gold_special", None),
        ("gold", "booking.round"),
        ("general", "booking.round"),
    ],
)
def test_the_second_round_is_for_platinum_and_special_gold(kind: str, refused: str | None) -> None:
    at = datetime(2026, 6, 1, tzinfo=JST)
    contract = replace(CONTRACT, membership_class=kind)
    assert ask(booking(round="second"), contract=contract, at=at) == refused


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"station": "BL13U"}, "booking.station"),
        ({"station": "BL99U"}, "stations"),
        ({"contract_id": "C2"}, "booking.contract"),
        ({"slots": (Slot(USE - 99 * 24 * HOUR, USE - 98 * 24 * HOUR),)}, "booking.time"),
    ],
)
def test_a_booking_that_may_not_be_is_refused_by_its_rule(
    changes: dict[str, Any], rule: str
) -> None:
    assert ask(booking(**changes)) == rule


def test_a_booking_after_the_contract_is_refused() -> None:
    assert ask(contract=replace(CONTRACT, ends=date(2026, 6, 14))) == "booking.contract"


def test_the_quota_is_that_of_the_contract_year() -> None:
    assert ask(booked=192.0) is None
    assert ask(booked=192.5) == "booking.hours"
    consented = replace(CONTRACT, overrun_allowed=True, overrun_consented_by="Owner")
    assert ask(booked=192.5, contract=consented) is None


def test_hours_at_a_branch_station_count_as_the_contract_says() -> None:
    branch = booking(station="BL08W-XRD")
    with pytest.raises(RuleError, match=r"how hours count at BL08W-XRD, a branch station"):
        ask(branch)
    half = replace(CONTRACT, branch_weight=0.5)
    assert ask(branch, contract=half, booked=196.0) is None
    assert ask(branch, contract=half, booked=196.5) == "booking.hours"


def test_a_booking_over_the_end_of_the_contract_year_is_refused() -> None:
    last = datetime(2027, 3, 31, 22, tzinfo=JST)
    at = datetime(2027, 1, 1, tzinfo=JST)
    assert ask(booking(slots=(Slot(last, last + 4 * HOUR),)), at=at) == "booking.hours"
    # Until midnight, it is of the last day alone.
    assert ask(booking(slots=(Slot(last, last + 2 * HOUR),)), at=at) is None


def test_a_slot_that_is_taken_is_refused_without_saying_by_whom() -> None:
    rival = booking(id="B2", unit_id="U2", slots=(Slot(USE + 7 * HOUR, USE + 9 * HOUR),))
    with pytest.raises(Refused, match="taken in part or whole") as refused:
        may_book(booking(), CONTRACT, POLICY, 0.0, (rival,), datetime(2026, 5, 1, tzinfo=JST))
    assert "U2" not in str(refused.value)
    assert "B2" not in str(refused.value)
    assert ask(others=(replace(rival, station="BL10U"),)) is None
    after = replace(rival, slots=(Slot(USE + 8 * HOUR, USE + 9 * HOUR),))
    assert ask(others=(after, booking())) is None


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: booking(round="fourth"), "round 'fourth'; give one of first, second, third"),
        (lambda: booking(slots=()), "has no slot; give"),
        (lambda: booking(booked_by=""), "is by nobody; say who"),
        (lambda: booking(booked_at=datetime(2026, 5, 1)), "no time zone"),
        (lambda: booking(unit_id="U_1"), "'U_1' is not a code"),
        (lambda: BookingPolicy("lunar", time(17), True), "counts 'lunar' days; give"),
        (lambda: BookingPolicy("calendar", time(17, tzinfo=UTC), True), "in JST without one"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    make: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()
