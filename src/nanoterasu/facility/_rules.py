"""The facility's rules as dated rows: exactly one applies, or a sentence says why not."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from ._instants import JST, aware
from ._row import TABLES, Rule, read


class RuleError(LookupError):
    """No row, several rows, or a row that may not be relied on; says which and what to do.

    Parameters
    ----------
    rule
        Id of the row, or the name of the table when no single row is meant.
    sentence
        What cannot be decided, for what, and what to do.
    source
        Of the row, where a single one is meant.
    """

    def __init__(self, rule: str, sentence: str, source: str | None = None) -> None:
        super().__init__(sentence)
        self.rule = rule
        self.source = source

    def __reduce__(self) -> tuple[type[RuleError], tuple[str, str, str | None]]:
        return type(self), (self.rule, str(self), self.source)


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
    return read(table)


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
            rule.source,
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
                rule.source,
            )
    return rule


def _scope(scope: Mapping[str, str]) -> str:
    return ", ".join(f"{key} {value}" for key, value in scope.items()) or "no scope"
