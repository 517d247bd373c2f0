"""Instants: always aware, said to people in Japan Standard Time."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

JST = timezone(timedelta(hours=9), "JST")


def aware(instant: datetime, what: str) -> datetime:
    """Return ``instant``, refused when it carries no time zone.

    Parameters
    ----------
    instant
        Instant to look at.
    what
        What the instant is, for the sentence.

    Raises
    ------
    ValueError
        When ``instant`` is naive.
    """
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError(
            f"{what} {instant.isoformat()} has no time zone; "
            "give one, for example datetime(..., tzinfo=JST)."
        )
    return instant


def said(instant: datetime) -> str:
    """Return ``instant`` as read at the beamline, in JST.

    >>> from datetime import UTC, datetime
    >>> said(datetime(2026, 11, 22, 1, 30, tzinfo=UTC))
    '2026-11-22 10:30 JST'
    """
    return f"{instant.astimezone(JST):%Y-%m-%d %H:%M} JST"
