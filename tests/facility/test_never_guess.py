"""What no source says is asked for by a sentence, and never guessed.

One case for each question that the sources leave open; the addresses of devices are tested with
the beamlines (``tests/beamlines``), where they are settings of the site.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from nanoterasu.facility import (
    Beamtime,
    Billing,
    Booking,
    BookingPolicy,
    Contract,
    Hours,
    Override,
    Refused,
    RuleError,
    Slot,
    Yen,
    billable,
    convert,
    fee,
    may_book,
    may_run,
    resolve,
    rules,
)

Make = Callable[..., Beamtime]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
SHIFT = Hours(8, 8, 0, 0, 8)
CONTRACT = Contract(
    "C1",
    "O1",
    "gold",
    1,
    date(2024, 4, 1),
    date(2034, 3, 31),
    hours_per_year=200.0,
    year_begins=(4, 1),
    rate=50_000,
    billing=Billing(60, "up", "used", loss_credit=False),
    carry_over=False,
)


class Ask:
    """The questions, each over the fixtures of a beamtime."""

    def __init__(self, make: dict[str, Make], operator: Any) -> None:
        self.make = make
        self.operator = operator

    def fee(self, kind: str, changes: dict[str, Any], **contract: Any) -> Any:
        beamtime = self.make[kind](**changes)
        return fee(beamtime, replace(CONTRACT, **contract), SHIFT, NOW, used_before=196.0)

    def run(self, kind: str, changes: dict[str, Any]) -> None:
        beamtime = self.make[kind](**changes)
        may_run(beamtime, station=beamtime.station, operator=self.operator, at=NOW)

    def book(self, policy: Any = None, **contract: Any) -> None:
        at, use = datetime(2026, 5, 1, tzinfo=UTC), datetime(2026, 6, 15, tzinfo=UTC)
        slots = (Slot(use, use + timedelta(hours=8)),)
        consent = consents("round.first")
        asked = Booking("B1", "U1", "BL08U", slots, "first", "alpha", at, "C1", consent)
        may_book(asked, replace(CONTRACT, **contract), policy, 0.0, (), at)


@pytest.fixture
def ask(coalition: Make, proprietary: Make, public: Make, operator: Any) -> Ask:
    make = {"coalition": coalition, "proprietary": proprietary, "public": public}
    return Ask(make, operator)


def consents(*rule_ids: str) -> tuple[Override, ...]:
    return tuple(Override(rule_id, "Example", "staff", NOW) for rule_id in rule_ids)


SERVICES = {
    "coalition_advanced": "none",
    "coalition_mail_in": "mailin",
    "coalition_proxy": "proxy",
}
OPEN_QUESTIONS: list[tuple[str, Callable[[Ask], Any], str]] = [
    (
        "1 whether the proprietary price includes the consumables",
        lambda ask: resolve(
            "fees", {"mode": "shared_proprietary", "charge": "consumables"}, NOW, True
        ),
        "not known .* no total is made",
    ),
    (
        "2 the rate of a member within the hours",
        lambda ask: ask.fee("coalition", {}, rate=None),
        "states no hourly rate: .* not a price; record",
    ),
    (
        "2 a price out of a range",
        lambda ask: resolve(
            "fees", {"mode": "coalition_basic", "charge": "within_hours"}, NOW, True
        ),
        "A range is not a price",
    ),
    (
        "3 the rate of tax",
        lambda ask: convert(Yen(110_000, "excluded"), "included", NOW, rounding="up"),
        r"only planned .* must consent to tax\.consumption",
    ),
    (
        "3 the rounding of tax",
        lambda ask: convert(
            Yen(1400, "included"), "excluded", NOW, rounding=None, allow_unconfirmed=True
        ),
        "no rule says how to round",
    ),
    (
        "4 the step, rounding and basis of billing",
        lambda ask: billable(SHIFT, None),
        "No billing is stated: .* never guessed",
    ),
    (
        "4 the billing of a member",
        lambda ask: ask.fee("coalition", {}, billing=None),
        "No billing is stated",
    ),
    (
        "5 the hours of a contract year",
        lambda ask: ask.book(
            BookingPolicy("calendar", time(17), inclusive=True), hours_per_year=None
        ),
        "does not say how many hours a year it has",
    ),
    (
        "5 when a contract year begins",
        lambda ask: replace(CONTRACT, year_begins=None).year_of(date(2026, 4, 1)),
        "does not say on which day its year begins",
    ),
    (
        "5 whether hours are carried over",
        lambda ask: ask.fee("coalition", {}, carry_over=None),
        "does not say whether hours that were left go over",
    ),
    (
        "5 whether branch hours count equally",
        lambda ask: ask.fee("coalition", {"beamline": "BL08W", "station": "BL08W-XRD"}),
        "how hours count at BL08W-XRD, a branch station",
    ),
    (
        "5 who consents to an overrun",
        lambda ask: ask.run("coalition", {"contract_hours_left": 0.0, "overrun_allowed": True}),
        "consent to the overrun, by name",
    ),
    (
        "5 hours of a contract that are not on record",
        lambda ask: ask.run("coalition", {"contract_hours_left": None}),
        "no hours left",
    ),
    (
        "6 the price of liquid helium",
        lambda ask: resolve("helium", {"helium": "liquid"}, NOW, True),
        "not known .*ask the user office",
    ),
    (
        "6 the price of helium gas",
        lambda ask: resolve("helium", {"helium": "gas"}, NOW, True),
        "not known .*ask the user office",
    ),
    *(
        (
            f"7 the extra price of {mode}",
            lambda ask, mode=mode, service=service: ask.fee(
                "coalition",
                {
                    "access_mode": mode,
                    "measurement_service": service,
                    "overrides": consents(f"mode.{mode}"),
                },
            ),
            "not known .*quotation",
        )
        for mode, service in SERVICES.items()
    ),
    (
        "8 the shares that make a class",
        lambda ask: resolve("shares", {"share": "classes"}, NOW, True),
        "not known .* stated nowhere",
    ),
    (
        "9 how the days before a use are counted",
        lambda ask: ask.book(policy=None),
        "the user office must set the booking policy",
    ),
    (
        "10 the end of a term from which the paper is due",
        lambda ask: ask.run("public", {"term_end": None}),
        "no term with its last day on record",
    ),
    (
        "11 the shared slots of a term that was not published",
        lambda ask: resolve("shared_shifts", {"station": "BL08U", "term": "2026B"}, NOW, True),
        "has no row .*ask the user office",
    ),
    *(
        (
            f"12 shared proprietary use in {term}",
            lambda ask, term=term: ask.run("proprietary", {"term": term}),
            f"was not called in term {term}",
        )
        for term in ("2025A", "2025B", "2026A")
    ),
    (
        "15 how long a copy is kept",
        lambda ask: rules("retention"),
        "There is no table 'retention'",
    ),
    (
        "16 the safety review",
        lambda ask: ask.run("coalition", {"safety_review_id": None}),
        "no safety review",
    ),
    (
        "16 the issuer of the safety review",
        lambda ask: ask.run(
            "public",
            {
                "beamline": "BL08U",
                "station": "BL08U",
                "shared_slot": True,
                "safety_review_issuer": None,
            },
        ),
        "no safety review with its issuer",
    ),
    (
        "17 a station by a name that is not its code",
        lambda ask: resolve("stations", {"station": "BL-VII(U)"}, NOW, True),
        "no row for station",
    ),
]


@pytest.mark.parametrize(
    ("question", "words"),
    [(question, words) for _, question, words in OPEN_QUESTIONS],
    ids=[name for name, _, _ in OPEN_QUESTIONS],
)
def test_what_no_source_says_raises_a_sentence(
    question: Callable[[Ask], Any], words: str, ask: Ask
) -> None:
    with pytest.raises((RuleError, Refused, ValueError), match=words) as raised:
        question(ask)
    assert ";" in str(raised.value) or "." in str(raised.value)
