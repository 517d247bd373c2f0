"""Booking, hours, fees, deadlines and the end notice, as typed."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from nanoterasu.facility import JST
from nanoterasu.office import Register

Said = Callable[..., str]
NEWS = ("--by", "user-office", "--why", "Decided")
POLICY = '{count: calendar, cut_off: "17:00", inclusive: true}'
CONSENTS = ("--consent", "round.first=interim report is followed")


@pytest.fixture
def changed(done: Said) -> Callable[..., None]:
    """Change fields of an entry."""

    def change(kind: str, id_: str, **fields: Any) -> None:
        entry = yaml.safe_load(done("office", "show", kind, id_)) | fields
        done("office", "add", kind, "-", "--replace", *NEWS, given=yaml.safe_dump(entry))

    return change


# Hours


def test_hours_are_entered_and_shown(office: Path, done: Said) -> None:
    done("hours", "EX-0004", "--record", "used", "5.5", *NEWS)
    done("hours", "EX-0004", "--record", "lost_by_facility", "1", "--helium", "12.5", *NEWS)
    said = json.loads(done("hours", "EX-0004", "--json"))
    assert set(said) == {"beamtime", "station", "slots", "hours", "helium_litres"}
    assert said["hours"] == {
        "booked": 8.0,
        "delivered": 0.0,
        "lost_by_facility": 1.0,
        "lost_by_user": 0.0,
        "used": 5.5,
    }
    assert said["helium_litres"] == 12.5
    lines = done("hours", "EX-0004").splitlines()
    assert "used                  5.5 h" in lines
    assert "liquid helium        12.5 l" in lines


def test_hours_of_a_beamtime_that_is_over_are_of_its_end(office: Path, done: Said) -> None:
    done("hours", "EX-0004", "--record", "used", "2", *NEWS)
    with Register(office / "office.sqlite") as register:
        ends = register.beamtime("EX-0004").ends
        (act,) = (act for act in register.journal("beamtime", "EX-0004") if act.what == "recorded")
    assert datetime.fromisoformat(act.details["at"]) == ends


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--record", "used", "2", "--by", "user-office"), "--why"),
        (("--record", "used", "2", "--by", "staff", "--why", "Try"), "user_office"),
        (("--record", "slept", "2", *NEWS), "slept"),
        (("--record", "used", "2", "--at", "2020-01-01", *NEWS), "slot"),
        (("--record", "used", "2", "--at", "noon", *NEWS), "no instant"),
    ],
)
def test_hours_that_may_not_be_entered_leave_the_ledger_as_it_was(
    office: Path, done: Said, refused: Said, words: tuple[str, ...], expected: str
) -> None:
    assert expected in refused("hours", "EX-0004", *words)
    assert json.loads(done("hours", "EX-0004", "--json"))["hours"]["used"] == 0


def test_the_end_notice_states_hours_and_helium(office: Path, done: Said) -> None:
    done("hours", "EX-0004", "--record", "used", "5.5", "--helium", "12.5", *NEWS)
    said = done("notice", "EX-0004")
    assert "5.5 h" in said
    assert "12.5 litres" in said
    assert json.loads(done("notice", "EX-0004", "--json"))["text"].strip() == said.strip()


# Deadlines


def test_public_results_are_due_and_reminded_of(office: Path, done: Said) -> None:
    due = json.loads(done("deadlines", "EX-0003", "--json"))["deadlines"]
    assert [each["duty"] for each in due] == ["report", "publication"]
    assert all(each["reminder"] <= each["official"] for each in due)
    assert "deadline.report.official" in done("deadlines", "EX-0003")


def test_a_coalition_member_owes_nothing(office: Path, done: Said) -> None:
    assert "owes no report or publication" in done("deadlines", "EX-0005")
    assert json.loads(done("deadlines", "EX-0005", "--json"))["deadlines"] == []


# Fees


def test_without_a_rate_there_is_no_total_and_what_is_missing_is_said(
    office: Path, done: Said
) -> None:
    said = json.loads(done("fee", "EX-0005", "--json"))
    assert said["total"] is None
    assert "states no hourly rate" in said["missing"][0]
    assert "Total: none can be said." in done("fee", "EX-0005")


def test_hours_within_the_contract_are_priced_by_its_rate(
    office: Path, done: Said, changed: Callable
) -> None:
    changed("contract", "EX-C1", rate=50_000)
    done("hours", "EX-0005", "--record", "used", "2.2", *NEWS)
    said = json.loads(done("fee", "EX-0005", "--json"))
    (part,) = said["components"]
    assert (part["charge"], part["hours"]) == ("within_hours", 3.0)
    assert said["total"] == {"amount": 150_000, "tax": "excluded", "about": False}
    assert said["missing"] == []
    assert "Total: 150,000 JPY (tax excluded)" in done("fee", "EX-0005")


def test_hours_that_earlier_beamtimes_used_leave_fewer_within_the_contract(
    office: Path, done: Said, changed: Callable
) -> None:
    beamtime = yaml.safe_load(done("office", "show", "beamtime", "EX-0005"))
    starts = datetime.fromisoformat(beamtime["slots"][0]["starts"]) - timedelta(hours=10)
    earlier = beamtime | {
        "id": "EX-0006",
        "booking_id": None,
        "slots": [
            {"starts": starts.isoformat(), "ends": (starts + timedelta(hours=8)).isoformat()}
        ],
    }
    begins = starts.astimezone(JST).date()
    changed(
        "contract",
        "EX-C1",
        rate=50_000,
        hours_per_year=8.0,
        carry_over=False,
        year_begins=[begins.month, min(begins.day, 28)],
    )
    done("office", "add", "beamtime", "-", *NEWS, given=yaml.safe_dump(earlier))
    done("hours", "EX-0006", "--record", "used", "6", *NEWS)
    done("hours", "EX-0005", "--record", "used", "5", *NEWS)
    consent = {
        "rule_id": "fee.coalition_basic.beyond_hours",
        "reason": "Agreed",
        "granted_by": "user-office",
        "granted_at": starts.isoformat(),
    }
    changed("beamtime", "EX-0005", overrides=[consent])
    said = json.loads(done("fee", "EX-0005", "--json"))
    assert [(part["charge"], part["hours"]) for part in said["components"]] == [
        ("within_hours", 2.0),
        ("beyond_hours", 3.0),
    ]
    assert said["total"]["amount"] == 2 * 50_000 + 3 * 110_000


def test_hours_carried_over_must_be_said_where_the_contract_carries_them(
    office: Path, done: Said, changed: Callable
) -> None:
    changed("contract", "EX-C1", rate=50_000, carry_over=True)
    done("hours", "EX-0005", "--record", "used", "2", *NEWS)
    assert "--carried-over" in done("fee", "EX-0005")
    said = json.loads(done("fee", "EX-0005", "--carried-over", "0", "--json"))
    assert said["total"]["amount"] == 100_000


# Booking


def start(days: int = 60) -> str:
    """A morning that no round has closed for."""
    return f"{(datetime.now(JST) + timedelta(days=days)).date()}T08:00"


def booking(*words: object) -> tuple[object, ...]:
    return ("book", "EX-U1", "BL08U", start(), "--contract", "EX-C1", "--round", "first", *words)


def test_a_unit_books_shifts_in_the_first_round(office: Path, done: Said) -> None:
    done("office", "set", "booking_policy", POLICY, *NEWS)
    said = json.loads(done(*booking("--shifts", "2", *CONSENTS, *NEWS), "--json"))
    assert set(said) == {
        *("id", "unit", "station", "slots", "hours", "round", "contract", "booked_by"),
        *("booked_at", "consents"),
    }
    assert said["hours"] == 16.0
    assert said["slots"][0]["starts"] == f"{start()}:00+09:00"
    assert said["consents"] == [{"rule_id": "round.first", "reason": "interim report is followed"}]
    assert said["id"] in done("office", "list", "booking")


def test_a_station_is_not_booked_twice(office: Path, done: Said, refused: Said) -> None:
    done("office", "set", "booking_policy", POLICY, *NEWS)
    done(*booking("--hours", "4", *CONSENTS, *NEWS))
    said = refused(*booking("--hours", "4", "--id", "B-2", *CONSENTS, *NEWS))
    assert "BL08U" in said
    assert "EX-U1" not in said, "whose it is stays unsaid"


def test_without_a_policy_nothing_is_booked(office: Path, refused: Said) -> None:
    assert "policy" in refused(*booking("--shifts", "1", *CONSENTS, *NEWS))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--shifts", "1"), "round.first"),
        (("--shifts", "1", "--consent", "round.first"), "lacks its rule or its reason"),
        (("--shifts", "1", "--hours", "8", *CONSENTS), "either --shifts or --hours"),
        (CONSENTS, "either --shifts or --hours"),
        (("--hours", "300", *CONSENTS), "left"),
    ],
)
def test_a_booking_that_is_refused_is_not_kept(
    office: Path, done: Said, refused: Said, words: tuple[str, ...], expected: str
) -> None:
    done("office", "set", "booking_policy", POLICY, *NEWS)
    assert expected in refused(*booking(*words, *NEWS))
    assert "There is no booking" in done("office", "list", "booking")


def test_who_is_not_of_the_user_office_books_nothing(office: Path, refused: Said) -> None:
    words = booking("--shifts", "1", "--by", "alpha-member", "--why", "Try")
    assert "user_office" in refused(*words)
