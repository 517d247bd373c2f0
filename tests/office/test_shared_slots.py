"""Shared slots on coalition beamlines are given as far as they were published."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from nanoterasu.facility import Beamtime, Organisation, Person, Proposal, Refused, Slot
from nanoterasu.office import Register

FIRST = datetime(2026, 4, 6, tzinfo=UTC)
TERM_END = date(2026, 8, 31)


def shared(number: int, shifts: int, station: str = "BL10U") -> Beamtime:
    """A shared slot of 2026A, of which BL10U has 30 shifts."""
    starts = FIRST + timedelta(days=20 * number)
    return Beamtime(
        id=f"BT-{number}",
        beamline=station.partition("-")[0],
        station=station,
        term="2026A",
        term_end=TERM_END,
        access_mode="shared_general",
        slots=(Slot(starts, starts + shifts * timedelta(hours=8)),),
        team=frozenset({"P1"}),
        proposal_id="PR1",
        organisation_id="O1",
        shared_slot=True,
    )


@pytest.fixture
def house(empty: Register) -> Register:
    empty.add(
        Organisation("O1", "University"),
        Person("P1", "Member", "member"),
        Proposal("PR1", "Public", frozenset({"P1"}), "2026A", TERM_END),
    )
    return empty


def test_the_last_shared_shift_is_given_and_no_more(house: Register) -> None:
    house.add(shared(0, 20), shared(1, 10))
    with pytest.raises(Refused, match="of which 0 h are left of 240 h"):
        house.add(shared(2, 1))
    assert house.beamtimes("BL10U", shared(2, 1).slots[0].starts) == []
    house.add(shared(3, 1, station="BL07U-HORNET"))


def test_a_beamtime_that_is_changed_does_not_count_twice(house: Register) -> None:
    house.add(shared(0, 20), shared(1, 10))
    house.add(shared(1, 9), replace=True)
    house.add(shared(2, 1))


def test_a_beamtime_of_a_closed_call_is_not_kept(house: Register) -> None:
    house.add(Proposal("PR2", "Early", frozenset({"P1"}), "2025A", TERM_END))
    with pytest.raises(Refused, match="was not called in term 2025A"):
        house.add(replace(shared(0, 1), term="2025A", proposal_id="PR2"))
