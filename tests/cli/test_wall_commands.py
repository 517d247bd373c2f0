"""Publishing, moving and proving, as far as they go without a server."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from nanoterasu.cli import _steward
from nanoterasu.cli._readers import WAYS, agreed
from nanoterasu.cli._trail import say_audit
from nanoterasu.office import Register
from nanoterasu.records import MoveRefused

Said = Callable[..., str]
NEWS = ("--by", "data-steward", "--why", "Paper is out")
AGREED = "EX-1, on 2026-11-20"
CONSENT = ("--consent", AGREED)
UID = "0f2b6f3e-7e5b-4d6e-9f43-2a4c1f7f2b11"


@pytest.fixture
def catalog(office: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """A catalog with one run, which is moved as it is told; its group by uid."""
    groups = {UID: "unit-EX-U1"}

    def move(home: Path, uid: str, to_tag: str) -> SimpleNamespace:
        entries = 0 if groups[uid] == to_tag else 7
        groups[uid] = to_tag
        return SimpleNamespace(entries=entries)

    monkeypatch.setattr(_steward, "group_of", lambda home, uid: groups[uid])
    monkeypatch.setattr(_steward, "move", move)
    monkeypatch.setattr(_steward.TiledHome, "compile_tags", lambda self, roster: None)
    monkeypatch.setattr("nanoterasu.cli._trail.group_or_none", lambda home, uid: groups.get(uid))
    monkeypatch.setattr("nanoterasu.cli._trail.reads", lambda home, uid: ())
    return groups


def acts(home: Path) -> list[tuple[str, str, dict]]:
    with Register(home / "office.sqlite") as register:
        return [(act.by, act.what, dict(act.details)) for act in register.journal("run", UID)]


# Acts


def test_publishing_is_journalled_before_and_after(
    office: Path, catalog: dict[str, str], done: Said
) -> None:
    assert "public" in done("publish", UID, *NEWS, *CONSENT)
    way = {"from": "unit-EX-U1", "to": "published", "consent": AGREED}
    assert acts(office) == [
        ("data-steward", "began to publish", way),
        ("data-steward", "did publish", way | {"entries": 7}),
    ]


def test_a_competitive_topic_is_published_with_its_owners_consent_alone(
    office: Path, catalog: dict[str, str], refused: Said
) -> None:
    assert "whose topic is competitive" in refused("publish", UID, *NEWS)
    assert catalog[UID] == "unit-EX-U1"
    assert acts(office) == []


@pytest.mark.parametrize("domain", ["cooperative", None])
def test_a_cooperative_topic_needs_no_consent_and_a_missing_domain_is_competitive(
    office: Path, catalog: dict[str, str], typed: Callable, domain: str | None
) -> None:
    with Register(office / "office.sqlite") as register:
        unit = replace(register.unit("EX-U1"), domain=domain)
        register.add(unit, replace=True, by="user-office", why="Agreed by the members")
    assert (typed("publish", UID, *NEWS).exit_code == 0) == (domain == "cooperative")


def test_a_proposals_run_needs_no_consent(
    office: Path, catalog: dict[str, str], done: Said
) -> None:
    catalog[UID] = "proposal-EX-P1"
    assert "is public" in done("publish", UID, *NEWS)


def test_moving_says_who_reads_from_now_on(
    office: Path, catalog: dict[str, str], done: Said
) -> None:
    said = done("move", UID, "--to", "EX-U2", *NEWS)
    assert "readable by academic, beta-colleague, beta-member, staff." in said
    assert catalog[UID] == "unit-EX-U2"


def test_a_unit_that_is_not_there_gets_nothing(
    office: Path, catalog: dict[str, str], refused: Said
) -> None:
    assert "U404" in refused("move", UID, "--to", "U404", *NEWS)
    assert acts(office) == []


@pytest.mark.parametrize("login", ["user-office", "staff", "alpha-member", "nobody-known"])
def test_only_a_data_steward_publishes_or_moves(
    office: Path, catalog: dict[str, str], refused: Said, login: str
) -> None:
    for words in (("publish", UID), ("move", UID, "--to", "EX-U2")):
        assert "data_steward" in refused(*words, "--by", login, "--why", "Try")
    assert catalog[UID] == "unit-EX-U1"
    assert acts(office) == []


def test_a_refusal_of_the_catalog_is_journalled(
    office: Path, catalog: dict[str, str], refused: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise MoveRefused("It still goes on.")

    monkeypatch.setattr(_steward, "move", refuse)
    assert refused("publish", UID, *NEWS, *CONSENT) == "It still goes on."
    assert acts(office)[-1][1:] == (
        "failed to publish",
        {
            "from": "unit-EX-U1",
            "to": "published",
            "consent": AGREED,
            "error": "It still goes on.",
        },
    )


def test_an_act_that_was_cut_short_is_seen_and_done_again(
    office: Path,
    catalog: dict[str, str],
    typed: Callable,
    done: Said,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moving = _steward.move

    def die(*_: object) -> None:
        raise SystemExit(137)  # no failure that could be journalled

    monkeypatch.setattr(_steward, "move", die)
    assert typed("publish", UID, *NEWS, *CONSENT).exit_code == 137
    assert "Cut short, and safe to do again: data-steward began to publish" in done("audit", UID)
    monkeypatch.setattr(_steward, "move", moving)
    again = typed("publish", UID, *NEWS, *CONSENT)
    assert "cut short" in again.stderr
    assert json.loads(done("audit", UID, "--json"))["unfinished"] is None


# Questions


@pytest.mark.parametrize("command", ["who-can-read", "audit"])
def test_a_folder_without_a_catalog_is_said(office: Path, refused: Said, command: str) -> None:
    said = refused(command, UID)
    assert "nanoterasu serve" in said
    assert str(office) in said


def test_a_run_that_nobody_knows_is_said(
    office: Path, catalog: dict[str, str], refused: Said
) -> None:
    assert "There is no run 1234-5678 in this catalog" in refused("audit", "1234-5678")


def test_nobody_has_read_a_run_that_was_never_asked_for(
    office: Path, catalog: dict[str, str], capsys: pytest.CaptureFixture
) -> None:
    say_audit(office, UID, as_json=False)
    assert capsys.readouterr().out == f"Run {UID} in unit-EX-U1\nNobody has read it.\n"


def test_readers_are_those_to_whom_every_way_is_open() -> None:
    found = {"owner": dict.fromkeys(WAYS, True), "rival": dict.fromkeys(WAYS, False)}
    assert agreed(found) == (["owner"], ["rival"])


@pytest.mark.parametrize("way", WAYS)
def test_one_way_that_is_open_to_a_stranger_is_a_hole(way: str) -> None:
    ways = dict.fromkeys(WAYS, False) | {way: True}
    with pytest.raises(RuntimeError, match=f"stranger can reach the run by {way} but not by"):
        agreed({"stranger": ways})
