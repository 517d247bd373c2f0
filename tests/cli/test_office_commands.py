"""``nanoterasu office``: what the register holds, who may change it, and what is journalled."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
import yaml

from nanoterasu.facility import JST
from nanoterasu.office import Register

Said = Callable[..., str]
NEWS = ("--by", "user-office", "--why", "Decided")

FIRST = """
people:
  - {id: P1, name: User officer, login: officer, roles: [{name: user_office}]}
"""
ORGANISATION = "{id: O9, name: Company Alpha}"


def acts(home: Path) -> list[tuple[str, str, str]]:
    with Register(home / "office.sqlite") as register:
        return [(act.by, act.what, f"{act.kind} {act.id}") for act in register.journal()]


# Who may


def test_the_first_import_makes_a_register_and_says_that_its_owner_did(
    home: Path, typed: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "founder")
    result = typed("office", "import", "-", "--why", "First import", given=FIRST)
    assert result.exit_code == 0
    assert "holds: people 1." in result.stdout
    assert "Nobody in" in result.stderr
    assert "done as founder" in result.stderr
    assert acts(home) == [
        ("founder", "acted for the user office", "register register"),
        ("founder", "added", "person P1"),
    ]


def test_once_somebody_holds_the_role_nobody_else_changes_anything(
    office: Path, refused: Said
) -> None:
    before = acts(office)
    for login in ("staff", "data-steward", "nobody-known"):
        said = refused("office", "import", "-", "--by", login, "--why", "Try", given=FIRST)
        assert "user_office" in said
        assert "Nothing was changed" in said
    assert acts(office) == before


def test_a_role_that_has_ended_is_held_no_more(office: Path, done: Said, refused: Said) -> None:
    other = "{id: P2, name: Next officer, login: next, roles: [{name: user_office}]}"
    done("office", "add", "person", "-", *NEWS, given=other)
    done("office", "close", "person", "EX-13", "--by", "next", "--why", "Retired")
    assert "user-office may not" in refused(
        "office", "add", "organisation", "-", *NEWS, given=ORGANISATION
    )


def test_a_change_without_a_reason_is_no_command(office: Path, typed: Callable) -> None:
    result = typed("office", "close", "person", "EX-1", "--by", "user-office")
    assert result.exit_code == 2
    assert "--why" in result.stderr


def test_without_a_register_the_first_step_is_said(home: Path, refused: Said) -> None:
    said = refused("office", "list", "person")
    assert str(home) in said
    assert "nanoterasu office import" in said


def test_the_register_may_stand_elsewhere(
    home: Path, tmp_path: Path, done: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NANOTERASU_OFFICE", str(tmp_path / "elsewhere.sqlite"))
    assert "elsewhere.sqlite" in done("office", "import", "-", "--why", "First", given=FIRST)
    assert not (home / "office.sqlite").exists()


# What it holds


def test_what_is_exported_makes_the_same_register_elsewhere(
    office: Path, tmp_path: Path, done: Said
) -> None:
    file = tmp_path / "house.yaml"
    done("office", "export", file)
    assert file.stat().st_mode & 0o777 == 0o600
    done("office", "import", file, "--dir", tmp_path / "other", "--why", "Moved here")
    assert done("office", "export", "--dir", tmp_path / "other") == file.read_text()


def test_an_export_that_cannot_be_written_says_where(office: Path, refused: Said) -> None:
    assert "missing/house.yaml" in refused("office", "export", office / "missing" / "house.yaml")


def test_an_export_closes_a_file_that_others_could_read(office: Path, done: Said) -> None:
    file = office / "house.yaml"
    file.touch(mode=0o644)
    done("office", "export", file)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_file_that_is_wrong_changes_nothing(office: Path, done: Said, refused: Said) -> None:
    before = done("office", "export")
    wrong = f"organisations: [{ORGANISATION}]\nunits: [{{id: U9, topic: T, organisation: O9}}]"
    assert "organisation" in refused("office", "import", "-", *NEWS, given=wrong)
    assert "no YAML" in refused("office", "import", "-", *NEWS, given="a: [")
    assert "cannot be read" in refused("office", "import", office / "missing.yaml", *NEWS)
    assert done("office", "export") == before


def test_one_entry_is_added_and_shown_as_it_was_given(office: Path, done: Said) -> None:
    assert "organisation O9" in done(
        "office", "add", "organisation", "-", *NEWS, given=ORGANISATION
    )
    assert yaml.safe_load(done("office", "show", "organisation", "O9")) == {
        "id": "O9",
        "name": "Company Alpha",
    }
    assert acts(office)[-1] == ("user-office", "added", "organisation O9")


def test_an_id_that_is_taken_is_replaced_only_when_told(
    office: Path, done: Said, refused: Said
) -> None:
    other = "{id: EX-O1, name: Renamed}"
    assert "--replace" in refused("office", "add", "organisation", "-", *NEWS, given=other)
    done("office", "add", "organisation", "-", "--replace", *NEWS, given=other)
    assert "Renamed" in done("office", "show", "organisation", "EX-O1")


def test_what_is_shown_can_be_edited_and_put_back(office: Path, done: Said) -> None:
    duty = json.loads(done("office", "list", "duty", "--json"))[0]
    id_ = f"{duty['person_id']}/{duty['station']}/{duty['starts']}"
    shown = done("office", "show", "duty", id_)
    done("office", "add", "duty", "-", "--replace", *NEWS, given=shown)
    assert done("office", "show", "duty", id_) == shown
    in_utc = datetime.fromisoformat(duty["starts"]).astimezone(UTC).isoformat()
    assert duty["starts"].endswith("+09:00")
    assert done("office", "show", "duty", id_.replace(duty["starts"], in_utc)) == shown


def test_a_list_is_not_one_entry(office: Path, refused: Said) -> None:
    assert "not one person" in refused("office", "add", "person", "-", *NEWS, given="[1, 2]")


@pytest.mark.parametrize("kind", ["person", "duty", "contract", "unit", "proposal", "beamtime"])
def test_a_list_has_a_line_for_each_entry(office: Path, done: Said, kind: str) -> None:
    lines = done("office", "list", kind).splitlines()
    entries = json.loads(done("office", "list", kind, "--json"))
    assert len(lines) == len(entries) + 1
    assert lines[0].startswith("id ")


def test_what_is_not_there_is_said(office: Path, done: Said, refused: Said) -> None:
    assert "There is no booking" in done("office", "list", "booking")
    assert "office list unit" in refused("office", "show", "unit", "U404")
    assert "booking, beamtime, setting" in refused("office", "list", "thing")


def test_who_is_closed_reads_nothing_and_is_not_forgotten(office: Path, done: Said) -> None:
    with Register(office / "office.sqlite") as register:
        assert "alpha-member" in register.roster().readers(["unit-EX-U1"])
        done("office", "close", "person", "EX-1", *NEWS)
        assert "alpha-member" not in register.roster().readers(["unit-EX-U1"])
    assert "alpha-member" in done("office", "list", "person")


def test_a_setting_is_stated_and_shown(office: Path, done: Said) -> None:
    policy = '{count: calendar, cut_off: "17:00", inclusive: true}'
    done("office", "set", "booking_policy", policy, *NEWS)
    assert json.loads(done("office", "show", "setting", "booking_policy", "--json")) == {
        "name": "booking_policy",
        "value": {"count": "calendar", "cut_off": "17:00:00", "inclusive": True},
    }
    assert acts(office)[-1] == ("user-office", "set", "setting booking_policy")


def test_a_setting_that_makes_no_sense_is_refused(office: Path, refused: Said) -> None:
    wrong = '{count: lunar, cut_off: "17:00", inclusive: true}'
    assert "lunar" in refused("office", "set", "booking_policy", wrong, *NEWS)
    assert "office set" in refused("office", "add", "setting", "-", *NEWS, given="{}")


def test_the_journal_tells_of_one_entry_with_its_keys(office: Path, done: Said) -> None:
    done("office", "add", "organisation", "-", *NEWS, given=ORGANISATION)
    (act,) = json.loads(done("office", "journal", "organisation", "O9", "--json"))
    assert set(act) == {"at", "by", "what", "kind", "id", "why", "details"}
    assert (act["by"], act["why"]) == ("user-office", "Decided")
    assert datetime.fromisoformat(act["at"]).utcoffset() == JST.utcoffset(None)
    assert "added  organisation O9  Decided" in done("office", "journal", "organisation", "O9")
    assert "says nothing" in done("office", "journal", "organisation", "O404")


def test_an_upgrade_of_a_present_register_is_journalled(office: Path, done: Said) -> None:
    assert "present revision" in done("office", "upgrade", "--by", "owner", "--why", "New version")
    assert acts(office)[-1] == ("owner", "upgraded", "register register")
