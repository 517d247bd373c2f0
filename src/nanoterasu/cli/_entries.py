"""Entries of the register, as a file and one by one: imported, exported, shown, closed."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import typer
import yaml

from nanoterasu.facility import JST
from nanoterasu.office import Register, export_yaml, import_yaml, office_place, upgrade
from nanoterasu.session import home_folder

from ._acting import account, opened, user_office
from ._say import columns, say

# Kind of entry: its part of a file, and what a list of them shows besides the id.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "organisation": ("organisations", ("name",)),
    "person": ("people", ("login", "name", "roles")),
    "duty": ("duties", ("ends",)),
    "contract": ("contracts", ("organisation_id", "membership_class", "starts", "ends")),
    "unit": ("units", ("organisation_id", "domain", "topic", "members")),
    "proposal": ("proposals", ("term", "title", "team")),
    "booking": ("bookings", ("unit_id", "station", "slots")),
    "beamtime": ("beamtimes", ("unit_id", "proposal_id", "station", "access_mode", "slots")),
    "setting": ("settings", ("value",)),
}
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?[+-]\d\d:\d\d")


def import_file(folder: Path | None, file: str, *, by: str | None, why: str) -> None:
    """Keep what a file holds, all or nothing; make the register where there is none."""
    text = _read(file)
    with opened(folder, create=True) as register:
        login = user_office(register, by)
        import_yaml(register, text, by=login, why=why)
        counts = ", ".join(f"{part} {len(held)}" for part, held in _parts(register).items())
        typer.echo(f"The register {register.place} holds: {counts or 'nothing'}.")


def export_file(folder: Path | None, file: Path | None) -> None:
    """Write everything but ledger and journal to ``file`` (mode 0600), or print it."""
    with opened(folder) as register:
        text = export_yaml(register)
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        # As confidential as the register: who is a member of which unit stands in it.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            os.fchmod(descriptor, 0o600)
            written.write(text)
    except OSError as error:
        raise type(error)(
            f"The register cannot be written to {file} ({error.strerror}); give a file in a "
            "folder that exists and that you may write to, on a disk with room."
        ) from None
    typer.echo(f"Written to {file}, readable by you alone.")


def add_entry(
    folder: Path | None, kind: str, file: str, *, replace: bool, by: str | None, why: str
) -> None:
    """Keep one entry.

    Raises
    ------
    ValueError
        When the file holds no such entry, or its id is taken and ``replace`` is false.
    """
    if _known(kind) == "setting":
        raise ValueError("A setting is set by its name: nanoterasu office set NAME VALUE")
    entry = _yaml(_read(file), file)
    if not isinstance(entry, Mapping):
        raise ValueError(
            f"{file} holds {type(entry).__name__}, not one {kind}; give its fields, one a line, as "
            f"'nanoterasu office show {kind} ID' prints them. For many, use 'office import'."
        )
    with opened(folder) as register:
        login = user_office(register, by)
        if not replace and _id(kind, entry) in dict(_held(register, kind)):
            raise ValueError(
                f"There is a {kind} {_id(kind, entry)} in the register already. Nothing was "
                "changed: give another id, or let this one take its place with --replace."
            )
        import_yaml(register, yaml.safe_dump({KINDS[kind][0]: [dict(entry)]}), by=login, why=why)
    typer.echo(f"Kept {kind} {_id(kind, entry)}.")


def list_entries(folder: Path | None, kind: str, *, as_json: bool) -> None:
    """Print the entries of one kind, a line each."""
    with opened(folder) as register:
        held = _held(register, _known(kind))
    shown = KINDS[kind][1]
    rows = [(id_, *(_cell(name, entry.get(name)) for name in shown)) for id_, entry in held]
    lines = columns([("id", *shown), *rows]) if rows else [f"There is no {kind} in the register."]
    say([entry for _, entry in held], lines, as_json=as_json)


def show_entry(folder: Path | None, kind: str, id_: str, *, as_json: bool) -> None:
    """Print one entry as `add_entry` takes it.

    Raises
    ------
    LookupError
        When there is none with this id.
    """
    with opened(folder) as register:
        entry = dict(_held(register, _known(kind))).get(_in_japan(id_))
    if entry is None:
        raise LookupError(
            f"There is no {kind} {id_!r} in the register; 'nanoterasu office list {kind}' prints "
            "those that there are."
        )
    text = yaml.safe_dump(entry, sort_keys=False, allow_unicode=True, width=100)
    say(entry, [text.rstrip()], as_json=as_json)


def close_entry(folder: Path | None, kind: str, id_: str, *, by: str | None, why: str) -> None:
    """End what an entry holds; nothing of it is forgotten."""
    with opened(folder) as register:
        register.close_entry(_known(kind), id_, by=user_office(register, by), why=why)
    typer.echo(f"Closed {kind} {id_}: what it held ended now, and stays on record.")


def set_value(folder: Path | None, name: str, value: str, *, by: str | None, why: str) -> None:
    """Keep the value of a setting, given as YAML."""
    with opened(folder) as register:
        login = user_office(register, by)
        register.set(name, _yaml(value, f"The value of {name}"), by=login, why=why)
    typer.echo(f"Set {name}.")


def upgrade_register(folder: Path | None, *, by: str | None, why: str) -> None:
    """Bring an older register to the present revision; whoever owns it may.

    The role cannot be asked for: what is too old to be read does not say who holds it.
    """
    place = office_place(home_folder(folder))
    if isinstance(place, Path) and place.exists() and place.stat().st_uid != os.geteuid():
        raise PermissionError(
            f"The register {place} belongs to another account. Nothing was changed: have its "
            "owner upgrade it."
        )
    upgrade(place)
    with opened(folder) as register:
        register.note("upgraded", "register", "register", by=by or account(), why=why)
        typer.echo(f"The register {register.place} is of the present revision.")


def _read(file: str) -> str:
    if file == "-":
        return sys.stdin.read()
    try:
        return Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(
            f"The file {file} cannot be read ({error}); give a text file, or - for what is piped "
            "in."
        ) from None


def _yaml(text: str, what: str) -> Any:
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        raise ValueError(f"{what} is no YAML ({error}); correct it there.") from None


def _known(kind: str) -> str:
    if kind not in KINDS:
        raise ValueError(
            f"The register keeps no entries of kind {kind!r}; give one of {', '.join(KINDS)}."
        )
    return kind


def _parts(register: Register) -> dict[str, Any]:
    return yaml.safe_load(export_yaml(register)) or {}


def _held(register: Register, kind: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the entries of one kind, plain and in Japan's time, each with its id."""
    held = _in_japan(_parts(register).get(KINDS[kind][0], []))
    if kind == "setting":
        return [(name, {"name": name, "value": value}) for name, value in dict(held).items()]
    return [(_id(kind, entry), entry) for entry in held]


def _id(kind: str, entry: Mapping[str, Any]) -> str:
    """Return the id of an entry; a duty has its person, station and start for one."""
    names = ("person_id", "station", "starts") if kind == "duty" else ("id",)
    return _in_japan("/".join(str(entry.get(name, "")) for name in names))


def _in_japan(value: Any) -> Any:
    """Return a plain value with its instants as a person in Japan reads them.

    >>> _in_japan({"ends": "2027-01-31T23:00:00+00:00"})
    {'ends': '2027-02-01T08:00:00+09:00'}
    """
    if isinstance(value, str):
        return _INSTANT.sub(lambda found: _japanese(found.group()), value)
    if isinstance(value, list):
        return [_in_japan(item) for item in value]
    if isinstance(value, dict):
        return {name: _in_japan(item) for name, item in value.items()}
    return value


def _japanese(instant: str) -> str:
    return datetime.fromisoformat(instant).astimezone(JST).isoformat()


def _cell(name: str, value: Any) -> str:
    """Return a field for a list: how many of what is many, the first of what is in time."""
    if value is None:
        return "-"
    if name == "slots":
        more = f" and {len(value) - 1} more" if len(value) > 1 else ""
        return f"{value[0]['starts']} to {value[0]['ends']}{more}"
    if name == "roles":
        return ", ".join(grant["name"] for grant in value)
    if name in ("members", "team"):
        return str(len(value))
    return str(value)
