"""What beamtime costs: components with their rules, never a sum that no source makes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction

from ._beamtime import COALITION_MODES, Beamtime
from ._contract import Contract
from ._hours import Hours, billed, exact
from ._mode import mode_row
from ._money import Yen
from ._rules import Rule, RuleError, find, resolve

MEMBER_CHARGES = ("within_hours", "beyond_hours")


@dataclass(frozen=True, slots=True)
class Component:
    """One part of what a beamtime costs.

    Attributes
    ----------
    charge
        As in ``rules/fees.toml``, or ``helium``.
    rule_id
        Id of the row it follows.
    hours
        Billed [h]; None where the price is not by the hour, or was not asked for hours.
    unit_price
        Price of one hour; None where no source states it.
    amount
        Of the hours; None where it cannot be said.
    note
        What the row says besides.
    """

    charge: str
    rule_id: str
    hours: float | None
    unit_price: Yen | None
    amount: Yen | None
    note: str | None = None


def charges(beamtime: Beamtime, at: datetime) -> tuple[Component, ...]:
    """Return the charges of a beamtime's mode with their prices, without hours.

    A price which no source states stays None, and says so in its note; nothing is summed.

    Raises
    ------
    Refused, RuleError
        When the mode is not open, or a price is only planned and not consented to.
    """
    mode = mode_row(beamtime, at)
    rows = [_fee_row(beamtime, charge, at) for charge in mode.value["charges"]]
    listed = [_listed(row, beamtime, at) for row in rows]
    if any("helium" in row.value.get("plus", ()) for row in rows):
        price = find("helium", {"helium": "liquid"}, at)
        listed.append(Component("helium", price.id, None, None, None, price.note))
    return tuple(listed)


def fee(
    beamtime: Beamtime,
    contract: Contract | None,
    hours: Hours,
    at: datetime,
    *,
    used_before: float | None = None,
    rounding: str | None = None,
) -> tuple[Component, ...]:
    """Return what the hours of a beamtime cost, by component.

    Parameters
    ----------
    beamtime, contract
        Whose hours, and the contract which states how they are billed.
    hours
        From the ledger.
    at
        Instant of use, whose rules apply.
    used_before
        Hours of the contract year that were used before these, less those carried over [h];
        needed for members, since it decides which hours are beyond the contract's.
    rounding
        To whole yen, where the product is not whole: ``up``, ``down`` or ``nearest``.

    Raises
    ------
    Refused, RuleError
        When a price is unknown, or not confirmed and not consented to; when the contract does
        not state its billing, its rate or its hours.
    """
    if contract is not None and beamtime.contract_id not in (None, contract.id):
        raise ValueError(
            f"Beamtime {beamtime.id} is under contract {beamtime.contract_id}, not {contract.id}; "
            "give the beamtime's contract."
        )
    counted = billed(hours, contract.billing if contract is not None else None)
    if beamtime.access_mode in COALITION_MODES and contract is not None:
        return _of_member(beamtime, contract, counted, at, used_before, rounding)
    found = []
    for part in charges(beamtime, at):
        amount = part.unit_price.times(counted, rounding) if part.unit_price is not None else None
        span = float(counted) if amount is not None else None
        found.append(Component(part.charge, part.rule_id, span, part.unit_price, amount, part.note))
    return tuple(found)


def _of_member(
    beamtime: Beamtime,
    contract: Contract,
    counted: Fraction,
    at: datetime,
    used_before: float | None,
    rounding: str | None,
) -> tuple[Component, ...]:
    """Return the components of a coalition member: within, and beyond, the contract's hours."""
    for charge in mode_row(beamtime, at).value["charges"]:
        if charge not in MEMBER_CHARGES:
            # An extra which no source prices: without a quotation there is no fee at all.
            _confirmed(beamtime, charge, at)
    if contract.rate is None:
        raise RuleError(
            "contract.rate",
            f"Contract {contract.id} states no hourly rate: the sources give a range of 35,000 to "
            "70,000 JPY/h, which is not a price; record the rate which it states.",
        )
    left = _left(beamtime, contract, counted, at, used_before)
    within, beyond = min(counted, left), counted - min(counted, left)
    row = _fee_row(beamtime, "within_hours", at)
    price = Yen(contract.rate, "excluded")
    parts = [
        Component(
            "within_hours", row.id, float(within), price, price.times(within, rounding), row.note
        )
    ]
    if beyond > 0:
        row = _confirmed(beamtime, "beyond_hours", at)
        price = _price(row)
        parts.append(
            Component(
                "beyond_hours",
                row.id,
                float(beyond),
                price,
                price.times(beyond, rounding),
                row.note,
            )
        )
    return tuple(parts)


def _left(
    beamtime: Beamtime,
    contract: Contract,
    counted: Fraction,
    at: datetime,
    used_before: float | None,
) -> Fraction:
    """Return the hours at this station which the contract still has [h]."""
    if contract.hours_per_year is None or used_before is None:
        what = "how many hours a year it has"
        if contract.hours_per_year is not None:
            what = "how many of its hours were used before (give used_before)"
        raise RuleError(
            "contract.hours_per_year",
            f"For contract {contract.id} is not on record {what}; record it, since it decides "
            "which hours are beyond the contract's.",
        )
    weight = station_weight(contract, beamtime.station, at)
    left = max(Fraction(0), exact(contract.hours_per_year) - exact(used_before))
    if counted * weight <= left:
        return counted
    if contract.carry_over is None:
        raise RuleError(
            "contract.carry_over",
            f"Contract {contract.id} does not say whether hours that were left go over to the "
            "next year, so that those beyond its hours cannot be told; record what it states.",
        )
    return left / weight


def station_weight(contract: Contract, station: str, at: datetime) -> Fraction:
    """Return how much of an hour of the contract an hour at ``station`` takes.

    Raises
    ------
    RuleError
        When it is a branch station, for which the contract says nothing.
    """
    branch = resolve("stations", {"station": station}, at).value.get("branch", "main")
    if branch == "main":
        return Fraction(1)
    if contract.branch_weight is None:
        raise RuleError(
            "contract.branch_weight",
            f"Contract {contract.id} does not say how hours count at {station}, a branch station "
            f"(branch {branch}); record what it states, 1 when they count as any other.",
        )
    return Fraction(contract.branch_weight).limit_denominator(1_000_000)


def _fee_row(beamtime: Beamtime, charge: str, at: datetime) -> Rule:
    return find("fees", {"mode": beamtime.access_mode, "charge": charge}, at)


def _confirmed(beamtime: Beamtime, charge: str, at: datetime) -> Rule:
    scope = {"mode": beamtime.access_mode, "charge": charge}
    return resolve("fees", scope, at, beamtime.consented)


def _listed(row: Rule, beamtime: Beamtime, at: datetime) -> Component:
    charge = row.scope["charge"]
    if row.status == "unknown":
        note = row.note or "No source states it"
        return Component(charge, row.id, None, None, None, note)
    return Component(charge, row.id, None, _price(_confirmed(beamtime, charge, at)), None, row.note)


def _price(row: Rule) -> Yen:
    return Yen(row.value["amount"], row.tax or "", row.value.get("about", False))
