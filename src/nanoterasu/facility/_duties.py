"""What is owed of the results, and by when, with both dates where the sources differ."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from ._beamtime import Beamtime
from ._instants import JST
from ._rules import Rule, RuleError, find, resolve

DUTIES = ("report", "publication")


@dataclass(frozen=True, slots=True)
class Deadline:
    """By when one duty is due, in days of Japan.

    Attributes
    ----------
    duty
        ``report`` or ``publication``.
    official
        The day that is applied, by ``official_rule``.
    reminder
        The earlier of the official day and the one of the contradicting source, to remind by.
    official_rule, reminder_rule
        Ids of the rows; the reminder's is the official one where that is earlier.
    """

    duty: str
    official: date
    official_rule: str
    reminder: date
    reminder_rule: str


def deadlines(beamtime: Beamtime, at: datetime) -> tuple[Deadline, ...]:
    """Return by when report and publication are due; none where nothing is owed.

    Parameters
    ----------
    beamtime
        Whose results; its last slot and the end of its term are counted from.
    at
        Instant whose rules apply.

    Raises
    ------
    RuleError
        When a duty is not known, not confirmed and not consented to, or the end of the term is
        not on record.
    """
    found = []
    for row in _duty_rows(beamtime, at):
        if not row.value["owed"]:
            continue
        duty = row.scope["duty"]
        scope = {"duty": duty}
        applied = resolve("deadlines", scope | {"standing": "official"}, at, beamtime.consented)
        # Only shown, and never relied on: whatever its status.
        other = find("deadlines", scope | {"standing": "reminder"}, at)
        official = _due(applied, beamtime)
        reminder, by = min((official, applied.id), (_due(other, beamtime), other.id))
        found.append(Deadline(duty, official, applied.id, reminder, by))
    return tuple(found)


def result_duty(beamtime: Beamtime, at: datetime) -> tuple[dict[str, Any] | None, list[Rule]]:
    """Return when report and publication are due, or None when neither is owed, and the rows.

    Raises
    ------
    RuleError
        As for `deadlines`.
    """
    rows = _duty_rows(beamtime, at)
    due = {deadline.duty: deadline.official.isoformat() for deadline in deadlines(beamtime, at)}
    if not due:
        return None, rows
    applied = [
        resolve("deadlines", {"duty": duty, "standing": "official"}, at, beamtime.consented)
        for duty in due
    ]
    return {
        "report_due": due.get("report"),
        "publication_due": due.get("publication"),
        "rule_ids": [row.id for row in rows],
    }, rows + applied


def _duty_rows(beamtime: Beamtime, at: datetime) -> list[Rule]:
    mode = beamtime.access_mode
    return [
        resolve("duties", {"mode": mode, "duty": duty}, at, beamtime.consented) for duty in DUTIES
    ]


def _due(row: Rule, beamtime: Beamtime) -> date:
    """Return the day on which a duty is due, in JST."""
    if row.value["anchor"] == "experiment_end":
        anchor = beamtime.ends.astimezone(JST).date()
    elif beamtime.term_end is not None:
        anchor = beamtime.term_end
    else:
        raise RuleError(
            row.id,
            f"Beamtime {beamtime.id} has no end of its term, from which rule {row.id} counts; "
            "ask the user office to record it.",
            row.source,
        )
    months = 12 * row.value.get("years", 0) + row.value.get("months", 0)
    return months_after(anchor, months) + timedelta(row.value.get("days", 0))


def months_after(day: date, months: int) -> date:
    """Return the same day ``months`` later, or before when negative; at most the month's last.

    >>> months_after(date(2028, 2, 29), 36), months_after(date(2026, 3, 31), -1)
    (datetime.date(2031, 2, 28), datetime.date(2026, 2, 28))
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
