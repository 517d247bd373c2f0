"""The register as a file that people read and edit (YAML), and back."""

from __future__ import annotations

from typing import Any

import yaml

from ._plain import built, plain
from ._register import Register
from ._rows import KINDS, Entry

_PLURALS = {
    "organisation": "organisations",
    "person": "people",
    "duty": "duties",
    "contract": "contracts",
    "unit": "units",
    "proposal": "proposals",
    "booking": "bookings",
    "beamtime": "beamtimes",
}


def export_yaml(register: Register) -> str:
    """Return everything that the register holds but its ledger and its journal.

    The text of a register, and of another that imported it, is the same letter by letter.
    """
    found: dict[str, Any] = {
        _PLURALS[name]: [plain(entry) for entry in entries]
        for name, entries in register.entries_by_kind().items()
        if entries
    }
    settings = register.settings()
    if settings:
        found["settings"] = plain(settings)
    return yaml.safe_dump(found, sort_keys=False, allow_unicode=True, width=100)


def import_yaml(register: Register, text: str, by: str, why: str) -> None:
    """Keep what ``text`` holds, all or nothing; an entry takes the place of one with its id.

    Entries that ``text`` does not name stay as they are; `Register.close_entry` ends them.

    Parameters
    ----------
    register
        Where to.
    text
        As `export_yaml` writes it.
    by, why
        Who imports it, and the reason; both stand in the journal.

    Raises
    ------
    ValueError
        With the entry and its field that is wrong, and what to do; nothing is then changed.
    """
    found = _read(text)
    settings = found.pop("settings", {})
    if not isinstance(settings, dict):
        raise ValueError(f"settings is {settings!r}; give their names, each with its value.")
    names = {plural: name for name, plural in _PLURALS.items()}
    unknown = [str(plural) for plural in found if plural not in names]
    if unknown:
        raise ValueError(
            f"The file has a part {', '.join(unknown)}, which the register does not keep; give "
            f"those among {', '.join([*names, 'settings'])}."
        )
    entries = [
        entry
        for name, plural in _PLURALS.items()
        for entry in _entries(name, plural, found.get(plural))
    ]
    register.put(entries, settings, by=by, why=why)


def _read(text: str) -> dict[str, Any]:
    try:
        found = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:  # the latter of a day that no month has
        raise ValueError(f"The file is no YAML ({error}); correct it there.") from error
    if not isinstance(found, dict):
        raise ValueError(
            f"The file holds {type(found).__name__}, not the parts of a register; give "
            f"{', '.join(_PLURALS.values())}, each with its list of entries."
        )
    return dict(found)


def _entries(name: str, plural: str, listed: Any) -> list[Entry]:
    if listed is None:
        return []
    if not isinstance(listed, list):
        raise ValueError(f"{plural} is {listed!r}; give a list of entries.")
    return [
        built(KINDS[name], value, f"{name} {_named(value, number)}")
        for number, value in enumerate(listed, start=1)
    ]


def _named(value: Any, number: int) -> str:
    """Return what a person finds an entry by: its id, else its place in the list."""
    given = value.get("id") if isinstance(value, dict) else None
    return str(given) if given is not None else f"number {number}"
