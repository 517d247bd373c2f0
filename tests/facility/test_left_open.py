"""What the sources leave open stays open: nothing is summed, computed or opened by itself."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from nanoterasu.facility import (
    PROTECTED,
    Beamtime,
    Contract,
    Override,
    Person,
    Yen,
    analysis_tag,
    charges,
    flags,
    may_run,
    rules,
    tags,
)

Make = Callable[..., Beamtime]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


def test_1_no_total_is_offered_anywhere(proprietary: Make) -> None:
    rule = "fee.shared_proprietary.beamline"
    beamtime = proprietary(
        overrides=(*proprietary().overrides, Override(rule, "Example", "staff", NOW))
    )
    listed = {part.charge: part for part in charges(beamtime, NOW)}
    assert listed.keys() == {"beamline", "consumables", "helium"}
    assert listed["consumables"].unit_price is listed["helium"].unit_price is None
    with pytest.raises(ValueError, match="make no total"):
        _ = listed["beamline"].unit_price + Yen(0, "included")  # type: ignore[operator]


def test_8_the_class_is_written_in_the_contract_and_follows_from_nothing() -> None:
    contract = Contract("C1", "O1", "gold", 1, date(2024, 4, 1), date(2034, 3, 31))
    classes = {replace(contract, shares=shares).membership_class for shares in (1, 10, 100)}
    assert classes == {"gold"}


def test_10_both_days_are_kept_and_the_official_one_is_applied() -> None:
    standings = [(row.scope["duty"], row.scope["standing"]) for row in rules("deadlines")]
    assert len(standings) == len(set(standings)) == 4


def test_11_no_share_of_time_is_derived() -> None:
    assert all(set(row.value) == {"shifts"} for row in rules("shared_shifts"))


def test_13_a_missing_domain_is_competitive_and_private(coalition: Make, operator: Person) -> None:
    stamped = flags(coalition(domain=None), operator=operator, at=NOW)
    assert (stamped["domain"], stamped["confidentiality"]) == ("competitive", "unit")


@pytest.mark.parametrize("domain", ["competitive", "cooperative", None])
def test_14_no_time_and_no_domain_opens_data(coalition: Make, domain: str | None) -> None:
    assert tags(coalition(domain=domain)) == ("unit-U1",)
    # Neither function is told the time, so that none can open anything when it passes.
    assert list(inspect.signature(tags).parameters) == ["beamtime"]
    assert list(inspect.signature(analysis_tag).parameters) == ["tag"]


@pytest.mark.parametrize("issuer", ["QST", "PhoSIC"])
def test_16_a_shared_slot_takes_the_review_of_either_body(
    public: Make, operator: Person, issuer: str
) -> None:
    place = {"beamline": "BL08U", "station": "BL08U", "shared_slot": True}
    beamtime = public(**place, safety_review_issuer=issuer)
    may_run(beamtime, station="BL08U", operator=operator, at=NOW)


def test_18_the_addresses_of_devices_are_no_rule() -> None:
    said = {str(key) for row in rules("stations") for key in row.value}
    assert said <= {"beamline", "kind", "operator", "light", "branch", "energies"}
    assert "prefix" not in PROTECTED
