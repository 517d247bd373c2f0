"""What the commands about who reads a run do, in the words of their help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from ._options import AsJson, By, Dir, RunUid, Why


def publish(
    uid: RunUid,
    why: Why,
    consent: Annotated[
        str | None,
        typer.Option(help="Who of the owner agreed, and when; for a topic that is competitive."),
    ] = None,
    by: By = None,
    folder: Dir = None,
) -> None:
    """Make a run readable by everybody; takes a data steward."""
    from ._steward import publish_run

    publish_run(folder, uid, by=by, why=why, consent=consent)


def move(
    uid: RunUid,
    to: Annotated[str, typer.Option(help="Id of the unit that it belongs to from now on.")],
    why: Why,
    by: By = None,
    folder: Dir = None,
) -> None:
    """Give a run to another unit; takes a data steward."""
    from ._steward import move_run

    move_run(folder, uid, to, by=by, why=why)


def who_can_read(uid: RunUid, as_json: AsJson = False, folder: Dir = None) -> None:
    """Print who can read a run and why, and prove it by asking the server as each of them."""
    from ._proof import say_who_can_read

    say_who_can_read(folder, uid, as_json=as_json)


def audit(uid: RunUid, as_json: AsJson = False, folder: Dir = None) -> None:
    """Print who read a run, when, and what."""
    from ._trail import say_audit

    say_audit(folder, uid, as_json=as_json)


WALL: dict[str, Callable[..., Any]] = {
    "publish": publish,
    "move": move,
    "who-can-read": who_can_read,
    "audit": audit,
}
