"""A clock that jumped opens no run, also in the next program."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nanoterasu.facility import JST, Refused
from nanoterasu.records import Spool
from nanoterasu.session._clock import TOLERANCE, StationClock

AT = datetime(2026, 11, 20, 12, tzinfo=JST)
SECOND = timedelta(seconds=1)


class Steady:
    """Seconds that a test lets pass."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def believed(home: Path, steady: Steady | None = None) -> StationClock:
    return StationClock(home, "BL13U", steady=steady or Steady())


def refused(clock: StationClock, at: datetime, because: str) -> None:
    with pytest.raises(Refused, match=because) as refusal:
        clock.check(at)
    assert refusal.value.rule == "clock.back"
    assert refusal.value.source
    assert "confirm" in str(refusal.value) or "remove" in str(refusal.value)


def test_time_that_passes_is_believed(home: Path) -> None:
    steady = Steady()
    clock = believed(home, steady)
    for hours in (0, 1, 7):
        steady.seconds = 100.0 + 3600 * hours
        clock.check(AT + timedelta(hours=hours))


@pytest.mark.parametrize("jump", [-TOLERANCE - SECOND, TOLERANCE + SECOND, timedelta(days=-400)])
def test_a_clock_that_jumps_while_the_program_runs_is_refused(home: Path, jump: timedelta) -> None:
    clock = believed(home)
    clock.check(AT)
    refused(clock, AT + jump, "clock of this machine")
    clock.check(AT + SECOND)


def test_a_clock_that_jumped_back_between_two_programs_is_refused(home: Path) -> None:
    believed(home).check(AT)
    refused(believed(home), AT - TOLERANCE - SECOND, "when a run was last asked for here")
    believed(home).check(AT - TOLERANCE)


def test_another_stations_time_is_its_own(home: Path) -> None:
    believed(home).check(AT)
    StationClock(home, "BL02U").check(AT - timedelta(days=1))


def test_a_clock_before_the_last_document_of_the_spool_is_refused(home: Path) -> None:
    with Spool(home / "spool" / "BL13U") as spool:
        spool("start", {"uid": "a"})
    refused(believed(home), AT - timedelta(days=3650), "when something was last measured")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"at": 3}', '{"at": "2026-11-20T12:00:00"}'])
def test_a_note_that_cannot_be_read_opens_no_run(home: Path, text: str) -> None:
    clock = believed(home)
    clock.path.parent.mkdir()
    clock.path.write_text(text)
    refused(clock, AT, "cannot be told")


def test_staff_may_say_that_the_clock_was_ahead_and_is_right_now(home: Path) -> None:
    ahead = AT + timedelta(days=3650)
    with Spool(home / "spool" / "BL13U") as spool:
        spool("start", {"uid": "a"})
        clock = believed(home)
        clock.check(ahead)
        refused(clock, AT, "has passed already")
        clock.trust(AT, by="staff", why="the battery was changed")
        clock.check(AT)
        refused(believed(home), AT - timedelta(days=1), "when a run was last asked for here")


def test_the_note_is_closed_to_others(home: Path) -> None:
    clock = believed(home)
    clock.check(AT)
    assert clock.path.stat().st_mode & 0o777 == 0o600
