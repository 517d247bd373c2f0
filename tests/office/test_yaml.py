"""The register as a file that people edit, and back."""

from __future__ import annotations

from datetime import datetime, time
from pathlib import Path

import pytest

from nanoterasu.facility import BookingPolicy
from nanoterasu.office import Register, export_yaml, import_yaml


def test_what_is_exported_and_imported_elsewhere_is_the_same(
    example: Register, now: datetime, tmp_path: Path
) -> None:
    policy = BookingPolicy("calendar", time(17), True, frozenset({now.date()}))
    example.set("booking_policy", policy, by="user-office", why="decided")
    text = export_yaml(example)
    with Register(tmp_path / "other.sqlite", create=True) as other:
        import_yaml(other, text, by="user-office", why="moved")
        assert export_yaml(other) == text
        assert other.entries_by_kind() == example.entries_by_kind()
        assert other.roster(now) == example.roster(now)
        assert {line.by for line in other.journal()} == {"user-office"}


def test_what_is_imported_again_changes_nothing(example: Register) -> None:
    before = example.journal()
    import_yaml(example, export_yaml(example), by="user-office", why="again")
    assert example.journal() == before


def test_an_empty_register_is_exported_and_imported(empty: Register) -> None:
    import_yaml(empty, export_yaml(empty), by="user-office", why="nothing")
    assert empty.journal() == ()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("[", "The file is no YAML"),
        ("just words", "holds str, not the parts of a register; give organisations"),
        ("!!python/object/apply:os.system [ls]", "The file is no YAML"),
        ("samples: []", "a part samples, which the register does not keep; give those among"),
        ("people: yes", "people is True; give a list of entries"),
        ("people: [P1]", "person number 1 is 'P1'; give its fields"),
        ("people: [{id: P1, name: x}]", "person P1 lacks login; give each"),
        (
            "people: [{id: P1, name: x, login: x, rolls: []}]",
            "person P1 has a field rolls, which is not known; give those among id, name, login",
        ),
        ("people: [{id: P1, name: 7, login: x}]", "person P1, name, is 7; give a text"),
        ("people: [{id: P1, name: x, login: a/b}]", "person P1: .* without spaces and slashes"),
        (
            "people: [{id: P1, name: x, login: x, roles: [{name: staff, starts: '2026-04-01'}]}]",
            "person P1, roles, item 1, starts, .*; give an instant with its time zone",
        ),
        (
            "people: [{id: P1, name: x, login: x, roles: [{name: staff, starts: 2026-04-01}]}]",
            "person P1, roles, item 1, starts, .*; give an instant with its time zone",
        ),
        (
            "contracts: [{id: C1, organisation_id: O1, membership_class: gold, shares: true,"
            " starts: 2026-04-01, ends: 2036-03-31}]",
            "contract C1, shares, is True; give a whole number",
        ),
        (
            "contracts: [{id: C1, organisation_id: O1, membership_class: gold, shares: 1,"
            " starts: 2026-04-01, ends: soon}]",
            "contract C1, ends, is 'soon'; give a day, such as 2026-04-01",
        ),
        (
            "contracts: [{id: C1, organisation_id: O1, membership_class: gold, shares: 1,"
            " starts: 2026-04-01, ends: 2036-03-31, year_begins: [4]}]",
            r"contract C1, year_begins, is \[4\]; give a list of 2",
        ),
        ("units: [{id: U9, topic: x, organisation_id: O9}]", "Unit U9 cannot be kept"),
        ("settings: {booking_policy: {count: calendar}}", "setting booking_policy lacks cut_off"),
        ("settings: [1]", r"settings is \[1\]; give their names"),
    ],
)
def test_a_file_that_is_wrong_says_where_and_changes_nothing(
    example: Register, text: str, sentence: str
) -> None:
    before, journal = export_yaml(example), example.journal()
    first = "" if text in ("[", "just words") or text.startswith("!!") else _GOOD
    with pytest.raises(ValueError, match=sentence):
        import_yaml(example, first + text, by="user-office", why="typed")
    assert (export_yaml(example), example.journal()) == (before, journal)


_GOOD = "organisations: [{id: NEW, name: New company}]\n"


def test_days_and_instants_are_read_with_and_without_quotes(empty: Register) -> None:
    text = """
organisations: [{id: O1, name: Company Alpha}]
contracts:
- {id: C1, organisation_id: O1, membership_class: gold, shares: 1, starts: 2026-04-01, ends: '2036-03-31'}
people:
- id: P1
  name: Member
  login: alpha-member
  roles:
  - {name: staff, starts: 2026-04-01T00:00:00+09:00, ends: '2027-04-01T00:00:00+09:00'}
"""  # noqa: E501 - as people write it
    import_yaml(empty, text, by="user-office", why="typed")
    (grant,) = empty.person("alpha-member").roles
    assert grant.starts is not None
    assert grant.ends is not None
    assert (grant.ends - grant.starts).days == 365
    assert empty.contract("C1").ends.year == 2036
