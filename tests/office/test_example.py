from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from nanoterasu.facility import Refused, flags, may_run, tags
from nanoterasu.office import Register, example_house


def test_the_member_of_alpha_measures_now_on_the_twin(example: Register, now: datetime) -> None:
    (beamtime,) = example.beamtimes("BL13U", now)
    operator = example.person("alpha-member")
    may_run(beamtime, station="BL13U", operator=operator, at=now, simulated=True)
    stamped = flags(beamtime, operator=operator, at=now)
    assert (stamped["proprietary"], stamped["tiled_access_tags"]) == (True, ["unit-EX-U1"])


def test_no_beamtime_of_the_example_runs_on_real_devices(example: Register, now: datetime) -> None:
    operator = example.person("staff")
    for number in range(1, 6):
        at = example.beamtime(f"EX-000{number}", now).slots[0].starts
        beamtime = example.beamtime(f"EX-000{number}", at)
        may_run(beamtime, station=beamtime.station, operator=operator, at=at, simulated=True)
        with pytest.raises(Refused, match="example of the digital twin"):
            may_run(beamtime, station=beamtime.station, operator=operator, at=at)


def test_the_rival_and_the_public_may_not_read_what_alpha_measures(
    example: Register, now: datetime
) -> None:
    roster = example.roster(now)
    readers = {
        "EX-0001": ["academic", "alpha-colleague", "alpha-member", "staff"],
        "EX-0002": ["academic", "beta-colleague", "beta-member", "staff"],
        "EX-0003": ["public-colleague", "public-member", "staff"],
    }
    for beamtime_id, logins in readers.items():
        assert roster.readers(tags(example.beamtime(beamtime_id, now))) == logins


def test_who_left_is_in_the_rival_unit_or_is_off_duty_reads_nothing_of_alpha(
    example: Register, now: datetime
) -> None:
    of_alpha = example.roster(now).access()["unit-EX-U1"]
    assert not of_alpha & {"alpha-former", "alpha-other", "staff-off-duty", "data-steward"}
    earlier = example.roster(now - timedelta(days=40))
    assert "alpha-former" in earlier.readers(["unit-EX-U1"])
    assert "staff" not in earlier.readers(["unit-EX-U1"])


def test_the_rival_may_not_run_the_beamtime_of_alpha(example: Register, now: datetime) -> None:
    beamtime, rival = example.beamtime("EX-0001", now), example.person("beta-member")
    with pytest.raises(Refused, match="neither on the team"):
        may_run(beamtime, station="BL13U", operator=rival, at=now, simulated=True)


@pytest.mark.parametrize(
    ("beamtime_id", "login", "sentence"),
    [
        ("EX-0002", "beta-member", "has not started: its next slot starts at 2026-11-22 20:00 JST"),
        ("EX-0003", "public-member", "its next slot starts at 2026-11-23 04:00 JST"),
        ("EX-0004", "alpha-member", "is over since 2026-11-19 12:00 JST"),
        ("EX-0005", "alpha-member", "is at station BL08U, not at BL13U"),
    ],
)
def test_the_others_show_a_refusal_each(
    example: Register, now: datetime, beamtime_id: str, login: str, sentence: str
) -> None:
    beamtime, operator = example.beamtime(beamtime_id, now), example.person(login)
    with pytest.raises(Refused) as refused:
        may_run(beamtime, station="BL13U", operator=operator, at=now, simulated=True)
    assert sentence in str(refused.value)


def test_the_public_proposal_owes_report_and_paper(example: Register, now: datetime) -> None:
    beamtime, operator = example.beamtime("EX-0003", now), example.person("public-member")
    stamped = flags(beamtime, operator=operator, at=now)
    assert stamped["proprietary"] is False
    assert stamped["result_duty"]["report_due"] == "2027-01-22"


def test_without_the_consents_alpha_does_not_measure_at_a_shared_beamline(
    example: Register, now: datetime
) -> None:
    beamtime, operator = example.beamtime("EX-0001", now), example.person("alpha-member")
    with pytest.raises(Refused) as refused:
        may_run(
            replace(beamtime, overrides=()),
            station="BL13U",
            operator=operator,
            at=now,
            simulated=True,
        )
    assert refused.value.rule == "mode.shared_proprietary"


def test_the_example_again_tomorrow_moves_its_shifts_and_keeps_the_rest(
    example: Register, now: datetime
) -> None:
    example.record("EX-0001", "used", 7.5, now, "clerk", "measured")
    tomorrow = now + timedelta(days=1)
    example_house(example, now=tomorrow)
    (beamtime,) = example.beamtimes("BL13U", tomorrow)
    assert (beamtime.id, beamtime.hours_used) == ("EX-0001", 0.0)
    assert len(beamtime.slots) == 1
    assert len(example.roster(tomorrow).people) == 13


def test_the_example_twice_is_the_example_once(example: Register, now: datetime) -> None:
    before = [example.beamtime(f"EX-000{n}", now) for n in range(1, 6)]
    roster = example.roster(now)
    example_house(example, now)
    assert [example.beamtime(f"EX-000{n}", now) for n in range(1, 6)] == before
    assert example.roster(now) == roster
