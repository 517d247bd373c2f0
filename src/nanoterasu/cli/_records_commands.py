"""What each command of ``nanoterasu records`` does, in the words of its help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ._options import AsJson, Dir

records = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,  # as for all commands
    help="The documents that were measured: where they are, and whether Tiled holds them all.",
)

Station = Annotated[str | None, typer.Option(help="Of one station alone, as BL13U. [all]")]


@records.command()
def status(station: Station = None, as_json: AsJson = False, folder: Dir = None) -> None:
    """Print what is in each spool, who writes and ships, and what waits."""
    from ._records import say_status

    say_status(folder, station, as_json=as_json)


@records.command()
def verify(station: Station = None, as_json: AsJson = False, folder: Dir = None) -> None:
    """Compare the spools with Tiled, field by field; exit status 1 if something differs."""
    from ._records import say_verify

    say_verify(folder, station, as_json=as_json)


@records.command()
def replay(
    station: Station = None,
    run: Annotated[str | None, typer.Option(help="Uid of one run alone, in full. [all]")] = None,
    to: Annotated[
        str | None, typer.Option(help="Address of a second Tiled. [the one that runs here]")
    ] = None,
    key_file: Annotated[
        Path | None, typer.Option(help="Holds the shipping key of the second Tiled. [ours]")
    ] = None,
    as_json: AsJson = False,
    folder: Dir = None,
) -> None:
    """Send again from the spools what Tiled lacks or holds differently; each run exactly once."""
    from ._records import say_replay

    say_replay(folder, station, run, to, key_file, as_json=as_json)


@records.command()
def retire(
    older_than: Annotated[float, typer.Option(help="Days since a run's last document.")] = 30.0,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be deleted, and delete nothing.")
    ] = False,
    station: Station = None,
    as_json: AsJson = False,
    folder: Dir = None,
) -> None:
    """Delete from the spools what is verified and old; never what is not verified."""
    from ._records import say_retire

    say_retire(folder, station, older_than, dry_run=dry_run, as_json=as_json)
