from __future__ import annotations

import sqlite3
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.records._audit import Audit, Look, _stays


@pytest.fixture
def audit(tmp_path: Path) -> Iterator[Audit]:
    audit = Audit(tmp_path / "audit.sqlite")
    yield audit
    audit.close()


def rows(audit: Audit) -> list[tuple[str, str]]:
    database = sqlite3.connect(audit.place)
    found = database.execute("SELECT login, what FROM look ORDER BY rowid").fetchall()
    database.close()
    return found


def look(what: Any = "metadata", key: str = "") -> Look:
    return Look("alpha", "0123", "unit-U1", what, key)


def test_the_file_is_the_accounts_alone(audit: Audit) -> None:
    audit.note([look()])
    assert isinstance(audit.place, Path)
    for path in audit.place.parent.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_rows_are_kept_when_the_trail_is_opened_again(audit: Audit) -> None:
    audit.note([look()])
    again = Audit(audit.place)
    again.note([look("data")])
    again.close()
    assert rows(audit) == [("alpha", "metadata"), ("alpha", "data")]


def test_an_answer_is_noted_whole_or_not_at_all(audit: Audit) -> None:
    with pytest.raises(sqlite3.Error):
        audit.note([look(), look(object())])
    assert rows(audit) == []
    audit.note([look()])
    assert len(rows(audit)) == 1


def test_a_trail_that_was_removed_takes_no_more_rows(audit: Audit) -> None:
    audit.note([look()])
    assert isinstance(audit.place, Path)
    audit.place.unlink()
    with pytest.raises(FileNotFoundError):
        audit.note([look()])


def test_a_proof_counts_as_proof_only_while_its_key_lives(audit: Audit) -> None:
    audit.expect_proof("aaaaaaaa", time.time() + 60)
    audit.expect_proof("bbbbbbbb", time.time() - 1)
    audit.note([look(key="aaaaaaaa"), look(key="bbbbbbbb"), look()])
    proof = ("who-can-read", "proof as alpha: metadata")
    assert rows(audit) == [proof, ("alpha", "metadata"), ("alpha", "metadata")]


def test_a_run_stood_where_its_moves_say() -> None:
    moves = [(1.0, "unit-U1", "published"), (2.0, "published", "unit-U2")]
    assert list(_stays(moves, "unit-U2")) == [
        (0.0, 1.0, "unit-U1"),
        (1.0, 2.0, "published"),
        (2.0, float("inf"), "unit-U2"),
    ]
    assert list(_stays([], "unit-U1")) == [(0.0, float("inf"), "unit-U1")]
    assert list(_stays([], None)) == []
