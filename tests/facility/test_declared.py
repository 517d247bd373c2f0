from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from nanoterasu.facility import (
    Beamtime,
    Membership,
    Organisation,
    Override,
    Person,
    Proposal,
    Slot,
    Unit,
    said,
)

Make = Callable[..., Beamtime]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAIVE = datetime(2026, 11, 22, 3)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"access_mode": "coalition_best"}, "'coalition_best', which is not known; give one of"),
        ({"proposal_id": "PR1"}, "both a unit and a proposal; give the one that owns"),
        ({"unit_id": None}, "coalition_basic and no unit; give the unit"),
        ({"access_mode": "shared_general"}, "shared_general and a unit; give the proposal"),
        ({"slots": ()}, "has no slot; give at least one"),
        (
            {"slots": (Slot(NOW, NOW + 2 * HOUR), Slot(NOW + HOUR, NOW + 3 * HOUR))},
            "slots that overlap; give slots that follow",
        ),
        ({"domain": "secret"}, "domain 'secret'; give one of competitive, cooperative"),
        ({"measurement_service": "mailin"}, "service mailin; give none, which goes with that mode"),
        ({"access_mode": "coalition_mail_in"}, "service none; give mailin, which goes with that"),
        ({"measurement_service": "pigeon"}, "service 'pigeon'; give one of none, mailin, proxy"),
        ({"hours_used": -1.0}, "-1.0 hours used; give the hours of its ledger"),
        ({"hours_used": float("nan")}, "nan hours used; give the hours"),
        ({"booking_id": ""}, "an empty booking_id; give its code, or None"),
        ({"unit_id": "U_1"}, "Unit id of beamtime BT-0001 'U_1' is not a code; use"),
        ({"id": "../BT"}, "'../BT' is not a code; use 1 to 64"),
        ({"unit_id": "U 1"}, "Unit id of beamtime BT-0001 'U 1' is not a code; use"),
    ],
)
def test_a_beamtime_that_makes_no_sense_is_refused_with_a_sentence(
    coalition: Make, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(ValueError, match="BT") as refused:
        coalition(**changes)
    assert sentence in str(refused.value)


def test_a_shared_beamtime_without_owner_is_refused(public: Make) -> None:
    with pytest.raises(ValueError, match="neither a unit nor a proposal; give"):
        public(proposal_id=None)


def test_a_beamtime_cannot_be_changed(coalition: Make) -> None:
    with pytest.raises(FrozenInstanceError):
        coalition().unit_id = "U2"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Slot(NAIVE, NOW), "start .* has no time zone; give one"),
        (lambda: Slot(NOW, NAIVE), "end .* has no time zone; give one"),
        (lambda: Slot(NOW, NOW), "not after its start .*; give an end after"),
        (lambda: Membership("P1", NAIVE), "no time zone; give one"),
        (lambda: Membership("P1", NOW, NOW - HOUR), "not after its start .*; give an end"),
        (lambda: Override("a.b", "", "staff", NOW), "lacks its rule, reason or grantor; say"),
        (lambda: Override("a.b", "why", "staff", NAIVE), "no time zone; give one"),
        (lambda: Organisation("O 1", "x"), "'O 1' is not a code; use"),
        (lambda: Person("P1", "x", "a b"), "login 'a b'; give one without spaces"),
        (lambda: Unit("U1", "x", "O1", "secret"), "domain 'secret'; give one of"),
        (lambda: Proposal("PR1", "x", frozenset(), "", date(2027, 1, 1)), "no term; give"),
    ],
)
def test_what_makes_no_sense_is_refused_with_a_sentence(
    make: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


def test_slots_are_in_order_however_they_were_given(coalition: Make) -> None:
    first, second = Slot(NOW, NOW + HOUR), Slot(NOW + HOUR, NOW + 2 * HOUR)
    assert coalition(slots=[second, first]).slots == (first, second)


def test_a_member_who_left_is_no_member() -> None:
    unit = Unit("U1", "x", "O1", members=(Membership("P1", NOW, NOW + HOUR), Membership("P2", NOW)))
    assert unit.members_at(NOW - HOUR) == frozenset()
    assert unit.members_at(NOW) == {"P1", "P2"}
    assert unit.members_at(NOW + HOUR) == {"P2"}


def test_instants_are_said_in_jst() -> None:
    assert said(NOW) == "2026-11-22 12:00 JST"


def test_importing_the_rules_reads_no_rule() -> None:
    code = (
        "import sys; opened = []\n"
        "sys.addaudithook(lambda event, args: event == 'open' and opened.append(str(args[0])))\n"
        "import nanoterasu.facility\n"
        "sys.exit([name for name in opened if name.endswith('.toml')] or 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
