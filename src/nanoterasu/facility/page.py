"""The page *Rules and where they come from*, made from the tables.

``python -m nanoterasu.facility.page`` prints it; it is kept in ``docs/reference/rules.md``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from ._refused import CONDITIONS
from ._row import Rule
from ._rules import rules

# Title and first sentence of each table, in the order of the page.
_TOPICS = {
    "modes": (
        "Ways of using the facility",
        "Who reviews, whose safety review is needed, whose people may read the results, what is "
        "charged, and whether a call must be open. `shared` beamlines are operated by QST, "
        "`coalition` beamlines by PhoSIC. An empty body means that there is none, or that no "
        "source says which.",
    ),
    "calls": ("Calls", "Which modes were called in which term, and until when one could apply."),
    "terms": ("Terms", "Months only, since no day was published."),
    "shifts": ("Shifts", "Of shared use."),
    "shared_shifts": (
        "Shared slots on coalition beamlines",
        "As published for each station and term; no percentage is derived.",
    ),
    "duties": ("What is owed", "Report and publication, by access mode."),
    "deadlines": (
        "By when it is owed",
        "The sources contradict one another: the official day is applied, the other one reminds "
        "where it is earlier.",
    ),
    "fees": (
        "Fees",
        "Amounts as printed, with their tax basis. A range is not a price, an amount that is "
        "*about* makes no total, and components are not summed.",
    ),
    "shares": ("Shares of coalition members", "What counts for a member is the contract."),
    "helium": ("Helium", "Litres are recorded; no price is published."),
    "tax": ("Tax", "Needed to compare amounts with and without it."),
    "rounds": (
        "Rounds of booking",
        "For coalition members. Calendar or working days, the last one included or not, and the "
        "hour of closing are a setting of the user office.",
    ),
    "parties": ("Who must be there", "Not applied where staff measure on behalf of the owner."),
    "qualifications": ("Who may operate", "Radiation qualifications, by the light they open."),
    "forms": ("Forms", "What is handed in."),
    "stations": ("Stations", "Their operator, light and photon energies [keV]."),
}
_STATUS = """\
| status | meaning |
|---|---|
| confirmed | is applied |
| planned, interim | is applied only when the user office consents to the rule by name; the \
consent is stamped on each run |
| unknown | is never applied and never guessed: what needs it stops with a sentence |
"""
_UNSAID = """\
## What no source says

These are settings or entries of the contract. What needs one that is missing stops with a sentence.

| what | where it is set |
|---|---|
| hourly rate within the contract's hours | contract: rate, tax excluded |
| billing step, rounding, which hours, credit for lost hours | contract: billing |
| hours of a year, when it begins, carry-over, how branch hours count | contract |
| measuring beyond the hours | contract: consent by name |
| membership class | contract; never computed from shares |
| price of advanced use, mail-in and proxy measurement | a quotation |
| calendar or working days, closing hour | booking policy |
| last day of a term | user office, for each proposal |
| cooperative or competitive | unit; missing counts as competitive, which is private |
| making results public | an act of a named person, with reason and date; never by time |
"""


def rules_page() -> str:
    """Return the page as Markdown.

    >>> rules_page().splitlines()[0]
    '# Rules and where they come from'
    """
    parts = [
        "# Rules and where they come from",
        "This page is made from the tables in `src/nanoterasu/facility/rules/` by "
        "`python -m nanoterasu.facility.page`. Each run keeps the ids and fingerprints of the rows "
        "it relied on; history is never computed again. Days are days in Japan, both included; a "
        "row without a day has none in its source.",
        "`S001 L435` is line 435 of the ministry's reference material for the facility (2022), "
        "`S002` are the later slides of the ministry and QST on access and fees; CORA is a "
        "compilation of the facility's public pages, ZOO the public control scripts of BL09U.",
        _STATUS.strip(),
        *(_topic(table) for table in _TOPICS),
        _UNSAID.strip(),
        "## Conditions of a run and of a booking\n\n"
        "Besides the rows, these are asked; a refusal names the one that failed.\n\n"
        + _table(("condition", "source"), CONDITIONS.items()),
    ]
    return "\n\n".join(parts) + "\n"


def _topic(table: str) -> str:
    title, intro = _TOPICS[table]
    rows = rules(table)
    columns = ["rule", "value"]
    # Only the columns which some row of the table fills.
    columns += [name for name in ("unit", "tax") if any(getattr(row, name) for row in rows)]
    columns += ["applies to"]
    columns += [
        said
        for name, said in (("valid_from", "from"), ("valid_to", "to"))
        if any(getattr(row, name) for row in rows)
    ]
    columns += ["status", "source"] + (["note"] if any(row.note for row in rows) else [])
    lines = ([_cells(row)[name] for name in columns] for row in rows)
    return f"## {title}\n\n{intro}\n\n{_table(columns, lines)}"


def _cells(row: Rule) -> dict[str, str]:
    return {
        "rule": f"`{row.id}`",
        "value": _said(row.value),
        "unit": row.unit or "",
        "tax": row.tax or "",
        "applies to": _said(row.scope),
        "from": _day(row.valid_from),
        "to": _day(row.valid_to),
        "status": row.status,
        "source": row.source,
        "note": row.note or "",
    }


def _table(columns: Any, lines: Any) -> str:
    head = [columns, ["---"] * len(columns), *lines]
    return "\n".join(f"| {' | '.join(_cell(cell) for cell in line)} |" for line in head)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


def _said(value: Any) -> str:
    """Return a value as a person reads it."""
    if isinstance(value, Mapping):
        if "range" in value:
            return " to ".join(_said(item) for item in value["range"])
        return "; ".join(f"{key.replace('_', ' ')}: {_said(item)}" for key, item in value.items())
    if isinstance(value, tuple):
        return ", ".join(_said(item) for item in value) or "all"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and value >= 1000:
        return f"{value:,}"
    return str(value) if value != "" else "–"


if __name__ == "__main__":
    print(rules_page(), end="")
