"""Opening IPython at the endstation."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import typer

from nanoterasu.facility import rules
from nanoterasu.session import begin, home_folder

from ._serve import LOGINS, ship
from ._twin import serve_example, start_twin


def station_code(text: str) -> str:
    """Return the code of a station.

    Raises
    ------
    LookupError
        When the facility has no such station.
    """
    known = sorted(rule.scope["station"] for rule in rules("stations"))
    for code in known:
        if code.lower() == text.lower():
            return code
    raise LookupError(f"There is no station {text!r}; give one of {', '.join(known)}.")


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
    from IPython.terminal.ipapp import TerminalIPythonApp
    from traitlets.config import Config

    home, code = home_folder(folder), beamline.upper()
    settings = Config()
    settings.TerminalIPythonApp.display_banner = False
    # What one party types must not be found by the next one at this station.
    settings.HistoryManager.enabled = False
    with ExitStack() as stack:
        if twin:
            operator = operator or os.environ.get("NANOTERASU_OPERATOR") or "alpha-member"
            start_twin(stack, code.partition("-")[0], home, speed=speed, sample="Fe")
            uri, logins = serve_example(stack, home)
            # So that connect() at the prompt reads as the operator does.
            os.environ["NANOTERASU_DIR"] = str(home)
            typer.echo(f"Tiled: {uri} ({len(logins)} logins with passwords in {home / LOGINS})")
        # Before the session, which sets how errors are shown at the prompt that it finds.
        prompt = TerminalIPythonApp.instance(config=settings)
        prompt.initialize(argv=[])
        session = begin(code, beamtime=beamtime, operator=operator, home=home)
        stack.callback(session.close)
        if twin:
            ship(stack, session.spool_folder, home)
        assert prompt.shell is not None
        prompt.shell.push(session.namespace())
        prompt.start()
