"""Parties: in one console, on behalf of others, and with a clock that tells the truth."""

from __future__ import annotations

from datetime import datetime, timedelta
from time import monotonic
from typing import Any

import bluesky.plans as bp
import pytest
from ophyd.sim import SynSignal

from nanoterasu.facility import JST, Refused
from nanoterasu.office import Register
from nanoterasu.records import SpoolReader
from nanoterasu.session import RunHealth, SessionEngine, confirm_clock

det: Any = SynSignal(name="det", func=lambda: 1.0)
CANARY = "canary-of-company-alpha"
SHIFT = timedelta(hours=8)


@pytest.mark.system
def test_in_one_console_the_station_is_handed_over_with_an_engine_of_its_own(
    parties: Any, capsys: pytest.CaptureFixture
) -> None:
    names: dict[str, Any] = {"__name__": "console"}
    jump = [timedelta()]
    session = parties.alpha(clock=lambda: datetime.now(JST) + jump[0], console=names)
    session._believed._steady = lambda: monotonic() + jump[0].total_seconds()
    session._believed._first = None
    with session:
        names |= session.namespace() | {"mine": CANARY}
        engine: SessionEngine = session.RE
        engine.md["mine"] = CANARY
        engine.subscribe(lambda name, doc: None)
        parties.ship(session, parties.measure(session))
        parties.litter()
        with pytest.raises(Refused):
            session.hand_over("EX-0002", "beta-member")  # its shift has not begun
        parties.measure(session)
        parties.ship(session, *SpoolReader(session.spool_folder).runs())
        jump[0] = SHIFT
        session.hand_over("EX-0002", "beta-member")
        assert "operator beta-member" in capsys.readouterr().out
        assert CANARY not in repr(names)
        assert names["RE"] is session.RE is not engine
        assert names["ring"] is session.beamline.devices()["ring"]
        assert parties.found() == []
        with pytest.raises(Exception, match="Use RE"):
            engine(bp.count([det]))
        session.RE(bp.count([det]))
        with SpoolReader(session.spool_folder) as reader:
            assert [start["unit_id"] for _, start in reader.starts()] == ["EX-U2"]
    assert "RE" not in names


def test_the_engine_of_a_session_that_is_closed_opens_no_run(parties: Any) -> None:
    session = parties.alpha()
    session.close()
    with pytest.raises(Refused, match="is closed") as refusal:
        session.RE(bp.count([det]))
    assert refusal.value.rule == "session.open"


def test_an_operator_who_is_no_member_measures_on_behalf_and_sees_health_alone(
    parties: Any,
) -> None:
    with parties.alpha("staff") as session:
        uid = parties.measure(session)
        said = session.banner()
        assert "on behalf of  EX-U1: staff measures and sees session.health()" in said
        [run] = session.health()
        assert run == RunHealth(uid[:8], run.began, run.ended, {"primary": 1}, "success")
        assert CANARY not in repr(run) + str(run)
        with SpoolReader(session.spool_folder) as reader:
            assert next(start for _, start in reader.starts())["on_behalf_of"] == "EX-U1"


def test_health_says_nothing_of_other_parties_runs(parties: Any) -> None:
    with parties.alpha() as session:
        parties.measure(session)
    with parties.beta() as session:
        assert session.waiting == 1
        assert session.health() == []


def test_a_clock_that_went_back_since_the_last_session_opens_none(parties: Any) -> None:
    parties.beta().close()
    with pytest.raises(Refused) as refusal:
        parties.alpha()
    assert refusal.value.rule == "clock.back"


def test_only_staff_confirm_the_clock_and_then_a_session_opens(parties: Any) -> None:
    parties.beta().close()
    for operator, why in (("alpha-member", "I know"), ("staff", " ")):
        with pytest.raises(PermissionError, match="a member of the staff can"):
            confirm_clock(parties.home, "BL13U", operator=operator, why=why)
    with pytest.raises(Refused):
        parties.alpha()
    confirm_clock(parties.home, "BL13U", operator="staff", why="the battery was changed")
    parties.alpha().close()


def test_the_office_notes_each_handover(parties: Any) -> None:
    for party in (parties.alpha, parties.alpha, parties.beta):
        party().close()
    with Register(parties.home / "office.sqlite") as register:
        [entry] = [entry for entry in register.journal() if entry.what == "hand over"]
    assert (entry.kind, entry.id, entry.by) == ("station", "BL13U", "beta-member")
    assert entry.details == {"from": "EX-0001", "to": "EX-0002", "waiting": 0}
