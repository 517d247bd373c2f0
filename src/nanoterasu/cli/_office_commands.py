"""What each command of ``nanoterasu office`` does, in the words of its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import AsJson, By, Dir, Why

office = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # as for all commands
    help="The office's register: who is who, whose time it is, and what was decided.",
)

_KINDS = "organisation, person, duty, contract, unit, proposal, booking, beamtime or setting"
Kind = Annotated[str, typer.Argument(help=f"One of {_KINDS}.")]
Id = Annotated[str, typer.Argument(help="Of the entry; of a duty PERSON/STATION/START.")]
File = Annotated[str, typer.Argument(help="YAML, or - for what is piped in.")]


@office.command("import")
def import_(file: File, why: Why, by: By = None, folder: Dir = None) -> None:
    """Keep what a file holds, all or nothing; make the register where there is none."""
    from ._entries import import_file

    import_file(folder, file, by=by, why=why)


@office.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="Where to. [printed]")] = None,
    folder: Dir = None,
) -> None:
    """Write everything but ledger and journal as YAML, as import takes it."""
    from ._entries import export_file

    export_file(folder, file)


@office.command()
def add(
    kind: Kind,
    file: File,
    why: Why,
    replace: Annotated[
        bool, typer.Option("--replace", help="Let it take the place of the one with its id.")
    ] = False,
    by: By = None,
    folder: Dir = None,
) -> None:
    """Keep one entry, given as YAML."""
    from ._entries import add_entry

    add_entry(folder, kind, file, replace=replace, by=by, why=why)


@office.command("list")
def list_(kind: Kind, as_json: AsJson = False, folder: Dir = None) -> None:
    """Print the entries of one kind, a line each."""
    from ._entries import list_entries

    list_entries(folder, kind, as_json=as_json)


@office.command()
def show(kind: Kind, id_: Id, as_json: AsJson = False, folder: Dir = None) -> None:
    """Print one entry, as add takes it."""
    from ._entries import show_entry

    show_entry(folder, kind, id_, as_json=as_json)


@office.command()
def close(kind: Kind, id_: Id, why: Why, by: By = None, folder: Dir = None) -> None:
    """End now what an entry holds; nothing of it is forgotten."""
    from ._entries import close_entry

    close_entry(folder, kind, id_, by=by, why=why)


@office.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="Of the setting, as booking_policy.")],
    value: Annotated[str, typer.Argument(help="As YAML.")],
    why: Why,
    by: By = None,
    folder: Dir = None,
) -> None:
    """State what the facility must decide and no source says."""
    from ._entries import set_value

    set_value(folder, name, value, by=by, why=why)


@office.command()
def journal(
    kind: Annotated[str | None, typer.Argument(help="Of entry, or run. [all]")] = None,
    id_: Annotated[str | None, typer.Argument(help="Of the entry. [all of the kind]")] = None,
    as_json: AsJson = False,
    folder: Dir = None,
) -> None:
    """Print who did what, when and why; it only grows."""
    from ._journal import say_journal

    say_journal(folder, kind, id_, as_json=as_json)


@office.command()
def upgrade(why: Why, by: By = None, folder: Dir = None) -> None:
    """Bring an older register to the present revision; make a copy of it first."""
    from ._entries import upgrade_register

    upgrade_register(folder, by=by, why=why)
