"""The facility's rules as dated rows: exactly one applies, or a sentence says why not."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any

from ._instants import JST, aware

STATUSES = ("confirmed", "planned", "interim", "unknown")
TABLES = ("calls", "duties", "fees", "modes", "qualifications", "stations", "terms")


class RuleError(LookupError):
    """No row, several rows, or a row that may not be relied on; says which and what to do.

    Parameters
    ----------
    rule
        Id of the row, or the name of the table when no single row is meant.
    sentence
        What cannot be decided, for what, and what to do.
    """

    def __init__(self, rule: str, sentence: str) -> None:
        super().__init__(sentence)
        self.rule = rule

    def __reduce__(self) -> tuple[type[RuleError], tuple[str, str]]:
        return type(self), (self.rule, str(self))


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
            self.id, _plain(self.value), self.unit, self.tax, dict(self.scope), self.status,
            self.source, str(self.valid_from), str(self.valid_to), self.note,
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:16]

    def in_force(self, day: date) -> bool:
        """Return whether ``day`` lies within the row's dates, both included."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_to is None or day <= self.valid_to
        )


def rules(table: str) -> tuple[Rule, ...]:
    """Return the rows of ``table`` in the order of its file.

    Raises
    ------
    RuleError
        When there is no such table.
    """
    if table not in TABLES:
        raise RuleError(
            table, f"There is no table {table!r} of rules; ask one of {', '.join(TABLES)}."
        )
    return _read(table)


def matching(table: str, scope: Mapping[str, str], at: datetime) -> tuple[Rule, ...]:
    """Return every row that is in force at ``at`` and agrees with ``scope``.

    Raises
    ------
    RuleError
        When a row agrees with all of ``scope`` and depends on something ``scope`` leaves out.
    """
    day = aware(at, "The instant to resolve").astimezone(JST).date()
    agreeing = [
        rule
        for rule in rules(table)
        if rule.in_force(day)
        and all(rule.scope[key] == scope[key] for key in rule.scope.keys() & scope.keys())
    ]
    missing = sorted({key for rule in agreeing for key in rule.scope.keys() - scope.keys()})
    if missing:
        raise RuleError(
            table,
            f"Table {table} on {day} cannot be read for {_scope(scope)}: it also depends on "
            f"{', '.join(missing)}; say which.",
        )
    return tuple(agreeing)


def find(table: str, scope: Mapping[str, str], at: datetime) -> Rule:
    """Return the one row that applies, whatever its status, to name it without relying on it.

    Parameters
    ----------
    table
        One of `TABLES`.
    scope
        Everything the table depends on, such as ``{"mode": "shared_general"}``.
    at
        Instant of use.

    Raises
    ------
    RuleError
        When no row or more than one applies, or ``scope`` leaves something out.
    """
    found = matching(table, scope, at)
    day = at.astimezone(JST).date()
    if len(found) > 1:
        raise RuleError(
            table,
            f"Table {table} has {len(found)} rows for {_scope(scope)} on {day} "
            f"({', '.join(rule.id for rule in found)}); correct their dates or scopes.",
        )
    if not found:
        raise RuleError(
            table,
            f"Table {table} has no row for {_scope(scope)} on {day}; "
            "ask the user office for the rule and add it with its date and source.",
        )
    return found[0]


def resolve(
    table: str,
    scope: Mapping[str, str],
    at: datetime,
    allow_unconfirmed: bool | Collection[str] = False,
) -> Rule:
    """Return the one row that applies and may be relied on.

    Parameters
    ----------
    table, scope, at
        As for `find`.
    allow_unconfirmed
        Whether a planned or interim row may be relied on; or the ids of those that may.
        The caller stamps the id of such a row on what it is used for.

    Raises
    ------
    RuleError
        As for `find`; and when the row is unknown, or unconfirmed without consent.
    """
    rule = find(table, scope, at)
    if rule.status == "unknown":
        raise RuleError(
            rule.id,
            f"Rule {rule.id} for {_scope(scope)} is not known ({rule.note or 'not published'}; "
            f"source: {rule.source}); ask the user office, since it is never guessed.",
        )
    if rule.status != "confirmed":
        allowed = (
            allow_unconfirmed
            if isinstance(allow_unconfirmed, bool)
            else rule.id in allow_unconfirmed
        )
        if not allowed:
            raise RuleError(
                rule.id,
                f"Rule {rule.id} for {_scope(scope)} is only {rule.status} "
                f"(source: {rule.source}); to rely on it, the user office must consent to "
                f"{rule.id} by name, and the consent is stamped on each run.",
            )
    return rule


@cache
def _read(table: str) -> tuple[Rule, ...]:
    text = (
        resources.files("nanoterasu.facility").joinpath("rules", f"{table}.toml").read_text("utf-8")
    )
    rows = tomllib.loads(text)["rule"]
    return tuple(
        Rule(
            **row | {"table": table, "value": _frozen(row["value"]), "scope": _frozen(row["scope"])}
        )
        for row in rows
    )


def _frozen(value: Any) -> Any:
    """Return ``value`` read-only, since every caller shares the cached rows."""
    if isinstance(value, dict):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def _plain(value: Any) -> Any:
    """Return a read-only value as JSON knows it."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return str(value) if isinstance(value, date) else value


def _scope(scope: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in scope.items()) or "no scope"
