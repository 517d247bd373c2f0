from __future__ import annotations

import pickle
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nanoterasu.facility import (
    COALITION_MODES,
    Beamtime,
    Grant,
    Person,
    Refused,
    Slot,
    hours_left,
    may_run,
)

Make = Callable[..., Beamtime]
STARTS = datetime(2026, 11, 22, 0, tzinfo=UTC)
ENDS = datetime(2026, 11, 22, 8, tzinfo=UTC)


def refusal(beamtime: Beamtime, operator: Person, at: datetime, **also: Any) -> Refused:
    given: dict[str, Any] = {"station": beamtime.station} | also
    with pytest.raises(Refused) as refused:
        may_run(beamtime, operator=operator, at=at, **given)
    return refused.value


def test_a_company_with_the_consents_runs_at_the_shared_beamline(
    proprietary: Make, operator: Person, now: datetime
) -> None:
    may_run(proprietary(), station="BL13U", operator=operator, at=now)


def test_a_coalition_unit_runs_at_a_coalition_beamline_without_any_consent(
    coalition: Make, operator: Person, now: datetime
) -> None:
    may_run(coalition(), station="BL08U", operator=operator, at=now)


def test_a_public_proposal_runs_at_the_shared_beamline(
    public: Make, operator: Person, now: datetime
) -> None:
    may_run(public(), station="BL13U", operator=operator, at=now)


CASES: list[tuple[str, str, dict[str, Any], tuple[str, ...]]] = [
    ("proprietary", "mode.shared_proprietary", {"overrides": ()},
     ("BT-0001", "BL13U", "planned", "must consent to mode.shared_proprietary")),
    ("proprietary", "call.shared_proprietary.2026A", {"term": "2026A"},
     ("not called in term 2026A", "BL13U", "ask the user office")),
    ("proprietary", "term.end", {"term_end": None},
     ("no term with its last day", "BL13U", "ask the user office to record")),
    ("proprietary", "term.end", {"term": None},
     ("no term with its last day", "BL13U", "ask the user office to record")),
    ("proprietary", "shared.slot", {"shared_slot": True},
     ("marked as a shared slot", "BL13U", "ask the user office to correct")),
    ("proprietary", "beamtime.station", {"beamline": "BL02U"},
     ("BL13U", "BL02U", "ask the user office to correct")),
    ("proprietary", "stations", {"beamline": "BL99U", "station": "BL99U"},
     ("no row for station BL99U", "ask the user office")),
    ("proprietary", "safety.review", {"safety_review_id": None},
     ("no safety review", "BL13U", "ask the safety office")),
    ("proprietary", "safety.review", {"safety_review_issuer": None},
     ("no safety review", "BL13U", "ask the safety office")),
    ("proprietary", "hours.left", {"hours_used": 8.0},
     ("no hours left", "BL13U", "8 h used", "ask the user office for more")),
    ("proprietary", "safety.issuer", {"safety_review_issuer": "PhoSIC"},
     ("safety review of PhoSIC", "BL13U", "where QST answers", "ask the safety office of QST")),
    ("coalition", "safety.issuer", {"safety_review_issuer": "QST"},
     ("safety review of QST", "BL08U", "where PhoSIC answers", "S001 L425-426")),
    ("coalition", "hours.left", {"contract_hours_left": 0.0, "overrun_allowed": True},
     ("no hours left", "consent to the overrun, by name")),
    ("public", "call.shared_general.2025A.shared_slot",
     {"beamline": "BL08U", "station": "BL08U", "shared_slot": True, "term": "2025A"},
     ("not called in term 2025A", "BL08U", "ask the user office")),
    ("coalition", "party.experimenters", {"team": frozenset({"P1"})},
     ("1 experimenter;", "BL08U", "at least 2", "Ask the user office", "user.nanoterasu.jp")),
    ("public", "party.students", {"students": frozenset({"P1", "P2"})},
     ("students only", "BL13U", "ask the user office to add one", "user.nanoterasu.jp")),
    ("coalition", "operator.service",
     {"access_mode": "coalition_proxy", "measurement_service": "proxy"},
     ("on behalf of its owner (proxy)", "let the staff on duty or a delegated operator")),
    ("proprietary", "operator.team", {"team": frozenset({"P2"})},
     ("alpha-member", "neither on the team", "sign in as a member")),
    ("coalition", "mode.offered", {"beamline": "BL13U", "station": "BL13U"},
     ("coalition_basic", "not offered at BL13U", "operated by QST", "ask the user office")),
    ("coalition", "hours.left", {"contract_hours_left": 0.0},
     ("no hours left", "BL08U", "consent to the overrun")),
    ("coalition", "hours.left", {"contract_hours_left": None},
     ("no hours left", "BL08U", "consent to the overrun")),
    ("coalition", "mode.coalition_advanced", {"access_mode": "coalition_advanced"},
     ("planned", "BL08U", "must consent to mode.coalition_advanced")),
    ("public", "mode.offered", {"access_mode": "test_use"},
     ("test_use", "not offered at BL13U", "ask the user office")),
    ("public", "shared.slot", {"beamline": "BL08U", "station": "BL08U"},
     ("not marked as a shared slot", "BL08U", "ask the user office to correct")),
    ("public", "duty.report.advanced_research",
     {"access_mode": "advanced_research", "beamline": "BL08U", "station": "BL08U",
      "shared_slot": True},
     ("not known", "BL08U", "ask the user office")),
    ("proprietary", "duty.report.shared_proprietary", {"consent": "mode.shared_proprietary"},
     ("planned", "BL13U", "must consent to duty.report.shared_proprietary")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "rule", "changes", "words"), CASES, ids=[f"{case[1]}-{case[0]}" for case in CASES]
)
def test_a_refusal_says_what_where_and_what_to_do(
    kind: str,
    rule: str,
    changes: dict[str, Any],
    words: tuple[str, ...],
    operator: Person,
    now: datetime,
    request: pytest.FixtureRequest,
) -> None:
    changes = dict(changes)
    only = changes.pop("consent", None)
    beamtime: Beamtime = request.getfixturevalue(kind)(**changes)
    if only is not None:
        kept = tuple(o for o in beamtime.overrides if o.rule_id == only)
        beamtime = replace(beamtime, overrides=kept)
    refused = refusal(beamtime, operator, now)
    assert refused.rule == rule
    assert [word for word in words if word not in str(refused)] == []
    assert f"[rule {rule}" in str(refused)
    assert refused.source is None or refused.source in str(refused)


def test_a_beamtime_that_is_over_is_refused_with_its_end_in_jst(
    proprietary: Make, operator: Person
) -> None:
    refused = refusal(proprietary(), operator, ENDS)
    assert refused.rule == "beamtime.now"
    assert "BT-0001 at BL13U is over since 2026-11-22 17:00 JST" in str(refused)
    assert "ask the user office for more time" in str(refused)


def test_a_beamtime_to_come_is_refused_with_its_start_in_jst(
    proprietary: Make, operator: Person
) -> None:
    refused = refusal(proprietary(), operator, STARTS - timedelta(microseconds=1))
    assert "has not started: its next slot starts at 2026-11-22 09:00 JST" in str(refused)
    assert "wait until then" in str(refused)


def test_between_two_slots_the_next_one_is_named(proprietary: Make, operator: Person) -> None:
    later = Slot(ENDS + timedelta(hours=16), ENDS + timedelta(hours=24))
    beamtime = proprietary(slots=(later, Slot(STARTS, ENDS)))
    refused = refusal(beamtime, operator, ENDS + timedelta(hours=1))
    assert "is between its slots: its next slot starts at 2026-11-23 09:00 JST" in str(refused)


def test_at_another_station_it_says_which_station_is_meant(
    proprietary: Make, operator: Person, now: datetime
) -> None:
    refused = refusal(proprietary(), operator, now, station="BL08U")
    assert refused.rule == "beamtime.station"
    assert "is at station BL13U, not at BL08U; start the session at BL13U" in str(refused)


def test_a_stranger_learns_neither_station_nor_time(
    proprietary: Make, operator: Person, now: datetime
) -> None:
    stranger = replace(operator, id="P9", login="beta-member")
    later, elsewhere = now + timedelta(days=9), proprietary(beamline="BL08U", station="BL08U")
    told = {
        str(refusal(beamtime, stranger, at, station="BL13U"))
        for beamtime in (proprietary(), elsewhere)
        for at in (now, later)
    }
    assert len(told) == 1
    assert "BL" not in told.pop()


@pytest.mark.parametrize(
    ("qualification", "station", "runs"),
    [
        ("radiation_worker", "BL08U", True),
        ("radiation_worker", "BL10U", True),
        ("non_controlled_area_user", "BL08U", True),
        ("non_controlled_area_user", "BL10U", False),
        ("cook", "BL08U", False),
    ],
)
def test_a_qualification_opens_soft_or_hard_x_rays(
    coalition: Make,
    operator: Person,
    now: datetime,
    qualification: str,
    station: str,
    runs: bool,
) -> None:
    beamtime = coalition(beamline=station, station=station)
    qualified = replace(operator, qualifications=(Grant(qualification),))
    if runs:
        may_run(beamtime, station=station, operator=qualified, at=now)
    else:
        assert refusal(beamtime, qualified, now).rule == "operator.qualification"


def test_an_overrun_runs_when_it_was_consented_to(
    coalition: Make, operator: Person, now: datetime
) -> None:
    beamtime = coalition(
        contract_hours_left=0.0, overrun_allowed=True, overrun_consented_by="Owner"
    )
    may_run(beamtime, station="BL08U", operator=operator, at=now)


def test_an_example_runs_on_the_twin_only(
    proprietary: Make, operator: Person, now: datetime
) -> None:
    example = proprietary(example=True)
    may_run(example, station="BL13U", operator=operator, at=now, simulated=True)
    refused = refusal(example, operator, now)
    assert refused.rule == "example.twin"
    assert "start the session on the twin" in str(refused)


def test_a_naive_instant_is_refused(proprietary: Make, operator: Person) -> None:
    with pytest.raises(ValueError, match="has no time zone; give one"):
        may_run(
            proprietary(),
            station="BL13U",
            operator=operator,
            at=datetime(2026, 11, 22, 3),
        )


def test_a_refusal_survives_another_process() -> None:
    copy = pickle.loads(pickle.dumps(Refused("a.rule", "A sentence.", "a page")))
    assert (copy.rule, str(copy)) == ("a.rule", "A sentence. [rule a.rule; source: a page]")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    offset=st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(days=3)),
    used=st.floats(min_value=0, max_value=20),
)
def test_it_runs_in_the_slot_with_hours_left_and_never_else(
    offset: timedelta, used: float, proprietary: Make, operator: Person
) -> None:
    beamtime = proprietary(hours_used=used)
    at = STARTS + offset
    expected = STARTS <= at < ENDS and used < 8.0
    try:
        may_run(beamtime, station="BL13U", operator=operator, at=at)
        ran = True
    except Refused:
        ran = False
    assert ran == expected


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    offset=st.timedeltas(min_value=timedelta(days=-1), max_value=timedelta(days=1)),
    used=st.floats(min_value=0, max_value=20),
    contract=st.none() | st.floats(min_value=0, max_value=200),
)
def test_hours_left_are_never_negative_nor_beyond_the_slots_and_the_contract(
    offset: timedelta, used: float, contract: float | None, coalition: Make
) -> None:
    beamtime = coalition(hours_used=used, contract_hours_left=contract)
    assert beamtime.access_mode in COALITION_MODES
    left = hours_left(beamtime, STARTS + offset)
    assert 0.0 <= left <= min(8.0, contract or 0.0)
