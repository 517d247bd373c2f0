"""What the staff of a station do to it from outside a session."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nanoterasu.facility import JST
from nanoterasu.records import Spool, SpoolBusy

Said = Callable[..., str]


def test_a_station_is_swept_for_the_next_party(office: Path, done: Said) -> None:
    (office / "plots").mkdir()
    (office / "plots" / "last.png").write_bytes(b"what the last party saw")
    assert done("hand-over", "bl13u") == "BL13U is swept for the next party.\n"
    assert list((office / "plots").iterdir()) == []


def test_a_station_with_an_open_session_is_left_alone(office: Path, typed: Callable) -> None:
    with Spool(office / "spool" / "BL13U"):
        result = typed("hand-over", "BL13U")
    assert isinstance(result.exception, SpoolBusy)


def test_a_clock_that_was_ahead_is_confirmed_by_staff(office: Path, done: Said) -> None:
    note = office / "run" / "clock-BL13U.json"
    note.parent.mkdir()
    note.write_text(json.dumps({"at": (datetime.now(JST) + timedelta(days=1)).isoformat()}))
    said = done("confirm-clock", "BL13U", "--by", "staff", "--why", "It was a day ahead")
    assert "believe the clock again" in said
    kept = json.loads(note.read_text())
    assert datetime.fromisoformat(kept["at"]) <= datetime.now(JST)
    assert (kept["trusted_by"], kept["why"]) == ("staff", "It was a day ahead")


@pytest.mark.parametrize("login", ["alpha-member", "user-office"])
def test_nobody_else_confirms_a_clock(office: Path, refused: Said, login: str) -> None:
    said = refused("confirm-clock", "BL13U", "--by", login, "--why", "It was a day ahead")
    assert "a member of the staff can" in said
    assert not (office / "run" / "clock-BL13U.json").exists()


@pytest.mark.parametrize(
    "words", [("hand-over", "BL99X"), ("confirm-clock", "BL99X", "--by", "staff", "--why", "x")]
)
def test_a_station_that_is_none_is_said(
    office: Path, refused: Said, words: tuple[str, ...]
) -> None:
    assert "There is no station 'BL99X'; give one of BL02U" in refused(*words)
    assert not (office / "spool").exists()
