"""One request, and what its answer tells."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import httpx

from .canaries import Target, sighted
from .principals import Principal
from .routes import Route

# Differ from one answer to the next whatever was asked: when, how long, and a random name.
_OF_THE_MOMENT = frozenset({"date", "expires", "x-tiled-request-id"})


@dataclass(slots=True)
class Tally:
    """What was tried, for the last line of the tests."""

    principals: set[str] = field(default_factory=set)
    routes: set[str] = field(default_factory=set)
    runs: set[str] = field(default_factory=set)
    requests: int = 0
    leaks: list[str] = field(default_factory=list)
    sightings: int = 0

    def line(self) -> str:
        """Return the counts in one line."""
        return (
            f"{len(self.principals)} principals x {len(self.routes)} routes x "
            f"{len(self.runs)} runs: {self.requests} requests, {len(self.leaks)} leaks "
            f"(owners saw their canaries {self.sightings} times)"
        )


@dataclass(frozen=True, slots=True)
class Probe:
    """One way of asking for a target.

    Attributes
    ----------
    route
        As in the table: ``METHOD /path/{path}``.
    rest
        In place of what the path leaves open, with the query.
    """

    route: str
    rest: str
    body: object = None

    def ask(self, principal: Principal, target: Target) -> httpx.Response:
        """Send the request that aims at ``target``."""
        method, path = self.route.split(" ", 1)
        address = _aim(_fill(path, self.rest), target.words())
        body = None if self.body is None else _aim(json.dumps(self.body), target.words())
        headers = {} if body is None else {"Content-Type": "application/json"}
        if method in ("MOUNT", "WEBSOCKET"):
            method = "GET"
        principal.http.cookies.clear()
        return principal.http.request(method, address, content=body, headers=headers)

    def aims_at(self, target: Target) -> bool:
        """Return whether the request depends on ``target``, and on it by its words alone."""
        written = f"{self.rest}{json.dumps(self.body)}"
        return any(f"{{{name}}}" in written for name in target.words()) and (
            target.tag not in written
        )

    def __str__(self) -> str:
        return f"{self.route} with {self.rest!r}"


def probes(routes: Mapping[str, Route]) -> Iterator[Probe]:
    """Yield every probe of ``routes``."""
    for name, route in routes.items():
        for rest in route.probes:
            yield Probe(name, rest, route.body)


def told(answer: httpx.Response, target: Target) -> tuple[int, tuple[tuple[str, str], ...], bytes]:
    """Return status, headers and body, with what the request itself named blotted out."""
    body = answer.content
    blotted = dict(answer.headers)
    for name, word in target.words().items():
        body = body.replace(word.encode(), f"<{name}>".encode())
        blotted = {key: value.replace(word, f"<{name}>") for key, value in blotted.items()}
    # When the asker's own key was last used: a moment ago.
    body = re.sub(rb'"latest_activity":"[^"]*"', b"", body)
    # The names of what was timed stay, the times go; an etag is a sum over the body as it was.
    for key, pattern in (("server-timing", r"dur=[0-9.e-]+"), ("etag", r"[0-9a-f]{16,}")):
        if key in blotted:
            blotted[key] = re.sub(pattern, "", blotted[key])
    if cookie := blotted.get("set-cookie"):
        blotted["set-cookie"] = re.sub(r"=[^;]*", "=", cookie)
    headers = {key: value for key, value in blotted.items() if key not in _OF_THE_MOMENT}
    return answer.status_code, tuple(sorted(headers.items())), body


def foreign_words(answer: httpx.Response, targets: Iterable[Target]) -> list[str]:
    """Return the words of ``targets`` that ``answer`` tells and its request did not name."""
    asked = str(answer.request.url).encode() + answer.request.read()
    heard = answer.content + repr(answer.headers.raw).encode()
    found = []
    for target in targets:
        if target.canary.encode() not in asked and sighted([target.canary], heard):
            found.append(f"the canary of {target.tag}")
        for word in (target.uid, target.tag):
            if re.search(rb"(?<![\w-])" + word.encode(), heard) and word.encode() not in asked:
                found.append(f"{word} of {target.tag}")
    return found


def _fill(path: str, rest: str) -> str:
    """Put ``rest`` where ``path`` has its first open place, and what is plain into the others."""
    before, query = rest.split("?", 1) if "?" in rest else (rest, "")
    filled = re.sub(r"\{[a-z_]+\}", lambda _: before, path, count=1)
    if filled == path:
        filled = path + before
    filled = filled.replace("{block}", "0/0/0")
    return f"{filled}?{query}" if query else filled


def _aim(text: str, words: Mapping[str, str]) -> str:
    for name, word in words.items():
        text = text.replace(f"{{{name}}}", word)
    return text
