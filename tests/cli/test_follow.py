"""The catalog obeys the office while it is served."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from nanoterasu.cli._follow import GRACE, Follower
from nanoterasu.facility import Person, Roster

PEOPLE = {login: Person(login, login, login) for login in ("alpha", "beta")}


def roster(*members: str) -> Roster:
    return Roster({"unit-U1": frozenset(members)}, {}, PEOPLE)


@dataclass
class House:
    """An office that answers or not, a catalog that notes what it is told, and a clock."""

    answer: Roster | Exception = field(default_factory=lambda: roster("alpha"))
    obeyed: list[Roster] = field(default_factory=list)
    seconds: float = 0.0

    def office(self) -> Roster:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def compile_tags(self, roster: Roster) -> None:
        self.obeyed.append(roster)

    def clock(self) -> float:
        return self.seconds


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def follower(house: House) -> Follower:
    return Follower(house.office, house, roster("alpha"), house.clock)


def test_nothing_is_compiled_while_nothing_changes(house: House, follower: Follower) -> None:
    assert not follower.look()
    assert house.obeyed == []


def test_who_leaves_a_unit_is_let_go_at_the_next_look(house: House, follower: Follower) -> None:
    house.answer = roster()
    assert follower.look()
    assert house.obeyed[-1].readers(["unit-U1"]) == []


def test_an_office_that_is_silent_for_a_moment_changes_nothing(
    house: House, follower: Follower
) -> None:
    house.answer = OSError("the office does not answer")
    house.seconds = GRACE / 2
    assert not follower.look()
    assert house.obeyed == []


def test_nobody_reads_when_the_office_stays_silent(
    house: House, follower: Follower, caplog: pytest.LogCaptureFixture
) -> None:
    house.answer = OSError("the office does not answer")
    house.seconds = GRACE + 1
    assert follower.look()
    assert house.obeyed[-1].access() == {}
    assert set(house.obeyed[-1].people) == set(PEOPLE), "their passwords must be kept"
    assert "the office does not answer" in caplog.text
    assert not follower.look(), "said and done once"


def test_all_read_as_before_when_the_office_answers_again(house: House, follower: Follower) -> None:
    house.answer, house.seconds = OSError("silent"), GRACE + 1
    follower.look()
    house.answer = roster("alpha")
    assert follower.look()
    assert house.obeyed[-1].readers(["unit-U1"]) == ["alpha"]


def test_a_catalog_that_could_not_be_told_is_told_again(house: House, follower: Follower) -> None:
    house.answer = roster("beta")
    told = house.compile_tags

    def fails(roster: Roster) -> None:
        raise OSError("the disk is full")

    house.compile_tags = fails
    with pytest.raises(OSError, match="disk"):
        follower.look()
    house.compile_tags = told
    assert follower.look()
