"""Closing an entry: what it holds ends, and what it held is remembered."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest

from nanoterasu.office import Register


def close(register: Register, kind: str, id: str, at: datetime) -> None:
    register.close_entry(kind, id, by="user-office", why="told us", at=at)


def test_a_person_who_is_closed_leaves_units_duties_and_teams(
    example: Register, now: datetime
) -> None:
    close(example, "person", "EX-1", now)
    close(example, "person", "EX-4", now)
    assert "alpha-member" not in example.roster(now).readers(["unit-EX-U1"])
    assert "alpha-member" in example.roster(now - timedelta(days=1)).readers(["unit-EX-U1"])
    beamtime = example.beamtime("EX-0001", now)
    assert (beamtime.team, beamtime.on_duty) == ({"EX-5"}, frozenset())


def test_a_unit_that_is_closed_has_no_members(example: Register, now: datetime) -> None:
    close(example, "unit", "EX-U1", now)
    assert example.roster(now).groups["unit-EX-U1"] == frozenset()
    assert example.roster(now - timedelta(days=1)).groups["unit-EX-U1"] != frozenset()
    former = {m.person_id: m.ends for m in example.unit("EX-U1").members}
    assert former["EX-10"] is not None
    assert former["EX-10"] < now  # who had left before left then


def test_a_duty_that_is_closed_reads_nothing(example: Register, now: datetime) -> None:
    assert "staff" in example.roster(now).readers(["unit-EX-U2"])
    (line,) = (each for each in example.journal("duty") if "BL13U" in each.id)
    close(example, "duty", line.id, now)
    assert "staff" not in example.roster(now).readers(["unit-EX-U2"])


def test_a_beamtime_that_is_closed_ends_now_and_frees_its_station(
    example: Register, now: datetime
) -> None:
    close(example, "beamtime", "EX-0001", now)
    (slot,) = example.beamtime("EX-0001", now).slots
    assert slot.ends == now
    assert example.beamtimes("BL13U", now) == []
    close(example, "beamtime", "EX-0002", now)
    with pytest.raises(LookupError, match="EX-0002 was closed before it began"):
        example.beamtime("EX-0002", now)
    before = example.journal("beamtime", "EX-0002")[-1].details["before"]
    assert len(before["slots"]) == 1


def test_a_contract_that_is_closed_ends_the_day_before(example: Register, now: datetime) -> None:
    close(example, "contract", "EX-C1", now)
    assert example.contract("EX-C1").ends == date(2026, 11, 21)
    assert example.beamtime("EX-0005", now).contract_hours_left is None


@pytest.mark.parametrize("kind", ["organisation", "proposal", "sample"])
def test_what_does_not_end_by_itself_says_what_does(
    example: Register, now: datetime, kind: str
) -> None:
    with pytest.raises(ValueError, match="does not end by itself; close one of person"):
        close(example, kind, "EX-O1", now)


@pytest.mark.parametrize(
    ("kind", "id"),
    [
        ("unit", "EX-U9"),
        ("person", "staff"),
        ("duty", "EX-4"),
        ("duty", "EX-4/BL13U/soon"),
        ("duty", "EX-4/BL13U/2026-04-01T00:00:00"),
        ("duty", "EX-4/BL13U/2020-04-01T00:00:00+00:00"),
    ],
)
def test_what_is_not_there_is_not_closed(
    example: Register, now: datetime, kind: str, id: str
) -> None:
    before = example.journal()
    with pytest.raises(LookupError, match=f"There is no {kind} '{id}'".replace("+", r"\+")):
        close(example, kind, id, now)
    assert example.journal() == before
