from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.facility import PUBLIC_TAG, Person, Roster, analysis_tag

LOGINS = st.frozensets(st.sampled_from("abcdef"))
ROSTER = Roster(
    {"unit-U1": frozenset({"alpha"}), "unit-U2": frozenset()},
    {"unit-U1": frozenset({"staff"})},
    {login: Person(f"P{n}", login, login) for n, login in enumerate(("alpha", "staff", "beta"))},
    {("unit-U1", "staff"): "BL13U"},
)


@given(mine=LOGINS, rivals=LOGINS, on_duty=LOGINS)
def test_readers_are_members_and_staff_on_duty_and_nobody_else(
    mine: frozenset[str], rivals: frozenset[str], on_duty: frozenset[str]
) -> None:
    roster = Roster({"unit-1": mine, "unit-2": rivals}, {"unit-1": on_duty})
    assert roster.readers(["unit-1"]) == sorted(mine | on_duty)
    assert roster.readers(["unit-2"]) == sorted(rivals)
    assert roster.readers([analysis_tag("unit-1")]) == sorted(mine)
    assert roster.readers([]) == roster.readers(["unit-3"]) == []


@given(mine=LOGINS, on_duty=LOGINS, login=st.sampled_from("abcdef"))
def test_a_reason_is_given_to_those_who_read_and_to_no_other(
    mine: frozenset[str], on_duty: frozenset[str], login: str
) -> None:
    roster = Roster({"unit-1": mine}, {"unit-1": on_duty})
    for tag, readers in roster.access().items():
        assert (roster.why(tag, login) is not None) == (login in readers)


def test_every_tag_has_its_readers_also_one_without_members() -> None:
    assert dict(ROSTER.access()) == {
        "unit-U1": {"alpha", "staff"},
        "analysis-unit-U1": {"alpha"},
        "unit-U2": frozenset(),
        "analysis-unit-U2": frozenset(),
    }


@pytest.mark.parametrize(
    ("tag", "login", "reason"),
    [
        ("unit-U1", "alpha", "member of unit U1"),
        ("analysis-unit-U1", "alpha", "member of unit U1"),
        ("unit-U1", "staff", "staff on duty at BL13U"),
        ("analysis-unit-U1", "staff", None),
        ("unit-U1", "beta", None),
        ("unit-U2", "staff", None),
        ("unit-U9", "alpha", None),
        (PUBLIC_TAG, "beta", "published, so that everybody reads it"),
    ],
)
def test_the_reason_says_member_or_duty(tag: str, login: str, reason: str | None) -> None:
    assert ROSTER.why(tag, login) == reason


def test_a_member_who_is_also_on_duty_reads_the_analysis_as_member() -> None:
    roster = Roster(
        {"unit-U1": frozenset({"a"})},
        {"unit-U1": frozenset({"a"})},
        {},
        {("unit-U1", "a"): "BL13U"},
    )
    assert roster.why("unit-U1", "a") == roster.why("analysis-unit-U1", "a") == "member of unit U1"


def test_what_is_published_is_read_by_everybody() -> None:
    assert ROSTER.readers([PUBLIC_TAG]) == ["alpha", "beta", "staff"]
    assert ROSTER.who_may_read(["unit-U1", PUBLIC_TAG]) == "Published: readable by everybody."


def test_the_banner_says_who_may_read_and_why() -> None:
    assert ROSTER.who_may_read(["unit-U1"]) == (
        "Readable by alpha (member of unit U1) and staff (staff on duty at BL13U); by nobody else."
    )
    assert ROSTER.who_may_read(["unit-U2"]) == (
        "Readable by nobody: unit U2 has no member, and no staff is on duty for it."
    )


def test_a_roster_does_not_follow_what_it_was_made_from() -> None:
    groups = {"unit-1": frozenset({"a"})}
    roster = Roster(groups)
    groups["unit-1"] = frozenset({"a", "b"})
    assert roster.readers(["unit-1"]) == ["a"]


def test_the_tag_of_an_analysis_is_made_once() -> None:
    assert analysis_tag(analysis_tag("unit-U1")) == analysis_tag("unit-U1") == "analysis-unit-U1"
