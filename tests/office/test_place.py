"""Where the register is kept, and what is said when it is not there any more."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path

import pytest

from nanoterasu.office import Register, office_place


@pytest.fixture
def on_file(tmp_path: Path, pattern: Path) -> Path:
    path = tmp_path / "office.sqlite"
    path.write_bytes(pattern.read_bytes())
    return path


def test_the_register_of_a_home_is_a_file_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NANOTERASU_OFFICE", raising=False)
    assert office_place(tmp_path) == tmp_path / "office.sqlite"


def test_the_register_is_where_the_environment_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NANOTERASU_OFFICE", "postgresql://office@server/office")
    assert office_place(tmp_path) == "postgresql://office@server/office"


def test_a_file_that_vanishes_raises_and_is_not_made_anew(on_file: Path, now: datetime) -> None:
    with Register(on_file) as register:
        register.roster(now)
        on_file.unlink()
        for ask in (register.people, register.journal, lambda: register.roster(now)):
            with pytest.raises(OSError, match=r"cannot be used now \(unable to open.*; give"):
                ask()
        with pytest.raises(OSError, match="cannot be used now"):
            register.note("published", "run", "uid", by="x", why="y")
    assert not on_file.exists()


def test_a_file_that_is_emptied_raises(on_file: Path, now: datetime) -> None:
    with Register(on_file) as register:
        on_file.write_bytes(b"")
        with pytest.raises(OSError, match=r"cannot be used now \(no such table"):
            register.roster(now)


def test_a_file_that_is_overwritten_with_something_else_raises(on_file: Path) -> None:
    with Register(on_file) as register:
        on_file.write_bytes(b"something else, long enough to be taken for a database" * 99)
        with pytest.raises(OSError, match="file is not a database"):
            register.people()


def test_a_register_that_others_keep_writing_says_so_in_time(
    on_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanoterasu.office._engine._PATIENCE", 0.1)
    with Register(on_file) as one, Register(on_file) as other, one._database.writing():
        with pytest.raises(OSError, match="database is locked"):
            other.note("published", "run", "uid", by="x", why="y")
        assert other.journal() == ()  # reading goes on


def test_a_server_that_is_not_there_is_an_error_at_once_without_its_password() -> None:
    before = time.monotonic()
    with pytest.raises(OSError, match=r"cannot be opened .*URL of a database server") as refused:
        Register("postgresql://office:hunter2@127.0.0.1:1/office")
    assert time.monotonic() - before < 2
    assert "hunter2" not in str(refused.value)


def test_a_register_in_memory_is_refused() -> None:
    with pytest.raises(ValueError, match="in memory would be gone"):
        Register("sqlite://", create=True)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    place = tmp_path / "new" / "office.sqlite"
    Register(place, create=True).close()
    assert place.stat().st_mode & 0o777 == 0o600
    assert place.parent.stat().st_mode & 0o777 == 0o700


def test_a_file_that_others_could_read_is_closed_to_them(tmp_path: Path) -> None:
    place = tmp_path / "office.sqlite"
    place.touch(0o644)
    place.chmod(0o644)
    Register(place, create=True).close()
    assert place.stat().st_mode & 0o777 == 0o600


def test_a_missing_register_says_how_to_make_one(tmp_path: Path) -> None:
    place = tmp_path / "office.sqlite"
    with pytest.raises(FileNotFoundError, match=r"no office register at .*office\.sqlite; give"):
        Register(place)
    assert not place.exists()


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match=r"cannot be read and written .*; give a file in a folder"):
        Register(tmp_path / "file" / "office.sqlite", create=True)


def test_a_folder_is_no_register(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"cannot be read and written .*; give a file"):
        Register(tmp_path)


def test_a_file_of_something_else_is_no_register(tmp_path: Path) -> None:
    place = tmp_path / "notes.txt"
    place.write_text("not a database, and long enough to tell" * 9)
    with pytest.raises(OSError, match=r"cannot be opened .*not a database.*; give the path"):
        Register(place)


def test_an_empty_database_is_no_register(tmp_path: Path) -> None:
    place = tmp_path / "empty.sqlite"
    place.touch()
    with pytest.raises(OSError, match=r"holds no office register; .*user office set one up"):
        Register(place)


def test_a_url_of_no_database_is_refused_without_its_password() -> None:
    with pytest.raises(ValueError, match="cannot be opened") as refused:
        Register("nodatabase://user:hunter2@host/office")
    assert "hunter2" not in str(refused.value)
    assert "give a path, or the URL" in str(refused.value)
