from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import event_model
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nanoterasu.facility import (
    PROTECTED,
    Beamtime,
    Grant,
    Person,
    Refused,
    Slot,
    flags,
    rules,
    tags,
)
from nanoterasu.facility._row import TABLES

Make = Callable[..., Beamtime]
CODES = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,20}[A-Za-z0-9])?", fullmatch=True)


@pytest.mark.parametrize("kind", ["proprietary", "coalition", "public"])
def test_every_protected_key_but_the_software_is_there(
    kind: str, operator: Person, now: datetime, request: pytest.FixtureRequest
) -> None:
    stamped = flags(request.getfixturevalue(kind)(), operator=operator, at=now)
    assert tuple(stamped) == tuple(key for key in PROTECTED if key != "software")
    start = json.loads(json.dumps(stamped, allow_nan=False)) | {"uid": "u", "time": 0.0}
    event_model.schema_validators[event_model.DocumentNames.start].validate(start)


def test_a_company_at_the_shared_beamline_is_stamped_with_its_consents(
    proprietary: Make, operator: Person, now: datetime
) -> None:
    stamped = flags(proprietary(), operator=operator, at=now)
    assert stamped["proprietary"] is True
    assert stamped["confidentiality"] == "unit"
    assert stamped["tiled_access_tags"] == ["unit-U1"]
    assert stamped["result_duty"] is None
    used = {rule["id"] for rule in stamped["rules"]}
    assert {consent["rule_id"] for consent in stamped["overrides"]} == {
        "mode.shared_proprietary",
        "duty.report.shared_proprietary",
        "duty.publication.shared_proprietary",
    }
    assert {consent["rule_id"] for consent in stamped["overrides"]} <= used


def test_a_consent_that_was_not_used_is_not_stamped(
    coalition: Make, proprietary: Make, operator: Person, now: datetime
) -> None:
    beamtime = coalition(overrides=proprietary().overrides)
    assert flags(beamtime, operator=operator, at=now)["overrides"] == []


def test_a_coalition_run_is_proprietary_and_owes_nothing(
    coalition: Make, operator: Person, now: datetime
) -> None:
    stamped = flags(coalition(), operator=operator, at=now)
    assert (stamped["proprietary"], stamped["result_duty"]) == (True, None)
    assert (stamped["review_body"], stamped["overrides"]) == (None, [])
    assert stamped["fee_rule_id"] == "fee.coalition_basic.within_hours"


def test_beyond_the_hours_the_fee_is_that_of_the_overrun(
    coalition: Make, operator: Person, now: datetime
) -> None:
    beamtime = coalition(contract_hours_left=0.0, overrun_allowed=True)
    stamped = flags(beamtime, operator=operator, at=now)
    assert stamped["fee_rule_id"] == "fee.coalition_basic.beyond_hours"


def test_a_public_run_owes_a_report_in_60_days_and_a_paper_in_3_years(
    public: Make, operator: Person, now: datetime
) -> None:
    stamped = flags(public(), operator=operator, at=now)
    assert (stamped["proprietary"], stamped["confidentiality"]) == (False, "proposal")
    assert stamped["result_duty"] == {
        "report_due": "2027-01-21",
        "publication_due": "2030-02-28",
        "rule_ids": ["duty.report.shared_general", "duty.publication.shared_general"],
    }
    assert stamped["fee_rule_id"] == "fee.shared_general.consumables"


def test_a_term_that_ends_on_a_leap_day_is_due_on_the_last_of_february(
    public: Make, operator: Person, now: datetime
) -> None:
    stamped = flags(public(term_end=date(2028, 2, 29)), operator=operator, at=now)
    assert stamped["result_duty"]["publication_due"] == "2031-02-28"


def test_the_experiment_ends_on_the_day_in_japan(
    public: Make, operator: Person, now: datetime
) -> None:
    slot = Slot(now, datetime(2026, 11, 22, 16, tzinfo=UTC))  # 23 November in Japan
    stamped = flags(public(slots=(slot,)), operator=operator, at=now)
    assert stamped["result_duty"]["report_due"] == "2027-01-22"


@pytest.mark.parametrize("kind", ["proprietary", "coalition", "public"])
def test_each_rule_id_that_is_stamped_is_that_of_a_row(
    kind: str, operator: Person, now: datetime, request: pytest.FixtureRequest
) -> None:
    stamped = flags(request.getfixturevalue(kind)(), operator=operator, at=now)
    hashes = {rule.id: rule.hash for table in TABLES for rule in rules(table)}
    assert {rule["id"]: rule["hash"] for rule in stamped["rules"]}.items() <= hashes.items()
    assert stamped["fee_rule_id"] in hashes


def test_staff_measure_on_behalf_of_the_owner(proprietary: Make, now: datetime) -> None:
    staff = Person("P9", "Staff", "staff", roles=(Grant("staff"),))
    stamped = flags(proprietary(), operator=staff, at=now)
    assert (stamped["operator"], stamped["on_behalf_of"]) == ("staff", "U1")


def test_a_member_measures_on_behalf_of_nobody_else(
    proprietary: Make, operator: Person, now: datetime
) -> None:
    assert flags(proprietary(), operator=operator, at=now)["on_behalf_of"] is None


def test_a_missing_domain_of_a_unit_is_stamped_competitive(
    coalition: Make, operator: Person, now: datetime
) -> None:
    assert flags(coalition(domain=None), operator=operator, at=now)["domain"] == "competitive"


def test_nothing_is_stamped_for_a_mode_that_is_not_open(
    proprietary: Make, operator: Person, now: datetime
) -> None:
    with pytest.raises(Refused, match="must consent to"):
        flags(proprietary(overrides=()), operator=operator, at=now)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owner=CODES, domain=st.sampled_from([None, "competitive", "cooperative"]), slot=st.booleans()
)
def test_tags_are_one_tag_of_the_owner_whatever_the_domain(
    owner: str, domain: str | None, slot: bool, coalition: Make, public: Make
) -> None:
    unit = coalition(unit_id=owner, domain=domain, shared_slot=slot)
    proposal = public(proposal_id=owner, domain=domain, shared_slot=slot)
    assert tags(unit) == (f"unit-{owner}",)
    assert tags(proposal) == (f"proposal-{owner}",)


def test_a_tag_is_never_made_without_an_owner(public: Make) -> None:
    beamtime = public()
    broken = replace(beamtime)
    object.__setattr__(broken, "proposal_id", None)
    with pytest.raises(ValueError, match="is not a code"):
        tags(broken)
