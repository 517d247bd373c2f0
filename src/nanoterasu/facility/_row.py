"""One row of the facility's rules, and how a table of them is read."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

STATUSES = ("confirmed", "planned", "interim", "unknown")
TABLES = (
    "calls",
    "deadlines",
    "duties",
    "fees",
    "forms",
    "helium",
    "modes",
    "parties",
    "qualifications",
    "rounds",
    "shared_shifts",
    "shares",
    "shifts",
    "stations",
    "tax",
    "terms",
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of a table.

    Attributes
    ----------
    value
        What the rule says; read-only.
    unit, tax
        Of the value, where it has them; ``tax`` is ``included`` or ``excluded``.
    scope
        What the row applies to; each key must agree.
    valid_from, valid_to
        First and last day in JST; None where the source gives no date.
    status
        ``confirmed``, ``planned``, ``interim`` or ``unknown``.
    source
        Document and line, or address.
    """

    id: str
    table: str
    value: Any
    scope: Mapping[str, str]
    status: str
    source: str
    unit: str | None = None
    tax: str | None = None
    valid_from: date | None = None
    valid_to: date | None = None
    note: str | None = None

    def __post_init__(self) -> None:
        if self.status not in STATUSES or not self.source or not self.scope:
            raise ValueError(
                f"Rule {self.id} of table {self.table} needs a scope, a source and a status among "
                f"{', '.join(STATUSES)}; complete its row."
            )
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise ValueError(
                f"Rule {self.id} of table {self.table} ends on {self.valid_to}, before it begins "
                f"on {self.valid_from}; correct its row."
            )

    @property
    def hash(self) -> str:
        """Fingerprint of the whole row, stamped on the runs that relied on it."""
        facts = [
            self.id, plain(self.value), self.unit, self.tax, dict(self.scope), self.status,
            self.source, str(self.valid_from), str(self.valid_to), self.note,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]

    def in_force(self, day: date) -> bool:
        """Return whether ``day`` lies within the row's dates, both included."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


@cache
def read(table: str) -> tuple[Rule, ...]:
    """Return the rows of one of `TABLES`, read once."""
    text = (
        resources.files("nanoterasu.facility").joinpath("rules", f"{table}.toml").read_text("utf-8")
    )
    rows = tomllib.loads(text)["rule"]
    return tuple(
        Rule(**row | {"table": table, "value": frozen(row["value"]), "scope": frozen(row["scope"])})
        for row in rows
    )


def frozen(value: Any) -> Any:
    """Return ``value`` read-only, since every caller shares the cached rows."""
    if isinstance(value, dict):
        return MappingProxyType({key: frozen(item) for key, item in value.items()})
    return tuple(frozen(item) for item in value) if isinstance(value, list) else value


def plain(value: Any) -> Any:
    """Return a read-only value as JSON knows it."""
    if isinstance(value, Mapping):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return str(value) if isinstance(value, date) else value
