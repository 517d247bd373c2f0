"""How a command says its result: aligned lines for a person, or JSON for a program."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import typer

from nanoterasu.facility import JST


def say(value: Any, lines: Iterable[str], *, as_json: bool) -> None:
    """Print ``value`` as JSON, or ``lines``."""
    if as_json:
        typer.echo(json.dumps(value, indent=1, ensure_ascii=False))
    else:
        typer.echo("\n".join(lines))


def named(pairs: Iterable[tuple[str, str]]) -> list[str]:
    """Return a line for each name with its text, the texts one below the other.

    >>> named([("booked", "8.0 h"), ("lost by user", "0.5 h")])
    ['booked        8.0 h', 'lost by user  0.5 h']
    """
    pairs = list(pairs)
    width = max((len(name) for name, _ in pairs), default=0)
    return [f"{name:<{width}}  {text}".rstrip() for name, text in pairs]


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a line for each row, its cells aligned; the last cell takes what room it needs.

    >>> columns([("U1", "competitive"), ("EX-U2", "")])
    ['U1     competitive', 'EX-U2']
    """
    rows = [tuple(row) for row in rows]
    if not rows:
        return []
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return ["  ".join(map(str.ljust, row, widths)).rstrip() for row in rows]


def spoken(at: datetime) -> str:
    """Return an instant for a person, to the second.

    >>> from datetime import UTC
    >>> spoken(datetime(2026, 11, 22, 1, 30, tzinfo=UTC))
    '2026-11-22 10:30:00 JST'
    """
    return f"{at.astimezone(JST):%Y-%m-%d %H:%M:%S} JST"


def instant(at: datetime) -> str:
    """Return an instant for a program: ISO 8601 in Japan's time, to the second.

    >>> from datetime import UTC
    >>> instant(datetime(2026, 11, 22, 1, 30, tzinfo=UTC))
    '2026-11-22T10:30:00+09:00'
    """
    return at.astimezone(JST).isoformat(timespec="seconds")
