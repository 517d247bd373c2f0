"""Asking a running Tiled server, as each reader, whether a run can be found or fetched."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from nanoterasu.records import connect

ANONYMOUS = "anonymous"


def who_can_read(
    uri: str, passwords: Mapping[str, str], run_uid: str, tag: str
) -> tuple[list[str], list[str]]:
    """Return the logins that can read a run and those that cannot, by trying as each.

    A reader is denied when every way is closed: listing, searching, counting, opening by uid
    and fetching by a guessed address.

    Parameters
    ----------
    uri
        Of the server.
    passwords
        Login to password; the anonymous reader is tried as well.
    run_uid
        Of the run.
    tag
        Access group that holds it: a rival who guesses knows both.

    Raises
    ------
    RuntimeError
        If some ways are open to a reader and others are not: then the wall has a hole.
    """
    readable: list[str] = []
    denied: list[str] = []
    for login in [*passwords, ANONYMOUS]:
        ways = _ways(uri, login, passwords.get(login), run_uid, tag)
        if len(set(ways.values())) > 1:
            raise RuntimeError(
                f"{login} can reach run {run_uid[:8]} by {[w for w, o in ways.items() if o]} but "
                f"not by {[w for w, o in ways.items() if not o]}: the access tags do not agree."
            )
        (readable if all(ways.values()) else denied).append(login)
    return readable, denied


def _ways(uri: str, login: str, password: str | None, run_uid: str, tag: str) -> dict[str, bool]:
    """Return each way to the run, with whether it is open to ``login``."""
    # An empty name reads as a stranger, without being asked for one.
    name = login if password is not None else ""
    catalog = connect(uri, username=name, password=password)
    try:
        opened = catalog[run_uid].uid == run_uid
    except KeyError:
        opened = False
    guessed = catalog.tiled.context.http_client.get(f"{uri}/metadata/{tag}/{run_uid}")
    return {
        "list": run_uid in {run.uid for run in catalog},
        "search": bool(len(catalog.search(uid=run_uid))),
        "open": opened,
        "fetch": guessed.status_code == HTTPStatus.OK,
    }
