"""Publishing a run, or moving it to another unit: by a data steward, with a reason, journalled."""

from __future__ import annotations

from pathlib import Path

import typer

from nanoterasu.facility import PUBLIC_TAG
from nanoterasu.office import Register
from nanoterasu.records import TiledHome, move
from nanoterasu.session import home_folder

from ._acting import data_steward, now, opened
from ._group import group_of

BEGUN, DONE, FAILED = "began to", "did", "failed to"


def publish_run(
    folder: Path | None, uid: str, *, by: str | None, why: str, consent: str | None
) -> None:
    """Make a run readable by everybody, also without a login.

    Raises
    ------
    PermissionError
        When it belongs to a unit whose topic is not cooperative, and nobody says who of its owner
        consented.
    """
    with opened(folder) as register:
        login = data_steward(register, by)
        home = home_folder(folder)
        _owned_by_all(register, group_of(home, uid), uid, consent)
        _act(register, home, uid, PUBLIC_TAG, login, why, consent=consent)
    typer.echo(f"Run {uid} is public: everybody reads it, also without a login.")


def move_run(folder: Path | None, uid: str, unit_id: str, *, by: str | None, why: str) -> None:
    """Give a run, and all below it, to another unit."""
    with opened(folder) as register:
        login = data_steward(register, by)
        tag = register.unit(unit_id).tag
        home = home_folder(folder)
        # A unit that is new has its container only once the roster was compiled.
        TiledHome(home).compile_tags(register.roster(now()))
        _act(register, home, uid, tag, login, why)
        readers = ", ".join(register.roster(now()).readers([tag])) or "nobody"
    typer.echo(f"Run {uid} belongs to unit {unit_id}: readable by {readers}.")


def unfinished(register: Register, uid: str) -> str | None:
    """Return what was begun with a run and not ended, in words; None when nothing was."""
    begun = None
    for entry in register.journal("run", uid):
        if entry.what.startswith(BEGUN):
            begun = entry
        elif begun is not None and entry.what.startswith((DONE, FAILED)):
            begun = None
    return None if begun is None else f"{begun.by} {begun.what} ({begun.why})"


def _owned_by_all(register: Register, tag: str, uid: str, consent: str | None) -> None:
    """Refuse to publish what a competitor may not see, unless its owner consented by name."""
    if consent or not tag.startswith("unit-"):
        return
    unit = register.unit(tag.removeprefix("unit-"))
    if unit.domain != "cooperative":
        raise PermissionError(
            f"Run {uid} belongs to unit {unit.id}, whose topic is {unit.domain or 'competitive'}: "
            "its results are its owner's alone. Nothing was changed. If the owner wants them "
            'public, say who of them consented and when: --consent "NAME, DATE".'
        )


def _act(
    register: Register,
    home: Path,
    uid: str,
    to_tag: str,
    login: str,
    why: str,
    consent: str | None = None,
) -> None:
    """Move a run, with a line in the journal before and one after.

    A crash between them leaves the first alone, which `unfinished` finds; to do it again is safe.
    """
    from_tag = group_of(home, uid)
    act = "publish" if to_tag == PUBLIC_TAG else "move"
    if cut_short := unfinished(register, uid):
        typer.echo(f"An earlier act was cut short: {cut_short}. It is done again now.", err=True)
    way = {"from": from_tag, "to": to_tag}
    if consent:
        way["consent"] = consent

    def note(stage: str, **details: object) -> None:
        register.note(f"{stage} {act}", "run", uid, by=login, why=why, details=way | details)

    note(BEGUN)
    try:
        moved = move(home, uid, to_tag)
    except Exception as error:
        note(FAILED, error=str(error))
        raise
    note(DONE, entries=moved.entries)
