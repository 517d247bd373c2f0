"""Who may operate: dated roles and qualifications, duty, delegation, and the party."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from nanoterasu.facility import (
    Beamtime,
    Delegation,
    Duty,
    Grant,
    Override,
    Person,
    Refused,
    flags,
    may_operate,
    may_run,
)

Make = Callable[..., Beamtime]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
RADIATION = (Grant("radiation_worker"),)


@pytest.fixture
def staff() -> Person:
    return Person("P9", "Staff", "staff", (Grant("staff"),), RADIATION)


def rule_of(beamtime: Beamtime, operator: Person, at: datetime = NOW) -> str | None:
    try:
        may_run(beamtime, station=beamtime.station, operator=operator, at=at)
    except Refused as refused:
        return refused.rule
    return None


def test_a_grant_holds_from_its_start_until_its_end_is_reached() -> None:
    grant = Grant("staff", NOW, NOW + HOUR)
    held = [grant.holds(at) for at in (NOW - HOUR, NOW, NOW + HOUR)]
    assert held == [False, True, False]
    assert Grant("staff").holds(NOW)


def test_a_role_and_a_qualification_hold_within_their_dates_only() -> None:
    person = Person(
        "P1", "x", "x", (Grant("staff", NOW, NOW + HOUR),), (Grant("radiation_worker", NOW),)
    )
    assert person.is_staff(NOW)
    assert not person.is_staff(NOW + HOUR)
    assert not person.has_role("data_steward", NOW)
    assert person.qualified_for(NOW) == {"radiation_worker"}
    assert person.qualified_for(NOW - HOUR) == frozenset()


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Grant(""), "has no name; give"),
        (lambda: Grant("staff", NOW, NOW), "not after its start .*; give an end"),
        (lambda: Grant("staff", datetime(2026, 1, 1)), "no time zone; give one"),
        (lambda: Person("P1", "x", "x", ("staff",)), "give each as a Grant"),  # type: ignore[arg-type]
        (lambda: Duty("P9", "BL13U", NOW, NOW), "not after its start"),
        (lambda: Delegation("P9", "", "why", NOW, NOW + HOUR), "lacks its grantor or its reason"),
        (lambda: Delegation("P9", "P1", "why", NOW, NOW), "not after its start"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    make: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_a_duty_holds_until_its_end() -> None:
    duty = Duty("P9", "BL13U", NOW, NOW + HOUR)
    assert duty.holds(NOW)
    assert not duty.holds(NOW + HOUR)


def test_staff_on_duty_run_for_a_team_that_they_are_not_on(coalition: Make, staff: Person) -> None:
    beamtime = coalition(on_duty={"P9"})
    assert rule_of(beamtime, staff) is None
    assert flags(beamtime, operator=staff, at=NOW)["on_behalf_of"] == "U1"


@pytest.mark.parametrize(
    ("changes", "roles"),
    [
        ({}, (Grant("staff"),)),
        ({"on_duty": {"P8"}}, (Grant("staff"),)),
        ({"on_duty": {"P9"}}, ()),
        ({"on_duty": {"P9"}}, (Grant("staff", None, NOW),)),
        ({"on_duty": {"P9"}}, (Grant("data_steward"),)),
    ],
    ids=["off duty", "another on duty", "on duty without role", "role ended", "another role"],
)
def test_staff_off_duty_or_without_the_role_do_not_run(
    coalition: Make, staff: Person, changes: dict[str, Any], roles: tuple[Grant, ...]
) -> None:
    operator = replace(staff, roles=roles)
    beamtime = coalition(**changes)
    assert not may_operate(beamtime, operator, NOW)
    assert rule_of(beamtime, operator) == "operator.team"


def test_a_delegated_person_runs_until_the_delegation_ends(coalition: Make) -> None:
    delegated = Person("P7", "Delegated", "delegated", (), RADIATION)
    beamtime = coalition(delegations=[Delegation("P7", "P1", "night shift", NOW, NOW + HOUR)])
    assert rule_of(beamtime, delegated, NOW - HOUR) == "operator.team"
    assert rule_of(beamtime, delegated, NOW) is None
    assert rule_of(beamtime, delegated, NOW + HOUR) == "operator.team"


def test_a_qualification_that_ran_out_does_not_count(coalition: Make, operator: Person) -> None:
    lapsed = replace(operator, qualifications=(Grant("radiation_worker", None, NOW),))
    assert rule_of(coalition(), lapsed) == "operator.qualification"
    assert rule_of(coalition(), lapsed, NOW - HOUR) is None


def test_staff_on_duty_without_qualification_do_not_run(coalition: Make, staff: Person) -> None:
    bare = replace(staff, qualifications=())
    with pytest.raises(Refused, match=r"soft X-ray station BL08U \(held now: none\); register"):
        may_run(coalition(on_duty={"P9"}), station="BL08U", operator=bare, at=NOW)


def test_a_student_operates_beside_an_experimenter_who_is_none(
    coalition: Make, operator: Person
) -> None:
    assert rule_of(coalition(students={"P1"}), operator) is None


@pytest.mark.parametrize(
    ("mode", "service"), [("coalition_mail_in", "mailin"), ("coalition_proxy", "proxy")]
)
def test_where_the_staff_measure_no_party_is_needed(
    coalition: Make, operator: Person, staff: Person, mode: str, service: str
) -> None:
    consents = tuple(
        Override(rule_id, "Example", "staff", NOW)
        for rule_id in (f"mode.{mode}", f"duty.report.{mode}", f"duty.publication.{mode}")
    )
    beamtime = coalition(
        access_mode=mode,
        measurement_service=service,
        overrides=consents,
        team={"P1"},
        on_duty={"P9"},
    )
    assert rule_of(beamtime, staff) is None
    assert rule_of(beamtime, operator) == "operator.service"
    stamped = flags(beamtime, operator=staff, at=NOW)
    assert not [rule for rule in stamped["rules"] if rule["id"].startswith("party.")]


def test_the_party_and_the_qualification_are_stamped_with_their_rules(
    coalition: Make, operator: Person
) -> None:
    stamped = flags(coalition(), operator=operator, at=NOW)
    used = [rule["id"] for rule in stamped["rules"]]
    assert {"party.experimenters", "party.students"} < set(used)
    assert "qualification.radiation_worker" in used
    assert stamped["contract_id"] == "C1"
