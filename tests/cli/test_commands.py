"""The command line's help, and how it says what went wrong."""

from __future__ import annotations

import sys
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest
from typer.testing import CliRunner

from nanoterasu.cli import main
from nanoterasu.cli._commands import app
from nanoterasu.cli._serve import prepare_example, ship_new
from nanoterasu.cli._twin import serve_example
from nanoterasu.facility import Person, Roster
from nanoterasu.office import Register
from nanoterasu.records import Spool, TiledError

COMMANDS = (
    *("demo", "start", "twin", "serve", "follow", "password"),
    *("book", "hours", "fee", "deadlines", "notice"),
    *("publish", "move", "who-can-read", "audit"),
    *("hand-over", "confirm-clock"),
)
OFFICE = ("import", "export", "add", "list", "show", "close", "set", "journal", "upgrade")


def run(monkeypatch: pytest.MonkeyPatch, *arguments: object) -> int | str | None:
    monkeypatch.setattr(sys, "argv", ["nanoterasu", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    return ended.value.code


def test_the_help_lists_every_command() -> None:
    said = CliRunner().invoke(app, ["--help"]).output
    assert all(command in said for command in (*COMMANDS, "office"))


@pytest.mark.parametrize(
    "words", [*((command,) for command in COMMANDS), *(("office", command) for command in OFFICE)]
)
def test_every_command_explains_itself(words: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, [*words, "--help"])
    assert done.exit_code == 0
    assert "--dir" in done.output


def test_the_help_says_what_stands_for_an_option_that_is_left_out() -> None:
    assert "[that of your account]" in CliRunner().invoke(app, ["publish", "--help"]).output


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> str:
    """A command line whose work ends with a sentence."""

    def work(*_: object, **__: object) -> None:
        raise LookupError("There is no such thing here; look elsewhere.")

    monkeypatch.setattr("nanoterasu.cli._serve.run_serve", work)
    return "There is no such thing here; look elsewhere."


def test_an_error_is_one_paragraph_and_status_1(
    broken: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.delenv("NANOTERASU_DEBUG", raising=False)
    assert run(monkeypatch, "serve") == 1
    assert capsys.readouterr().err == f"nanoterasu: {broken}\n"


def test_with_debugging_the_traceback_is_kept(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NANOTERASU_DEBUG", "1")
    monkeypatch.setattr(sys, "argv", ["nanoterasu", "serve"])
    with pytest.raises(LookupError, match="no such thing"):
        main()


def test_ctrl_c_is_status_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("nanoterasu.cli._serve.run_serve", interrupted)
    assert run(monkeypatch, "serve") == 130


def test_a_folder_without_an_office_is_not_served(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    assert run(monkeypatch, "serve", "--dir", tmp_path) == 1
    said = capsys.readouterr().err
    assert str(tmp_path) in said
    assert "nanoterasu demo" in said


def test_the_example_does_not_move_into_an_office_of_others(tmp_path: Path) -> None:
    with Register(tmp_path / "office.sqlite", create=True) as register:
        register.add(Person("P-1", "Of a real office", "somebody"))
    with pytest.raises(ValueError, match="a folder of its own"):
        prepare_example(tmp_path)
    with Register(tmp_path / "office.sqlite") as register:
        assert list(register.roster().people) == ["somebody"]
    assert not (tmp_path / "keys").exists()


def test_a_twin_never_stands_in_for_a_site(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    monkeypatch.setenv("NANOTERASU_PREFIX_BL13U", "SITE:")
    assert run(monkeypatch, "start", "BL13U", "--twin", "--dir", tmp_path) == 1
    said = capsys.readouterr().err
    assert "NANOTERASU_PREFIX_BL13U is set" in said
    assert "Unset the variable" in said


@pytest.mark.parametrize("served_already", [True, False])
def test_an_example_follows_its_office_where_it_serves_it_itself(
    home: Path, monkeypatch: pytest.MonkeyPatch, served_already: bool
) -> None:
    followed: list[Path] = []

    class Served(nullcontext):
        uri = "http://here"

        def __init__(self, home: Path) -> None:
            super().__init__(self)

    def address(_: object) -> str:
        if served_already:
            return "http://there"
        raise TiledError("No server runs.")

    monkeypatch.setattr("nanoterasu.cli._twin.prepare_example", lambda home: ({}, Roster({})))
    monkeypatch.setattr("nanoterasu.cli._twin.TiledHome.uri", address)
    monkeypatch.setattr("nanoterasu.cli._twin.TiledServer", Served)
    monkeypatch.setattr(
        "nanoterasu.cli._twin.follow", lambda stack, home, roster: followed.append(home)
    )
    with ExitStack() as stack:
        uri, _ = serve_example(stack, home)
    assert uri == ("http://there" if served_already else "http://here")
    assert followed == ([] if served_already else [home])


def test_serving_ships_from_a_station_that_measures_later(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[str] = []

    class Recorded(nullcontext):
        def __init__(self, spool: Path, home: Path) -> None:
            super().__init__()
            started.append(spool.name)

    monkeypatch.setattr("nanoterasu.cli._serve.Shipper", Recorded)
    shipping: set[Path] = set()
    with ExitStack() as stack:
        for station in ("BL08U", "BL13U"):
            with Spool(home / "spool" / station):
                ship_new(stack, home, shipping)
        ship_new(stack, home, shipping)
    assert started == ["BL08U", "BL13U"]
