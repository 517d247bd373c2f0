"""Instants as analysts write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

HOUSE_TIME = ZoneInfo("Asia/Tokyo")


def first_instant(when: str | date | datetime) -> float:
    """Return the beginning of ``when`` [s, Unix].

    Parameters
    ----------
    when
        A datetime, a date or either in ISO 8601; without a zone it is Japan's.

    >>> first_instant("2026-11-22T09:00+09:00") == first_instant("2026-11-22T00:00+00:00")
    True
    """
    return _parse(when)[0].timestamp()


def last_instant(when: str | date | datetime) -> float:
    """Return the end of ``when`` [s, Unix]: of a date, the midnight after it.

    >>> last_instant("2026-11-22") == first_instant("2026-11-23")
    True
    """
    instant, whole_day = _parse(when)
    return (instant + timedelta(days=1) if whole_day else instant).timestamp()


def _parse(when: str | date | datetime) -> tuple[datetime, bool]:
    """Return an aware datetime, and whether only its date was given."""
    if isinstance(when, str):
        try:
            when = date.fromisoformat(when) if len(when) <= 10 else datetime.fromisoformat(when)
        except ValueError as error:
            raise ValueError(
                f"{when!r} is no date: write it as 2026-11-22 or 2026-11-22T09:00 (Japan's time)."
            ) from error
    if isinstance(when, datetime):
        return (when if when.tzinfo else when.replace(tzinfo=HOUSE_TIME)), False
    return datetime(when.year, when.month, when.day, tzinfo=HOUSE_TIME), True
