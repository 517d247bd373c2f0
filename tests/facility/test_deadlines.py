from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nanoterasu.facility import Beamtime, RuleError, Slot, deadlines, flags, rules
from nanoterasu.facility._duties import months_after

Make = Callable[..., Beamtime]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BEGUN = datetime(2025, 3, 2, tzinfo=UTC)


def test_the_official_day_is_applied_and_the_earlier_one_reminds(public: Make) -> None:
    report, publication = deadlines(public(), NOW)
    assert (report.duty, publication.duty) == ("report", "publication")
    # 60 days after 22 November are one day before two months after it.
    assert (report.official, report.reminder) == (date(2027, 1, 21), date(2027, 1, 21))
    assert report.reminder_rule == report.official_rule == "deadline.report.official"
    # Three years after the end of the term, against 36 months after the use.
    assert (publication.official, publication.reminder) == (date(2030, 2, 28), date(2029, 11, 22))
    assert publication.reminder_rule == "deadline.publication.reminder"


def test_two_months_are_less_than_60_days_over_february(public: Make) -> None:
    slot = Slot(datetime(2027, 1, 10, tzinfo=UTC), datetime(2027, 1, 10, 8, tzinfo=UTC))
    report, _ = deadlines(public(slots=(slot,)), NOW)
    assert (report.official, report.reminder) == (date(2027, 3, 11), date(2027, 3, 10))
    assert report.reminder_rule == "deadline.report.reminder"


def test_a_coalition_member_owes_nothing_by_no_day(coalition: Make) -> None:
    assert deadlines(coalition(), NOW) == ()


def test_without_the_end_of_the_term_no_day_is_told(public: Make) -> None:
    with pytest.raises(RuleError, match=r"BT-0001 has no end of its term.*ask the user office"):
        deadlines(public(term_end=None), NOW)


def test_the_official_rules_are_stamped_and_the_reminders_are_not(
    public: Make, operator: object
) -> None:
    stamped = flags(public(), operator=operator, at=NOW)  # type: ignore[arg-type]
    used = {rule["id"] for rule in stamped["rules"] if rule["id"].startswith("deadline.")}
    assert used == {"deadline.report.official", "deadline.publication.official"}


def test_every_duty_has_an_official_deadline_and_a_reminder() -> None:
    told = {(rule.scope["duty"], rule.scope["standing"]) for rule in rules("deadlines")}
    owed = {rule.scope["duty"] for rule in rules("duties")}
    assert told == {(duty, standing) for duty in owed for standing in ("official", "reminder")}


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(start=st.datetimes(datetime(2025, 3, 2), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_a_reminder_never_comes_after_the_day_that_is_applied(
    start: datetime, public: Make
) -> None:
    beamtime = public(slots=(Slot(start, start + timedelta(hours=8)),), term_end=start.date())
    for deadline in deadlines(beamtime, start):
        assert start.date() < deadline.reminder <= deadline.official


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(-600, 600))
def test_months_move_by_whole_months_and_stay_in_theirs(day: date, months: int) -> None:
    moved = months_after(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day <= day.day
    assert moved.day == day.day or (moved + timedelta(1)).day == 1
