"""The hours and the helium of a beamtime: shown, recorded, and in the words of its end notice."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from nanoterasu.facility import JST, Beamtime
from nanoterasu.office import Register

from ._acting import now, opened, user_office
from ._say import instant, named, say


def say_hours(
    folder: Path | None,
    beamtime_id: str,
    *,
    record: tuple[str, float] | None,
    helium: float | None,
    at: str | None,
    by: str | None,
    why: str | None,
    as_json: bool,
) -> None:
    """Print the hours of a beamtime, after those given were entered into its ledger.

    Raises
    ------
    ValueError
        When something is entered without a reason, or outside the beamtime's slots.
    """
    with opened(folder) as register:
        if record or helium is not None:
            if not why:
                raise ValueError(
                    f"Hours or helium of {beamtime_id} are entered with a reason, which the "
                    "journal keeps; say it with --why. Nothing was changed."
                )
            login = user_office(register, by)
            when = _instant_of(register.beamtime(beamtime_id), at)
            if record:
                register.record(beamtime_id, *record, when, by=login, why=why)
            if helium is not None:
                register.record_helium(beamtime_id, helium, by=login, at=when, why=why)
        value = _value(register, beamtime_id)
    lines = named(
        (name.replace("_", " "), f"{hours:7.1f} h") for name, hours in value["hours"].items()
    )
    lines += named([("liquid helium   ", f"{value['helium_litres']:7.1f} l")])
    say(value, [f"Beamtime {beamtime_id}", *lines], as_json=as_json)


def say_notice(folder: Path | None, beamtime_id: str, *, as_json: bool) -> None:
    """Print the text for the notice of a beamtime's end."""
    with opened(folder) as register:
        text = register.end_notice(beamtime_id)
        value = _value(register, beamtime_id) | {"text": text}
    say(value, [text.rstrip()], as_json=as_json)


def _value(register: Register, beamtime_id: str) -> dict[str, Any]:
    beamtime = register.beamtime(beamtime_id)
    return {
        "beamtime": beamtime_id,
        "station": beamtime.station,
        "slots": [
            {"starts": instant(slot.starts), "ends": instant(slot.ends)} for slot in beamtime.slots
        ],
        "hours": asdict(register.hours(beamtime_id)),
        "helium_litres": register.helium(beamtime_id),
    }


def _instant_of(beamtime: Beamtime, given: str | None) -> datetime:
    """Return when it was: as given, else now, else the end of the last slot that is over."""
    if given is not None:
        return parsed(given)
    at = now()
    over = [slot.ends for slot in beamtime.slots if slot.ends <= at]
    return at if beamtime.slot_at(at) or not over else max(over)


def parsed(text: str) -> datetime:
    """Return the instant that ``text`` says; without a time zone it is Japan's.

    >>> parsed("2026-11-22 10:30").isoformat()
    '2026-11-22T10:30:00+09:00'

    Raises
    ------
    ValueError
        When it is no instant.
    """
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError(
            f"{text!r} is no instant; give one like 2026-11-22T10:00, in Japan's time."
        ) from None
    return at if at.tzinfo is not None else at.replace(tzinfo=JST)
