"""The journal: in the transaction of the act, and never changed."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from nanoterasu.facility import BookingPolicy, Grant, Organisation, Person, RuleError
from nanoterasu.office import Entry, Register

AT = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def register(place: str | Path) -> Iterator[Register]:
    with Register(place, clock=lambda: AT) as opened:
        opened.add(Organisation("O1", "Company Alpha"), by="user-office", why="joined")
        yield opened


def run(place: str | Path, command: str) -> None:
    """Run SQL as another program would, past the register."""
    if isinstance(place, Path):
        with sqlite3.connect(place) as connection:
            connection.execute(command)
        return
    with psycopg.connect(place) as connection:
        connection.execute(command.encode())


def test_what_is_added_and_replaced_stands_there_with_what_was_before(register: Register) -> None:
    register.add(Organisation("O1", "Alpha KK"), replace=True, by="user-office", why="renamed")
    added, replaced = register.journal("organisation", "O1")
    now = {"id": "O1", "name": "Company Alpha"}
    assert added == Entry(AT, "user-office", "added", "organisation", "O1", "joined", {"now": now})
    assert (replaced.what, replaced.why) == ("replaced", "renamed")
    assert replaced.details == {"now": {"id": "O1", "name": "Alpha KK"}, "before": now}


def test_what_is_written_again_the_same_is_no_change(register: Register) -> None:
    register.add(Organisation("O1", "Company Alpha"), replace=True)
    assert len(register.journal()) == 1


def test_what_is_refused_leaves_no_line(register: Register) -> None:
    with pytest.raises(ValueError, match="already in the register"):
        register.add(Person("P1", "x", "x"), Organisation("O1", "x"))
    assert len(register.journal()) == 1
    assert register.people() == ()


@pytest.mark.parametrize(("by", "why"), [("", "joined"), ("user-office", "")])
def test_a_change_by_nobody_or_for_no_reason_is_refused(
    register: Register, by: str, why: str
) -> None:
    with pytest.raises(ValueError, match="lacks who did it, what it was, or why; say all three"):
        register.add(Organisation("O2", "Company Beta"), by=by, why=why)
    assert len(register.organisations()) == 1


@pytest.mark.parametrize(
    "command",
    [
        "UPDATE journal SET why = 'nothing happened'",
        "DELETE FROM journal",
        "DELETE FROM journal WHERE id = 'O1'",
    ],
)
def test_no_program_changes_or_deletes_a_line(
    register: Register, place: str | Path, command: str
) -> None:
    before = register.journal()
    with pytest.raises((sqlite3.Error, psycopg.Error), match="the journal is append-only"):
        run(place, command)
    assert register.journal() == before != ()


def test_no_program_replaces_a_line_or_empties_the_table(
    register: Register, place: str | Path
) -> None:
    before = register.journal()
    command = (
        "INSERT OR REPLACE INTO journal SELECT key, at, 'x', what, kind, id, why, details "
        "FROM journal"
        if isinstance(place, Path)
        else "TRUNCATE journal"
    )
    with pytest.raises((sqlite3.Error, psycopg.Error), match="the journal is append-only"):
        run(place, command)
    assert register.journal() == before != ()


def test_an_act_that_was_done_elsewhere_is_noted(register: Register) -> None:
    details = {"to": "published", "on": AT}
    register.note("published", "run", "uid-1", by="data-steward", why="paper", details=details)
    (line,) = register.journal("run")
    assert line.details == {"to": "published", "on": AT.isoformat()}
    assert (line.what, line.id, line.by, line.why) == (
        "published",
        "uid-1",
        "data-steward",
        "paper",
    )


def test_a_setting_that_is_not_set_is_never_guessed(register: Register) -> None:
    with pytest.raises(RuleError, match="has not set booking_policy") as unset:
        register.setting("booking_policy")
    assert unset.value.rule == "setting.booking_policy"


def test_a_setting_is_read_back_and_journalled(register: Register) -> None:
    policy = BookingPolicy(
        "working", datetime(2026, 1, 1, 17).time(), False, frozenset({AT.date()})
    )
    register.set("booking_policy", policy, by="user-office", why="decided")
    assert register.setting("booking_policy") == policy
    assert register.settings() == {"booking_policy": policy}
    assert [line.what for line in register.journal("setting", "booking_policy")] == ["set"]


def test_a_setting_that_makes_no_sense_is_refused(register: Register) -> None:
    with pytest.raises(ValueError, match="setting booking_policy"):
        register.set("booking_policy", {"count": "lunar"}, by="user-office", why="moon")
    with pytest.raises(RuleError):
        register.setting("booking_policy")


def test_a_person_who_is_closed_holds_nothing_any_more_and_is_remembered(
    register: Register,
) -> None:
    person = Person("P1", "x", "x", (Grant("staff"),), (Grant("radiation_worker"),))
    register.add(person)
    register.close_entry("person", "P1", by="user-office", why="retired", at=AT)
    left = register.person("x")
    assert not left.is_staff(AT)
    assert left.qualified_for(AT) == frozenset()
    closed = register.journal("person", "P1")[-1]
    assert closed.details["before"]["roles"] == [{"name": "staff"}]
