"""What a beamtime costs, by component, and by when its results are due."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from nanoterasu.facility import (
    JST,
    Beamtime,
    Component,
    Contract,
    Deadline,
    Hours,
    RuleError,
    Yen,
    charges,
    deadlines,
    fee,
    station_weight,
)
from nanoterasu.office import Register

from ._acting import opened
from ._say import columns, say


def say_fee(
    folder: Path | None,
    beamtime_id: str,
    *,
    carried_over: float | None,
    rounding: str | None,
    as_json: bool,
) -> None:
    """Print the components of a fee; a total only where every component is known and exact.

    Parameters
    ----------
    carried_over
        Hours that the contract carried into its year [h], where it does so.
    rounding
        To whole yen: ``up``, ``down`` or ``nearest``.
    """
    with opened(folder) as register:
        beamtime = register.beamtime(beamtime_id)
        contract = register.contract(beamtime.contract_id) if beamtime.contract_id else None
        hours = register.hours(beamtime_id)
        before = None if contract is None else _used_before(register, beamtime, contract)
    missing: list[str] = []
    if contract is not None and contract.carry_over and carried_over is None:
        missing.append(
            f"Contract {contract.id} carries hours over from year to year; say how many came into "
            "this one, with --carried-over."
        )
        before = None
    elif before is not None:
        before = max(0.0, before - (carried_over or 0.0))
    parts = _components(beamtime, contract, hours, before, rounding, missing)
    total = _total(parts, missing)
    value = {
        "beamtime": beamtime_id,
        "access_mode": beamtime.access_mode,
        "contract": beamtime.contract_id,
        "hours": asdict(hours),
        "components": [asdict(part) for part in parts],
        "total": None if total is None else asdict(total),
        "missing": missing,
    }
    rows = [
        (part.charge, "-" if part.hours is None else f"{round(part.hours, 2):g} h", _price(part),
         "-" if part.amount is None else str(part.amount), part.note or "")
        for part in parts
    ]  # fmt: skip
    lines = [f"Beamtime {beamtime_id} ({beamtime.access_mode}), {round(hours.used, 2):g} h used"]
    lines += columns([("charge", "hours", "price", "amount", "note"), *rows]) if rows else []
    lines.append(f"Total: {total}" if total else "Total: none can be said.")
    lines += [f"Missing: {sentence}" for sentence in missing]
    say(value, lines, as_json=as_json)


def say_deadlines(folder: Path | None, beamtime_id: str, *, as_json: bool) -> None:
    """Print by when report and publication are due.

    Raises
    ------
    RuleError
        When a duty is not known, or not confirmed and not consented to.
    """
    with opened(folder) as register:
        beamtime = register.beamtime(beamtime_id)
    due = deadlines(beamtime, beamtime.ends)
    value = {
        "beamtime": beamtime_id,
        "deadlines": [
            asdict(each) | {"official": str(each.official), "reminder": str(each.reminder)}
            for each in due
        ],
    }
    rows = [
        (each.duty, str(each.official), f"({each.official_rule})", _reminder(each)) for each in due
    ]
    nothing = [f"Beamtime {beamtime_id} ({beamtime.access_mode}) owes no report or publication."]
    say(value, columns(rows) or nothing, as_json=as_json)


def _reminder(due: Deadline) -> str:
    """Return when to remind, where another source gives an earlier day."""
    earlier = due.reminder < due.official
    return f"remind by {due.reminder} ({due.reminder_rule})" if earlier else ""


def _components(
    beamtime: Beamtime,
    contract: Contract | None,
    hours: Hours,
    before: float | None,
    rounding: str | None,
    missing: list[str],
) -> tuple[Component, ...]:
    """Return the components with amounts, else their prices, else none; say what is missing."""
    at = beamtime.slots[0].starts
    try:
        return fee(beamtime, contract, hours, at, used_before=before, rounding=rounding)
    except (LookupError, PermissionError, ValueError) as error:
        missing.append(str(error))
    try:
        return charges(beamtime, at)
    except (LookupError, PermissionError, ValueError) as error:
        missing.append(str(error))
        return ()


def _used_before(register: Register, beamtime: Beamtime, contract: Contract) -> float | None:
    """Return the hours of the contract year that were used before this beamtime [h].

    Those at branch stations count as the contract says.  None when it does not say that, or when
    its year begins.
    """
    first = beamtime.slots[0].starts
    try:
        begins, ends = contract.year_of(_day(first))
        return sum(
            register.hours(other.id).used * float(station_weight(contract, other.station, first))
            for others in register.entries_by_kind().values()
            for other in others
            if isinstance(other, Beamtime)
            and other.contract_id == contract.id
            and other.slots[0].starts < first
            and begins <= _day(other.slots[0].starts) <= ends
        )
    except RuleError:
        return None


def _day(at: datetime) -> Any:
    return at.astimezone(JST).date()


def _total(parts: tuple[Component, ...], missing: list[str]) -> Yen | None:
    """Return the sum, None where a component is unknown, or only about, or of another tax."""
    unknown = [part.charge for part in parts if part.amount is None]
    if unknown:
        missing.append(f"No amount is known for {', '.join(unknown)}, so that no total is made.")
    if unknown or not parts:
        return None
    amounts = [part.amount for part in parts if part.amount is not None]
    try:
        return reduce(add, amounts)
    except ValueError as error:
        missing.append(str(error))
        return None


def _price(part: Component) -> str:
    return "-" if part.unit_price is None else f"{part.unit_price} per h"
