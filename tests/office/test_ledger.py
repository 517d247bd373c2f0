"""Hours by kind, helium, the notice of the end, and what is left of a contract year."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from nanoterasu.facility import Beamtime, Contract, Hours, Slot
from nanoterasu.office import Register

START = datetime.fromisoformat("2026-11-22T03:00:00+00:00")


def test_hours_are_kept_by_kind(example: Register, now: datetime) -> None:
    for kind, hours in (
        ("delivered", 7.0),
        ("lost_by_facility", 1.0),
        ("lost_by_user", 0.5),
        ("used", 4.0),
        ("used", 2.5),
    ):
        example.record("EX-0001", kind, hours, now, by="staff", why="logged")
    assert example.hours("EX-0001") == Hours(8.0, 7.0, 1.0, 0.5, 6.5)
    assert example.beamtime("EX-0001", now).hours_used == 6.5
    assert example.journal("beamtime", "EX-0001")[-1].details["hours"] == 2.5


def test_the_notice_of_the_end_says_hours_and_litres(example: Register, now: datetime) -> None:
    example.record("EX-0001", "used", 6.5, now, by="staff", why="logged")
    example.record("EX-0001", "lost_by_facility", 1.25, now, by="staff", why="beam dump")
    example.record_helium("EX-0001", 30.5, by="staff", at=now)
    example.record_helium("EX-0001", 12.0, by="staff", at=now)
    assert example.helium("EX-0001") == 42.5
    notice = example.end_notice("EX-0001")
    assert (
        "Beamtime EX-0001 at BL13U\n  from 2026-11-22 12:00 JST to 2026-11-22 20:00 JST" in notice
    )
    assert "Hours lost by the facility: 1.25 h" in notice
    assert "Hours really used:          6.5 h" in notice
    assert "Liquid helium:              42.5 litres" in notice
    assert "Alpha" not in notice


@pytest.mark.parametrize("litres", [0.0, -1.0, float("nan"), float("inf")])
def test_an_amount_of_helium_that_is_none_is_refused(
    example: Register, now: datetime, litres: float
) -> None:
    with pytest.raises(ValueError, match="give a number of litres above zero"):
        example.record_helium("EX-0001", litres, by="staff", at=now)


def test_hours_of_a_kind_that_is_not_known_are_refused(example: Register, now: datetime) -> None:
    with pytest.raises(ValueError, match=r"Hours 'wasted' .* give one of delivered, lost_by"):
        example.record("EX-0001", "wasted", 1.0, now, by="staff", why="logged")


def test_hours_outside_the_slots_would_not_count_and_are_refused(
    example: Register, now: datetime
) -> None:
    with pytest.raises(ValueError, match="lie in none of its slots"):
        example.record("EX-0001", "used", 1.0, now + timedelta(days=1), by="staff", why="logged")


def coalition(example: Register, **changes: object) -> None:
    """Change the contract of Company Alpha."""
    given = replace(example.contract("EX-C1"), **changes)  # type: ignore[arg-type]
    example.add(given, replace=True)


def test_hours_used_in_another_contract_year_do_not_count_in_this(
    example: Register, now: datetime
) -> None:
    example.record("EX-0005", "used", 3.0, now, "clerk", "measured")
    assert example.beamtime("EX-0005", now).contract_hours_left == 197.0
    coalition(example, year_begins=(11, 23))
    assert example.beamtime("EX-0005", now).contract_hours_left == 197.0
    assert example.beamtime("EX-0005", now + timedelta(days=1)).contract_hours_left == 200.0


@pytest.mark.parametrize(
    "silent", [{"hours_per_year": None}, {"year_begins": None}, {"ends": date(2026, 1, 1)}]
)
def test_a_contract_that_does_not_say_leaves_no_hours_known(
    example: Register, now: datetime, silent: dict[str, object]
) -> None:
    coalition(example, **silent)
    assert example.beamtime("EX-0005", now).contract_hours_left is None


@pytest.mark.parametrize(("weight", "left"), [(None, None), (0.5, 198.0)])
def test_hours_at_a_branch_count_as_the_contract_says(
    example: Register, now: datetime, weight: float | None, left: float | None
) -> None:
    coalition(example, branch_weight=weight)
    given = example.beamtime("EX-0005", now)
    at_branch = replace(given, id="BT-1", beamline="BL08W", station="BL08W-SAXS", booking_id=None)
    example.add(at_branch)
    example.record("BT-1", "used", 4.0, now, "clerk", "measured")
    assert example.beamtime("BT-1", now).contract_hours_left == left


def test_a_contract_belongs_to_the_organisation_of_the_beamtime(
    example: Register, now: datetime
) -> None:
    given: Beamtime = example.beamtime("EX-0005", now)
    slot = Slot(now + timedelta(days=9), now + timedelta(days=10))
    with pytest.raises(ValueError, match="contract EX-C2 is of another; give a contract"):
        example.add(replace(given, id="BT-1", contract_id="EX-C2", slots=(slot,)))


def test_contracts_are_listed_by_organisation(example: Register) -> None:
    assert [contract.id for contract in example.contracts("EX-O1")] == ["EX-C1"]
    assert [contract.id for contract in example.contracts()] == ["EX-C1", "EX-C2"]
    assert isinstance(example.contract("EX-C1"), Contract)
    with pytest.raises(LookupError, match="no contract 'EX-C9'"):
        example.contract("EX-C9")
