"""No valid beamtime, no run; no protected key but the session's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ophyd.sim import SynAxis, SynSignal

from nanoterasu.facility import PROTECTED, Delegation, Refused, Slot, Unit
from nanoterasu.records import StartDocumentError, validate_start
from nanoterasu.session import ProtectedKeyError

det: Any = SynSignal(name="det", func=lambda: 1.0)
GUARDED = sorted({*PROTECTED, "start_schema", "twin"})


@pytest.mark.parametrize(
    ("beamtime", "station", "operator", "rule"),
    [
        ("EX-0004", "BL13U", "alpha-member", "beamtime.now"),  # over
        ("EX-0002", "BL13U", "beta-member", "beamtime.now"),  # not begun
        ("EX-0005", "BL13U", "alpha-member", "beamtime.station"),  # elsewhere
        ("EX-0001", "BL13U", "beta-member", "operator.team"),  # somebody else's
        ("EX-9999", "BL13U", "alpha-member", "operator.team"),  # nobody's
    ],
)
def test_no_run_opens_without_a_valid_beamtime(
    endstation: Any, beamtime: str, station: str, operator: str, rule: str
) -> None:
    gate = endstation.gate(beamtime, station=station, operator=operator)
    engine = endstation.engine(gate)
    with pytest.raises(Refused) as refusal:
        engine(bp.count([det]))
    assert refusal.value.rule == rule
    assert endstation.documents == []


def test_an_example_beamtime_opens_no_run_on_the_beamline_itself(endstation: Any) -> None:
    with pytest.raises(Refused, match="example of the digital twin"):
        endstation.gate(twin=False).check()


def test_a_stranger_cannot_tell_an_unknown_beamtime_from_somebody_elses(endstation: Any) -> None:
    said = []
    for beamtime in ("EX-0001", "EX-9999"):
        with pytest.raises(Refused) as refusal:
            endstation.gate(beamtime, operator="beta-member").check()
        said.append(str(refusal.value).replace(beamtime, "…"))
    assert said[0] == said[1]


def test_staff_are_told_that_a_beamtime_does_not_exist(endstation: Any) -> None:
    with pytest.raises(LookupError, match="no beamtime 'EX-9999'"):
        endstation.gate("EX-9999", operator="staff").check()


def test_a_beamtime_that_ends_between_two_runs_opens_no_second(endstation: Any) -> None:
    engine = endstation.engine()
    engine(bp.count([det]))
    endstation.clock.at += timedelta(hours=8)
    with pytest.raises(Refused, match="is over"):
        engine(bp.count([det]))
    assert [name for name, _ in endstation.documents].count("start") == 1


def test_a_beamtime_withdrawn_between_two_runs_opens_no_second(endstation: Any) -> None:
    engine = endstation.engine()
    engine(bp.count([det]))
    given = endstation.register.beamtime("EX-0001", endstation.clock())
    tomorrow = tuple(
        Slot(slot.starts + timedelta(days=1), slot.ends + timedelta(days=1)) for slot in given.slots
    )
    endstation.register.add(replace(given, slots=tomorrow), replace=True)
    with pytest.raises(Refused, match="has not started"):
        engine(bp.count([det]))


def test_somebody_who_left_the_unit_between_two_runs_opens_no_second(endstation: Any) -> None:
    engine = endstation.engine()
    engine(bp.count([det]))
    given = endstation.register.beamtime("EX-0001", endstation.clock())
    left = Unit("EX-U1", "Topic of Alpha", "EX-O1", "competitive", ())
    endstation.register.add(left, replace(given, team=frozenset()), replace=True)
    with pytest.raises(Refused, match="on no team"):
        engine(bp.count([det]))


def test_without_the_office_no_run_opens(endstation: Any) -> None:
    engine = endstation.engine()
    engine(bp.count([det]))
    endstation.register.close()
    for file in endstation.folder.glob("office.sqlite*"):
        file.unlink()
    with pytest.raises(Refused, match=r"register .*office.sqlite cannot be read .* no run opens"):
        engine(bp.count([det]))
    assert [name for name, _ in endstation.documents].count("start") == 1


@pytest.mark.parametrize("error", [OSError("no route to the host"), TimeoutError("too late")])
def test_an_office_that_cannot_be_reached_opens_no_run(
    endstation: Any, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    def away(login: str) -> None:
        raise error

    engine = endstation.engine()
    monkeypatch.setattr(endstation.register, "person", away)
    with pytest.raises(Refused, match=f"{error}.*no run opens") as refusal:
        engine(bp.count([det]))
    assert (refusal.value.rule, bool(refusal.value.source)) == ("office.register", True)
    assert endstation.documents == []


def test_somebody_whom_the_office_no_longer_knows_opens_no_run(
    endstation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(login: str) -> None:
        raise LookupError(login)

    engine = endstation.engine()
    monkeypatch.setattr(endstation.register, "person", unknown)
    with pytest.raises(Refused, match="no longer in the office's register") as refusal:
        engine(bp.count([det]))
    assert refusal.value.rule == "operator.team"


@pytest.mark.parametrize("way", ["of the plan", "of RE.md", "of the call"])
@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    key=st.sampled_from(GUARDED),
    value=st.one_of(st.none(), st.text(max_size=5), st.booleans(), st.lists(st.integers())),
)
def test_a_protected_key_is_refused_whoever_sets_it(
    endstation: Any, way: str, key: str, value: object
) -> None:
    engine, motor = endstation.engine(), SynAxis(name="motor")
    motor.set(3.0)

    def plan(md: dict[str, Any]) -> Any:
        yield from bps.open_run(md)
        yield from bps.mv(motor, 5.0)
        yield from bps.close_run()

    ways: dict[str, Callable[[], Any]] = {
        "of the plan": lambda: engine(plan({key: value})),
        "of RE.md": lambda: (engine.md.update({key: value}), engine(plan({}))),
        "of the call": lambda: engine(plan({}), **{key: value}),
    }
    with pytest.raises(ProtectedKeyError, match=f"^{key}:"):
        ways[way]()
    assert endstation.documents == []
    assert motor.position == 3.0
    assert engine.state == "idle"


@pytest.mark.parametrize("key", GUARDED)
def test_every_protected_key_is_guarded(endstation: Any, key: str) -> None:
    with pytest.raises(ProtectedKeyError, match=key):
        endstation.gate()({"plan_name": "count", key: None})


def test_the_gate_cannot_be_replaced(endstation: Any) -> None:
    engine = endstation.engine()
    with pytest.raises(ProtectedKeyError, match="cannot be replaced"):
        engine.md_normalizer = dict
    engine(bp.count([det]))
    assert endstation.documents[0][1]["beamtime_id"] == "EX-0001"


def test_a_start_document_has_every_protected_key_and_follows_the_schema(endstation: Any) -> None:
    endstation.engine()(bp.count([det], md={"sample": {"name": "free"}}))
    start = endstation.documents[0][1]
    assert set(GUARDED) <= set(start)
    validate_start(start)
    assert start["tiled_access_tags"] == ["unit-EX-U1"]
    assert start["operator"] == "alpha-member"
    assert start["twin"] is True
    assert start["sample"] == {"name": "free"}


def test_only_runs_of_the_twin_are_marked_as_such(endstation: Any) -> None:
    real = replace(endstation.register.beamtime("EX-0001", endstation.clock()), example=False)
    endstation.register.add(real, replace=True)
    start = endstation.gate(twin=False)({"uid": "u", "time": 0.0, "plan_name": "count"})
    assert start["twin"] is False


def test_staff_who_measure_for_others_are_named_with_them(endstation: Any) -> None:
    start = endstation.gate(operator="staff")({"uid": "u", "time": 0.0})
    assert (start["operator"], start["on_behalf_of"]) == ("staff", "EX-U1")


def test_a_delegated_person_measures_on_behalf_until_the_delegation_ends(endstation: Any) -> None:
    at = endstation.clock()
    hour = timedelta(hours=1)
    leave = Delegation("EX-8", "user-office", "The operator fell ill", at, at + hour)
    given = endstation.register.beamtime("EX-0001", at)
    endstation.register.add(replace(given, delegations=(leave,)), replace=True)
    gate = endstation.gate(operator="alpha-other")
    start = gate({"uid": "u", "time": 0.0})
    assert (start["operator"], start["on_behalf_of"]) == ("alpha-other", "EX-U1")
    endstation.clock.at += hour
    with pytest.raises(Refused) as refusal:
        gate.check()
    assert refusal.value.rule == "operator.team"


def test_staff_off_duty_open_no_run(endstation: Any) -> None:
    with pytest.raises(Refused) as refusal:
        endstation.gate(operator="staff-off-duty").check()
    assert refusal.value.rule == "operator.team"


def test_a_start_document_that_breaks_the_schema_opens_no_run(
    endstation: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nanoterasu.session._gate.software", lambda: None)
    with pytest.raises(StartDocumentError, match="software"):
        endstation.engine()(bp.count([det]))
    assert endstation.documents == []
