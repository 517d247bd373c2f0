"""Options that several commands share, in the words of their help."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Dir = Annotated[
    Path | None,
    typer.Option("--dir", help="Folder of the system. [NANOTERASU_DIR, or your account's own]"),
]
By = Annotated[
    str | None, typer.Option("--by", help="Login of who does it. [that of your account]")
]
Why = Annotated[str, typer.Option("--why", help="The reason; the journal keeps it.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of lines.")]
Beamtime = Annotated[str, typer.Argument(help="Id of the beamtime, as BT-0001.")]
RunUid = Annotated[str, typer.Argument(metavar="UID", help="Of the run, in full.")]
