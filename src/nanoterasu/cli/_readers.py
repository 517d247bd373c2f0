"""Asking a running Tiled server, as each reader, whether a run can be found or fetched."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import httpx

from nanoterasu.records import TiledHome, reader_key

ANONYMOUS = "anonymous"
WAYS: tuple[str, ...] = ("list", "search", "open", "fetch")
_PAGE = 300  # entries of a list in one answer, the most that Tiled gives
_PATIENCE = 30.0  # s


@dataclass(frozen=True, slots=True)
class Target:
    """What a reader tries to reach; somebody who guesses is granted to know all of it.

    Attributes
    ----------
    uid
        Of the run.
    tag
        Access group that holds it.
    data
        Path of a column or an array below the run; empty when it holds none.
    """

    uid: str
    tag: str
    data: str = ""


def target(home: TiledHome, uid: str, tag: str) -> Target:
    """Return the run with something to fetch from it, which the shipping service shows."""
    with _client(home.uri()) as ask:
        _speak_as(ask, home.key())
        return Target(uid, tag, _first_data(ask, f"{tag}/{uid}"))


def ask_as_each(home: TiledHome, logins: Iterable[str], what: Target) -> dict[str, dict[str, bool]]:
    """Ask the server that runs on ``home`` as each login, and as a stranger.

    Parameters
    ----------
    home
        Its owner asks, with keys that are made for it and end with it.
    logins
        Whose eyes to borrow; the stranger's are added.
    what
        What to look for.

    Returns
    -------
    dict
        For each login, and ``"anonymous"``, whether each of `WAYS` is open.

    Raises
    ------
    nanoterasu.records.TiledError
        When no server runs.
    """
    found = {}
    with _client(home.uri()) as ask:
        for login in [*logins, ANONYMOUS]:
            # A stranger has no key.
            key = nullcontext(None) if login == ANONYMOUS else reader_key(home, login)
            with key as secret:
                _speak_as(ask, secret)
                found[login] = _ways(ask, what)
    return found


def agreed(found: Mapping[str, Mapping[str, bool]]) -> tuple[list[str], list[str]]:
    """Return the logins to whom every way is open, and those to whom none is.

    Raises
    ------
    RuntimeError
        If some ways are open to a reader and others are not: then the wall has a hole.
    """
    for login, ways in found.items():
        if len(set(ways.values())) > 1:
            reached = ", ".join(way for way, is_open in ways.items() if is_open)
            barred = ", ".join(way for way, is_open in ways.items() if not is_open)
            raise RuntimeError(
                f"{login} can reach the run by {reached} but not by {barred}: the access tags do "
                "not agree. Stop the server, and have its developers look."
            )
    readers = [login for login, ways in found.items() if all(ways.values())]
    return readers, [login for login in found if login not in readers]


def _client(uri: str) -> httpx.Client:
    # The server is on this machine; certificates take longer to load than it takes to answer.
    return httpx.Client(base_url=uri, timeout=_PATIENCE, verify=False, trust_env=False)


def _speak_as(ask: httpx.Client, key: str | None) -> None:
    """Carry this key from now on, and nothing of whoever asked before."""
    ask.cookies.clear()
    ask.headers.pop("Authorization", None)
    if key is not None:
        ask.headers["Authorization"] = f"Apikey {key}"


def _ways(ask: httpx.Client, what: Target) -> dict[str, bool]:
    """Return each way to the run, with whether it is open."""
    run = f"{what.tag}/{what.uid}"
    by_uid = {
        "filter[eq][condition][key]": "start.uid",
        "filter[eq][condition][value]": json.dumps(what.uid),
    }
    return {
        "list": _listed(ask, what),
        "search": bool(_entries(ask, f"/search/{what.tag}", by_uid)),
        "open": _is_open(ask, f"/metadata/{run}", {}),
        "fetch": _is_open(ask, f"/metadata/{run}", {"fields": ""})
        if not what.data
        else _is_open(ask, f"/array/full/{what.data}", {"format": "application/json"}),
    }


def _listed(ask: httpx.Client, what: Target) -> bool:
    """Return whether the run is met by walking from the root, page after page."""
    page: dict[str, Any] = {"fields": "", "page[limit]": _PAGE}
    if what.tag not in _walk(ask, "/search/", page):
        return False
    return what.uid in _walk(ask, f"/search/{what.tag}", page)


def _walk(ask: httpx.Client, path: str, page: dict[str, Any]) -> set[str]:
    keys: set[str] = set()
    while more := _entries(ask, path, page | {"page[offset]": len(keys)}):
        before = len(keys)
        keys.update(entry["id"] for entry in more)
        if len(more) < _PAGE or len(keys) == before:
            break
    return keys


def _entries(ask: httpx.Client, path: str, query: dict[str, Any]) -> list[dict[str, Any]]:
    answer = ask.get(path, params=query)
    return answer.json()["data"] if _opens(answer) else []


def _is_open(ask: httpx.Client, path: str, query: dict[str, Any]) -> bool:
    return _opens(ask.get(path, params=query))


def _opens(answer: httpx.Response) -> bool:
    """Return whether the answer gives what was asked for, and not that there is no such thing."""
    if answer.status_code in (HTTPStatus.NOT_FOUND, HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
        return False
    answer.raise_for_status()
    return True


def _first_data(ask: httpx.Client, path: str) -> str:
    """Return the path of the first column or array below ``path``; empty when there is none."""
    for entry in _entries(ask, f"/search/{path}", {}):
        below, about = f"{path}/{entry['id']}", entry["attributes"]
        family = about["structure_family"]
        if family == "array":
            return below
        if family == "table":
            return f"{below}/{about['structure']['columns'][0]}"
        if family == "container" and (found := _first_data(ask, below)):
            return found
    return ""
