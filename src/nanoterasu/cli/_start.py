"""Opening IPython at the endstation."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import typer

from nanoterasu.records import Shipper, TiledServer
from nanoterasu.session import begin, home_folder

from ._serve import prepare_example


def run_start(
    beamline: str,
    *,
    twin: bool,
    beamtime: str | None,
    operator: str | None,
    speed: float,
    folder: Path | None,
) -> None:
    """Begin a session and hand it to IPython; on a twin, start what it needs as well."""
    from IPython import start_ipython
    from traitlets.config import Config

    home = home_folder(folder)
    with ExitStack() as stack:
        if twin:
            operator = operator or os.environ.get("NANOTERASU_OPERATOR") or "alpha-member"
            _serve_twin(stack, beamline, home, speed)
        session = begin(beamline, beamtime=beamtime, operator=operator, home=home)
        stack.callback(session.close)
        if twin:
            stack.enter_context(Shipper(session.spool_folder, home))
        settings = Config()
        settings.TerminalIPythonApp.display_banner = False
        # What one party types must not be found by the next one at this station.
        settings.HistoryManager.enabled = False
        start_ipython(argv=[], user_ns=session.namespace(), config=settings)


def _serve_twin(stack: ExitStack, beamline: str, home: Path, speed: float) -> None:
    from nanoterasu.twin import TwinProcess

    stack.enter_context(TwinProcess(beamline.upper(), home=home, speed=speed))
    passwords = prepare_example(home)
    server = stack.enter_context(TiledServer(home))
    # So that connect() at the prompt reads as the operator does.
    os.environ["NANOTERASU_DIR"] = str(home)
    typer.echo(
        f"Tiled: {server.uri} (logins: {', '.join(passwords)}; passwords in {home / 'keys'})"
    )
