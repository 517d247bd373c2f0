"""What is owed of the results, and by when."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta
from typing import Any

from ._beamtime import Beamtime
from ._instants import JST
from ._rules import Rule, resolve


def result_duty(beamtime: Beamtime, at: datetime) -> tuple[dict[str, Any] | None, list[Rule]]:
    """Return when report and publication are due, or None when neither is owed, and the rows.

    Raises
    ------
    RuleError
        When a duty is not known, or not confirmed and not consented to.
    """
    rows = [
        resolve(
            "duties",
            {"mode": beamtime.access_mode, "duty": duty},
            at,
            allow_unconfirmed=beamtime.consented,
        )
        for duty in ("report", "publication")
    ]
    if not any(row.value["owed"] for row in rows):
        return None, rows
    report, publication = (_due(row, beamtime) for row in rows)
    return {
        "report_due": report,
        "publication_due": publication,
        "rule_ids": [row.id for row in rows],
    }, rows


def _due(row: Rule, beamtime: Beamtime) -> str | None:
    """Return the day on which a duty is due, in JST, as text."""
    if not row.value["owed"]:
        return None
    if row.value["anchor"] == "experiment_end":
        anchor = beamtime.ends.astimezone(JST).date()
    elif beamtime.term_end is not None:
        anchor = beamtime.term_end
    else:
        raise ValueError(
            f"Beamtime {beamtime.id} has no end of its term, from which rule {row.id} counts; "
            "ask the user office to record it."
        )
    due = _years_after(anchor, row.value.get("years", 0)) + timedelta(row.value.get("days", 0))
    return due.isoformat()


def _years_after(day: date, years: int) -> date:
    """Return the same day ``years`` later; 29 February becomes the last of its month."""
    last = calendar.monthrange(day.year + years, day.month)[1]
    return day.replace(year=day.year + years, day=min(day.day, last))
