"""Serving the catalog of a home, and shipping what its spools hold."""

from __future__ import annotations

import json
import secrets
import signal
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from datetime import datetime
from pathlib import Path
from types import FrameType

import typer

from nanoterasu.facility import JST, Roster
from nanoterasu.office import Register, example_house, office_place
from nanoterasu.records import Shipper, SpoolBusy, TiledHome, TiledServer
from nanoterasu.session import home_folder

from ._follow import follow, roster_now

_NEW_SPOOLS = 2.0  # s between looks
LOGINS = Path("keys") / "example-logins.json"


def prepare(home: Path, passwords: Mapping[str, str] | None = None) -> Roster:
    """Make Tiled's part of ``home`` obey the office's register as it is now; return its roster.

    Raises
    ------
    FileNotFoundError
        If there is no register.
    """
    try:
        roster = roster_now(home)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no office at {office_place(home)}, so nobody is known who could read or "
            "measure. Give the folder of a running system with --dir, have the user office set "
            "one up with 'nanoterasu office import', or fill this one with the example: "
            f"nanoterasu demo --dir {home}"
        ) from None
    TiledHome(home).prepare(roster, passwords)
    return roster


def prepare_example(home: Path) -> tuple[dict[str, str], Roster]:
    """Fill ``home`` with the example house of the twin; return its passwords by login, and roster.

    The passwords are made once and kept in a file of mode 0600, so that a person can log in as
    the owner or as the rival and look.

    Raises
    ------
    ValueError
        If the office of ``home`` knows other people: the example's staff could read their runs.
    """
    with Register(office_place(home), create=True) as register:
        if any(not person.id.startswith("EX-") for person in register.people()):
            raise ValueError(
                f"The office at {register.place} is not the example's: it knows people of its own, "
                "whose runs the example's staff could read. Nothing was changed. Give the twin a "
                "folder of its own with --dir, or start it beside with: nanoterasu twin"
            )
        example_house(register, datetime.now(JST))
        logins = sorted(person.login for person in register.people())
    path = home / LOGINS
    known: dict[str, str] = json.loads(path.read_text()) if path.exists() else {}
    passwords = {login: known.get(login) or secrets.token_urlsafe(9) for login in logins}
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(passwords, indent=1))
    return passwords, prepare(home, passwords)


def ship(stack: ExitStack, spool: Path, home: Path) -> None:
    """Ship from ``spool`` until ``stack`` ends, unless another process, as a `serve`, does."""
    with suppress(SpoolBusy):
        stack.enter_context(Shipper(spool, home))


def ship_new(stack: ExitStack, home: Path, shipping: set[Path]) -> None:
    """Start a shipper for each spool of ``home`` not in ``shipping`` yet; ``stack`` ends it."""
    for spool in sorted(path.parent for path in home.glob("spool/*/spool.sqlite")):
        if spool not in shipping:
            ship(stack, spool, home)
            shipping.add(spool)


def run_follow(folder: Path | None) -> None:
    """Let the catalog obey the office until SIGINT or SIGTERM, without serving it."""
    home = home_folder(folder)
    roster = prepare(home)
    stop = _told_to_end()
    with ExitStack() as stack:
        follow(stack, home, roster)
        typer.echo(f"The catalog of {home} obeys the office. Ctrl-C ends it.")
        stop.wait()


def _told_to_end() -> threading.Event:
    """Return what SIGINT and SIGTERM set from now on."""
    stop = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        stop.set()

    for ending in (signal.SIGINT, signal.SIGTERM):
        signal.signal(ending, end)
    return stop


def run_serve(folder: Path | None, port: int) -> None:
    """Serve until SIGINT or SIGTERM."""
    home = home_folder(folder)
    roster = prepare(home)
    stop = _told_to_end()
    with ExitStack() as stack:
        server = stack.enter_context(TiledServer(home, port))
        follow(stack, home, roster)
        shipping: set[Path] = set()
        ship_new(stack, home, shipping)
        typer.echo(f"Tiled serves {home} at {server.uri}; shipping from {len(shipping)} spool(s).")
        if (home / LOGINS).exists():
            typer.echo(f"Logins of the example house with their passwords: {home / LOGINS}")
        typer.echo("Ctrl-C ends it.")
        # A station that measures for the first time has its spool only then.
        while not stop.wait(_NEW_SPOOLS):
            ship_new(stack, home, shipping)
