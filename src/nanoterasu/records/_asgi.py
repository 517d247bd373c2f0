"""Requests and answers as ASGI has them, for those who stand in front of an application."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ._demands import TOO_LONG

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]


async def whole_body(receive: Receive) -> bytes | None:
    """Return the body of a request; None when it is longer than any that this house sends."""
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > TOO_LONG:
            return None
        if message["type"] != "http.request" or not message.get("more_body", False):
            return body


def given_again(body: bytes | None, receive: Receive) -> Receive:
    """Return a source that gives ``body`` again, and then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body or b"", "more_body": False}

    return again


async def answer_with(send: Send, status: int, detail: str) -> None:
    """Answer in the form that Tiled gives its refusals."""
    body = json.dumps({"detail": detail}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
