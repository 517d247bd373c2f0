"""What stands in front of Tiled: requests that are not needed never reach it.

Tiled 0.2.20 serves more than this house uses, and some of it tells more than it should: raw
assets leave their directory, a websocket on a shared parent tells every child's metadata, the web
page serves any file of the server's account.  So the guard lists what may pass and refuses the
rest, with the answer that Tiled gives for an entry that does not exist.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

_READ = frozenset({"GET", "HEAD"})
_SAFE = _READ | {"OPTIONS"}
_OPEN: tuple[tuple[frozenset[str], str], ...] = (
    (_SAFE, r"/healthz"),
    (_SAFE, r"/api/v1/?"),
    (_SAFE, r"/api/v1/(search|distinct)/.*"),
    (_SAFE | {"POST", "PUT", "PATCH", "DELETE"}, r"/api/v1/metadata/.*"),
    (_SAFE | {"PUT", "PATCH"}, r"/api/v1/(array|ragged)/(full|block)/.*"),
    (_SAFE | {"POST", "PUT", "PATCH"}, r"/api/v1/table/(full|partition)/.*"),
    (_SAFE | {"POST"}, r"/api/v1/container/full/.*"),
    (frozenset({"DELETE"}), r"/api/v1/stream/close/.*"),
    (_SAFE | {"POST"}, r"/api/v1/auth/provider/[a-z]+/token"),
    (_SAFE | {"POST", "DELETE"}, r"/api/v1/auth/session/(refresh|revoke(/[0-9a-f-]+)?)"),
    (_SAFE | {"POST", "DELETE"}, r"/api/v1/auth/apikey"),
    (_SAFE | {"POST"}, r"/api/v1/auth/(whoami|logout)"),
)


class Guard:
    """ASGI application that lets through to ``app`` what is listed, and nothing else.

    Parameters
    ----------
    app
        The Tiled application.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._open = [(methods, re.compile(path)) for methods, path in _OPEN]

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            if self.lets_through(scope["method"], scope["path"]):
                await self._app(scope, receive, send)
            else:
                await _not_found(send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 4003})

    def lets_through(self, method: str, path: str) -> bool:
        """Return whether a request may reach Tiled.

        Parameters
        ----------
        method
            Of HTTP.
        path
            As Tiled will see it, that is with its escapes resolved.
        """
        if "\\" in path or "\0" in path or ".." in path.split("/"):
            return False
        return any(method in methods and way.fullmatch(path) for methods, way in self._open)


async def _not_found(send: Send) -> None:
    body = json.dumps({"detail": "Not Found"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": 404, "headers": headers})
    await send({"type": "http.response.body", "body": body})
