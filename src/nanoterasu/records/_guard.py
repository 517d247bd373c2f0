"""What stands in front of Tiled: requests that are not needed never reach it.

Tiled 0.2.20 serves more than this house uses, and some of it tells more than it should: raw
assets leave their directory, a websocket on a shared parent tells every child's metadata, the web
page serves any file of the server's account.  So the guard lists what may pass and refuses the
rest, with the answer that Tiled gives for an entry that does not exist.

What passes is answered without tag names, file paths and error texts of Tiled's insides
(`_answers`), and no answer that carries something of a run leaves before the audit trail knows of
it (`_audit`).  A trail that cannot be written stops all reading.
"""

from __future__ import annotations

import asyncio
import hmac
import logging
import re
import traceback
from collections.abc import Sequence
from typing import Protocol

from ._answers import Way, looks_of, packed, reader_of, strip, unpacked, way_of
from ._asgi import App, Message, Receive, Send, answer_with, given_again, whole_body
from ._audit import Look
from ._cursors import Cursors
from ._demands import objection, objection_to_body

logger = logging.getLogger(__name__)

_READ = frozenset({"GET", "HEAD"})
_SAFE = _READ | {"OPTIONS"}
_OPEN: tuple[tuple[frozenset[str], str], ...] = (
    (_SAFE, r"/healthz"),
    (_SAFE, r"/api/v1/?"),
    (_SAFE, r"/api/v1/(search|distinct)/.*"),
    (_SAFE | {"POST", "PUT", "PATCH", "DELETE"}, r"/api/v1/metadata/.*"),
    (_SAFE | {"PUT", "PATCH"}, r"/api/v1/(array|ragged)/(full|block)/.*"),
    (_SAFE | {"POST", "PUT", "PATCH"}, r"/api/v1/table/(full|partition)/.*"),
    # Of a run or below: a whole group in one answer is more than the trail can name.
    (_SAFE | {"POST"}, r"/api/v1/container/full/+[^/]+/+[^/].*"),
    (frozenset({"DELETE"}), r"/api/v1/stream/close/.*"),
    (_SAFE | {"POST"}, r"/api/v1/auth/provider/[a-z]+/token"),
    (_SAFE | {"POST"}, r"/api/v1/auth/session/(refresh|revoke)"),
    (_SAFE | {"POST", "DELETE"}, r"/api/v1/auth/apikey"),
    (_SAFE | {"POST"}, r"/api/v1/auth/(whoami|logout)"),
)
# For the shipping service's own key alone: whoever registers a file reads it.
_OF_THE_SERVICE: tuple[tuple[frozenset[str], str], ...] = (
    (frozenset({"POST"}), r"/api/v1/register/+[^/]+/+[^/].*"),
    (frozenset({"PUT"}), r"/api/v1/data_source/+[^/]+/+[^/].*"),
)
_JUDGED = frozenset({"metadata", "register", "apikey"})  # by their bodies
# How long each check took tells whether there was something to check.
_TELLTALE = frozenset({b"server-timing"})


class Trail(Protocol):
    """Where the guard notes who reads what."""

    def note(self, looks: Sequence[Look]) -> None:
        """Write ``looks`` durably, or raise."""
        ...


class Guard:
    """ASGI application that lets through to ``app`` what is listed, and nothing else.

    Parameters
    ----------
    app
        The Tiled application.
    trail
        Takes a row for each answer that carries something of a run.
    cursors
        Encrypts the marks between the pages of a list.
    service_key
        That of the shipping service, which alone registers files; nobody does without it.
    """

    def __init__(
        self, app: App, trail: Trail, cursors: Cursors, service_key: str | None = None
    ) -> None:
        self._app = app
        self._trail = trail
        self._cursors = cursors
        self._key = service_key
        self._open = [(methods, re.compile(path)) for methods, path in _OPEN]
        self._for_service = [(methods, re.compile(path)) for methods, path in _OF_THE_SERVICE]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            service = self._shows_the_key(scope)
            if self.lets_through(scope["method"], scope["path"], service=service):
                await self._serve(scope, receive, send)
            else:
                await answer_with(send, 404, "Not Found")
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4003})

    def lets_through(self, method: str, path: str, *, service: bool = False) -> bool:
        """Return whether a request may reach Tiled.

        Parameters
        ----------
        method
            Of HTTP.
        path
            As Tiled will see it, that is with its escapes resolved.
        service
            Whether the shipping service asks.
        """
        if "\\" in path or "\0" in path or ".." in path.split("/"):
            return False
        ways = self._open + self._for_service if service else self._open
        return any(method in methods and way.fullmatch(path) for methods, way in ways)

    def _shows_the_key(self, scope: Message) -> bool:
        """Return whether a request carries the shipping service's key, and no other."""
        shown = [value for name, value in scope["headers"] if name == b"authorization"]
        if self._key is None or len(shown) != 1:
            return False
        kind, _, secret = shown[0].partition(b" ")
        return kind.lower() == b"apikey" and hmac.compare_digest(secret, self._key.encode())

    async def _serve(self, scope: Message, receive: Receive, send: Send) -> None:
        way = way_of(scope["path"])
        if refused := objection(scope):
            await answer_with(send, *refused)
            return
        if scope["method"] in ("POST", "PUT", "PATCH") and way.route in _JUDGED:
            body = await whole_body(receive)
            if refused := objection_to_body(way, body):
                await answer_with(send, *refused)
                return
            receive = given_again(body, receive)
        if way.whole:  # is read here before it leaves, and so must come uncompressed
            headers = [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]
            query = self._cursors.open_query(scope["query_string"])
            if query is None:
                await answer_with(send, 400, "This page is unknown. List from the beginning again.")
                return
            scope = {**scope, "headers": headers, "query_string": query}
        scope["state"] = dict(scope.get("state") or {})  # Tiled leaves the principal here
        answer = _Answer(scope, way, self._trail, self._cursors, send)
        try:
            await self._app(scope, receive, answer.take)
        except Exception as error:  # noqa: BLE001 - its text names what was asked for
            frames = "".join(traceback.format_tb(error.__traceback__))
            logger.error("Tiled failed on %s: %s\n%s", way.route, type(error).__name__, frames)
            await answer.fail()


class _Answer:
    """One answer of Tiled's on its way out."""

    def __init__(
        self, scope: Message, way: Way, trail: Trail, cursors: Cursors, send: Send
    ) -> None:
        self._scope, self._way, self._send = scope, way, send
        self._trail, self._cursors = trail, cursors
        self._start: Message | None = None  # held back until the trail knows
        self._body = b""
        self._replaced = False  # the rest of Tiled's answer is dropped
        self._begun = False

    async def take(self, message: Message) -> None:
        """Take the next message of Tiled's."""
        if self._replaced:
            return
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body", False):
                await self._end()

    async def fail(self) -> None:
        """Answer in Tiled's place when it has not."""
        if not self._begun and not self._replaced:
            await self._replace(*self._failure())

    async def _begin(self, start: Message) -> None:
        self._login = reader_of(self._scope)
        if start["status"] >= 500 and self._login is not None:
            await self._replace(*self._failure())
        elif not self._way.carries(start["status"]):
            await self._forward(start)
        elif self._way.whole and start["status"] != 304:
            self._start = start
        elif await self._noted(self._looks(None)):
            await self._forward(start)

    async def _end(self) -> None:
        """Send what was held back, without Tiled's insides and once the trail has it."""
        assert self._start is not None
        kind = dict(self._start["headers"]).get(b"content-type", b"").decode("latin-1")
        content = unpacked(self._body, kind)
        self._cursors.hide(content)
        if self._login is not None:
            strip(content)
        if not await self._noted(self._looks(content)):
            return
        body = packed(content, kind) if self._body else b""
        start, self._start = self._start, None
        others = [pair for pair in start["headers"] if pair[0] != b"content-length"]
        headers = [*others, (b"content-length", b"%d" % len(body))]
        await self._forward({**start, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    def _looks(self, content: object) -> Sequence[Look]:
        if self._login is None:  # our own service files what it measured
            return ()
        return looks_of(self._way, content, self._login, self._scope)

    async def _noted(self, looks: Sequence[Look]) -> bool:
        if not looks:
            return True
        try:
            await asyncio.to_thread(self._trail.note, looks)
        except Exception as error:  # noqa: BLE001 - whatever it was, nobody would know who read
            logger.error("The audit trail cannot be written: %s", error)
            reason = (
                "Nothing can be read now: the server cannot write down who reads what. Try again, "
                "and call the facility's staff if it lasts."
            )
            await self._replace(503, reason)
            return False
        return True

    async def _forward(self, start: Message) -> None:
        self._begun = True
        headers = [pair for pair in start["headers"] if pair[0].lower() not in _TELLTALE]
        await self._send({**start, "headers": headers})

    async def _replace(self, status: int, detail: str) -> None:
        self._replaced = True
        await answer_with(self._send, status, detail)

    def _failure(self) -> tuple[int, str]:
        if self._way.route in ("search", "distinct") and self._scope["query_string"]:
            return 400, "This query cannot be answered. Check the spelling of its conditions."
        return 500, "Internal Server Error"
