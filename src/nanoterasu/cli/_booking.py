"""Booking time at a station for a unit, as its contract and the rounds allow."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from nanoterasu.facility import JST, Booking, Override, Slot, resolve, said

from ._acting import now, opened, user_office
from ._hours import parsed
from ._say import instant, named, say


def book(
    folder: Path | None,
    *,
    unit_id: str,
    station: str,
    start: str,
    shifts: int | None,
    hours: float | None,
    round_: str,
    contract_id: str,
    consents: list[str],
    id_: str | None,
    by: str | None,
    why: str,
    as_json: bool,
) -> None:
    """Book, and print what was booked.

    Raises
    ------
    ValueError
        When neither or both of ``shifts`` and ``hours`` are given, or a consent has no reason.
    Refused
        When the rounds, the contract or the station do not allow it.
    """
    starts, at = parsed(start), now()
    with opened(folder) as register:
        login = user_office(register, by)
        booking = Booking(
            id=id_ or f"BK-{station}-{starts.astimezone(JST):%Y%m%dT%H%M}",
            unit_id=unit_id,
            station=station,
            slots=(Slot(starts, starts + _length(shifts, hours, starts)),),
            round=round_,
            booked_by=login,
            booked_at=at,
            contract_id=contract_id,
            overrides=tuple(_consent(text, login, at) for text in consents),
        )
        kept = register.book(booking, by=login, why=why, at=at)
    value = {
        "id": kept.id,
        "unit": kept.unit_id,
        "station": kept.station,
        "slots": [{"starts": instant(s.starts), "ends": instant(s.ends)} for s in kept.slots],
        "hours": kept.hours,
        "round": kept.round,
        "contract": kept.contract_id,
        "booked_by": kept.booked_by,
        "booked_at": instant(kept.booked_at),
        "consents": [{"rule_id": o.rule_id, "reason": o.reason} for o in kept.overrides],
    }
    lines = [
        ("Booked", f"{kept.id} for unit {kept.unit_id} at {kept.station}"),
        ("When", "; ".join(f"{said(s.starts)} to {said(s.ends)}" for s in kept.slots)),
        ("Hours", f"{kept.hours:g} h of contract {kept.contract_id}, in the {kept.round} round"),
    ]
    lines += [("Consent", f"to {o.rule_id}, by {o.granted_by}: {o.reason}") for o in kept.overrides]
    say(value, named(lines), as_json=as_json)


def _length(shifts: int | None, hours: float | None, at: datetime) -> timedelta:
    if (shifts is None) == (hours is None):
        raise ValueError("Say how long: either --shifts or --hours. Nothing was booked.")
    if shifts is not None:
        hours = shifts * resolve("shifts", {"shift": "length"}, at).value["hours"]
    return timedelta(hours=hours or 0.0)


def _consent(text: str, login: str, at: datetime) -> Override:
    """Return the consent that ``text`` says, as ``rule.id=reason``."""
    rule_id, _, reason = text.partition("=")
    if not (rule_id.strip() and reason.strip()):
        raise ValueError(
            f"The consent {text!r} lacks its rule or its reason; give --consent 'RULE_ID=reason', "
            "as in 'round.first=agreed on by the steering meeting'. Nothing was booked."
        )
    return Override(rule_id.strip(), reason.strip(), login, at)
