"""Money, hours and fees: exact, with their tax basis, and never a sum that no source makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nanoterasu.facility import (
    Beamtime,
    Billing,
    Contract,
    Hours,
    Override,
    RuleError,
    Yen,
    billable,
    charges,
    convert,
    fee,
)

Make = Callable[..., Beamtime]
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BILLING = Billing(60, "up", "used", loss_credit=False)
SHIFT = Hours(8, 7, 1, 0.5, 6.5)
AMOUNTS = st.integers(0, 10**12)


def contract(**changes: Any) -> Contract:
    given: dict[str, Any] = {
        "id": "C1",
        "organisation_id": "O1",
        "membership_class": "general",
        "shares": 1,
        "starts": date(2024, 4, 1),
        "ends": date(2034, 3, 31),
        "hours_per_year": 200.0,
        "year_begins": (4, 1),
        "rate": 50_000,
        "billing": BILLING,
        "carry_over": False,
    }
    return Contract(**given | changes)


def consents(*rule_ids: str) -> tuple[Override, ...]:
    return tuple(Override(rule_id, "Example", "staff", NOW) for rule_id in rule_ids)


@given(a=AMOUNTS, b=AMOUNTS, tax=st.sampled_from(["included", "excluded"]))
def test_amounts_of_one_basis_add_up(a: int, b: int, tax: str) -> None:
    assert Yen(a, tax) + Yen(b, tax) == Yen(a + b, tax)


def test_amounts_of_two_bases_do_not_add_up() -> None:
    with pytest.raises(ValueError, match=r"do not add up; convert one .* by a dated tax row"):
        _ = Yen(1, "included") + Yen(1, "excluded")


def test_an_amount_that_is_only_about_makes_no_total() -> None:
    with pytest.raises(ValueError, match=r"about 1,400 JPY .* make no total"):
        _ = Yen(1400, "included", about=True) + Yen(0, "included")


@pytest.mark.parametrize("amount", [1.5, 1.0, True, "1"])
def test_yen_are_whole(amount: Any) -> None:
    with pytest.raises(ValueError, match="no whole yen"):
        Yen(amount, "included")


def test_yen_have_a_tax_basis() -> None:
    with pytest.raises(ValueError, match="give one of included, excluded"):
        Yen(1, "")


def test_a_part_of_a_yen_needs_a_stated_rounding() -> None:
    price, hours = Yen(35_000, "excluded"), Fraction(1, 6)
    with pytest.raises(ValueError, match=r"5833\.33 yen are not whole .* no rule says"):
        price.times(hours)
    rounded = [price.times(hours, how).amount for how in ("down", "nearest", "up")]
    assert rounded == [5833, 5833, 5834]


def test_tax_is_converted_by_its_row_with_consent_only() -> None:
    price = Yen(110_000, "excluded")
    with pytest.raises(RuleError, match=r"only planned .* must consent to tax\.consumption"):
        convert(price, "included", NOW, rounding=None)
    allowed = {"tax.consumption"}
    converted, row = convert(price, "included", NOW, rounding=None, allow_unconfirmed=allowed)
    assert (converted, row.id) == (Yen(121_000, "included"), "tax.consumption")
    back, _ = convert(converted, "excluded", NOW, rounding=None, allow_unconfirmed=allowed)
    assert back == price


def test_a_conversion_that_is_not_whole_needs_a_stated_rounding() -> None:
    price = Yen(1400, "included", about=True)
    with pytest.raises(ValueError, match=r"1272\.73 yen are not whole"):
        convert(price, "excluded", NOW, rounding=None, allow_unconfirmed=True)
    converted, _ = convert(price, "excluded", NOW, rounding="down", allow_unconfirmed=True)
    assert converted == Yen(1272, "excluded", about=True)


@pytest.mark.parametrize(
    ("billing", "hours"),
    [
        (Billing(60, "up", "used", False), 7.0),
        (Billing(60, "down", "used", False), 6.0),
        (Billing(60, "nearest", "used", False), 7.0),
        (Billing(30, "up", "used", False), 6.5),
        (Billing(480, "up", "used", False), 8.0),
        (Billing(60, "up", "booked", False), 8.0),
        (Billing(60, "up", "booked", True), 7.0),
        (Billing(60, "up", "delivered", True), 7.0),
    ],
)
def test_hours_are_billed_as_the_contract_states(billing: Billing, hours: float) -> None:
    assert billable(SHIFT, billing) == hours


@given(tenths=st.integers(0, 1000), quantum=st.integers(1, 480), loss=st.floats(0, 200))
def test_billed_hours_are_whole_steps_around_the_basis(
    tenths: int, quantum: int, loss: float
) -> None:
    hours = Hours(sum([0.1] * tenths), 0, loss, 0, 0)  # with the error of adding up
    down, near, up = (
        billable(hours, Billing(quantum, how, "booked", False)) for how in ("down", "nearest", "up")
    )
    assert down <= near <= up <= down + quantum / 60 + 1e-9
    assert down - 1e-6 <= tenths / 10 <= up + 1e-6
    assert billable(hours, Billing(quantum, "up", "booked", True)) >= 0


@pytest.mark.parametrize("wrong", [-1.0, float("nan"), float("inf")])
def test_hours_that_make_no_sense_are_refused(wrong: float) -> None:
    with pytest.raises(ValueError, match="lost by user make no sense; give hours"):
        Hours(8, 8, 0, wrong, 0)


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda: Billing(0, "up", "used", False), "step of 0 minutes"),
        (lambda: Billing(60, "fair", "used", False), "rounding 'fair'; give"),
        (lambda: Billing(60, "up", "wished", False), "basis 'wished'; give"),
        (lambda: contract(shares=0), "has 0 shares; give"),
        (lambda: contract(ends=date(2024, 3, 31)), "before it starts"),
        (lambda: contract(rate=1.5), "rate of 1.5 JPY/h; give whole yen"),
        (lambda: contract(hours_per_year=-1), "-1 hours a year"),
        (lambda: contract(branch_weight=-1), "branch hour as -1"),
        (lambda: contract(year_begins=(2, 29)), "give a month and a day that every year has"),
        (lambda: contract(year_begins=(4,)), "give a month and a day"),
        (lambda: contract(overrun_allowed=True), "by nobody's consent; name who"),
        (lambda: contract(membership_class=""), "no membership class; give the one written"),
    ],
)
def test_a_contract_that_makes_no_sense_is_refused(
    make: Callable[[], object], sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence):
        make()


@given(day=st.dates(date(2024, 4, 1), date(2034, 3, 31)), begins=st.integers(1, 12))
def test_a_contract_year_holds_the_day_and_follows_the_one_before(day: date, begins: int) -> None:
    first, last = contract(year_begins=(begins, 1)).year_of(day)
    assert first <= day <= last
    assert (first.month, first.day) == (begins, 1)
    assert 365 <= (last - first).days + 1 <= 366


def test_a_day_outside_the_contract_belongs_to_no_year() -> None:
    with pytest.raises(RuleError, match=r"holds from 2024-04-01 to 2034-03-31, not on 2034-04-01"):
        contract().year_of(date(2034, 4, 1))


def test_a_member_pays_the_contracts_rate_within_the_hours(coalition: Make) -> None:
    (within,) = fee(coalition(), contract(), SHIFT, NOW, used_before=100.0)
    assert (within.charge, within.hours) == ("within_hours", 7.0)
    assert within.rule_id == "fee.coalition_basic.within_hours"
    assert within.amount == Yen(350_000, "excluded")


def test_beyond_the_hours_a_member_pays_both_prices_with_consent(coalition: Make) -> None:
    beyond_id = "fee.coalition_basic.beyond_hours"
    with pytest.raises(RuleError, match="only planned"):
        fee(coalition(), contract(), SHIFT, NOW, used_before=195.0)
    beamtime = coalition(overrides=consents(beyond_id))
    within, beyond = fee(beamtime, contract(), SHIFT, NOW, used_before=195.0)
    assert (within.hours, within.amount) == (5.0, Yen(250_000, "excluded"))
    assert (beyond.rule_id, beyond.hours) == (beyond_id, 2.0)
    assert beyond.amount == Yen(220_000, "excluded")


def test_branch_hours_count_as_the_contract_says(coalition: Make) -> None:
    branch = coalition(
        beamline="BL08W",
        station="BL08W-XRD",
        overrides=consents("fee.coalition_basic.beyond_hours"),
    )
    half = contract(branch_weight=0.5)
    assert len(fee(branch, half, SHIFT, NOW, used_before=196.0)) == 1
    within, beyond = fee(branch, half, SHIFT, NOW, used_before=199.0)
    assert (within.hours, beyond.hours) == (2.0, 5.0)


def test_shared_use_lists_components_and_makes_no_total(public: Make) -> None:
    rules = ("fee.shared_general.beamline", "fee.shared_general.consumables")
    listed = charges(public(overrides=consents(*rules)), NOW)
    assert [part.charge for part in listed] == ["beamline", "consumables", "helium"]
    beamline, consumables, helium = listed
    assert beamline.unit_price == Yen(0, "included")
    assert consumables.unit_price == Yen(1400, "included", about=True)
    assert (helium.unit_price, helium.amount, helium.hours) == (None, None, None)
    assert "litres" in (helium.note or "")


def test_shared_use_is_priced_for_hours_once_a_billing_is_stated(public: Make) -> None:
    rules = ("fee.shared_general.beamline", "fee.shared_general.consumables")
    beamtime = public(overrides=consents(*rules))
    _, consumables, helium = fee(beamtime, contract(), SHIFT, NOW)
    assert consumables.amount == Yen(9800, "included", about=True)
    assert (consumables.hours, helium.hours, helium.amount) == (7.0, None, None)


def test_a_price_that_is_planned_needs_a_consent_by_name(public: Make) -> None:
    with pytest.raises(RuleError, match=r"must consent to fee\.shared_general\.beamline"):
        charges(public(), NOW)


def test_the_contract_of_another_does_not_price_a_beamtime(coalition: Make) -> None:
    with pytest.raises(ValueError, match="under contract C1, not C2; give"):
        fee(coalition(), contract(id="C2"), SHIFT, NOW, used_before=0.0)
