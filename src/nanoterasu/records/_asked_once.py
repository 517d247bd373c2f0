"""Who asks, and what he may see: found out once a request.

Tiled 0.2.20 looks a key up three times a request, with all that belongs to its owner, and the tags
that he may see anew at each step of an entry's path: two fifths of the work of a small run's
requests.  Nothing is kept from one request to the next, so that a key that was revoked, or a group
that was left, is without effect at once.
"""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Any

from sqlalchemy.orm import object_session
from tiled.access_control.access_tags import AccessTagsParser
from tiled.catalog import adapter
from tiled.server import authentication

from ._asgi import App, Message, Receive, Send

_FOUND: ContextVar[dict[Any, Any] | None] = ContextVar("found", default=None)

_look_up_key = authentication.lookup_valid_api_key
_look_up_numbers = adapter.CatalogNodeAdapter.resolve_access_tag_ids


def ask_once(app: App) -> App:
    """Return ``app``, a Tiled application, asking its databases once a request for each such thing.

    This replaces two functions of Tiled's for the whole process; outside of requests to an
    application that was made here they do what they did.
    """
    authentication.lookup_valid_api_key = _key
    node: Any = adapter.CatalogNodeAdapter
    node.resolve_access_tag_ids = _numbers

    async def serve(scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":  # a socket lives for hours, and is looked at again and again
            await app(scope, receive, send)
            return
        token = _FOUND.set({})
        try:
            await app(scope, receive, send)
        finally:
            _FOUND.reset(token)

    return serve


async def _once(asked: Any, find: Callable[[], Awaitable[Any]]) -> Any:
    found = _FOUND.get()
    if found is None:
        return await find()
    if asked not in found:
        found[asked] = await find()
    return found[asked]


async def _key(database: Any, secret: bytes) -> Any:
    key = await _once(("key", secret), lambda: _look_up_key(database, secret))
    if key is None or (session := object_session(key)) is database.sync_session:
        return key
    if session is not None:  # in the hands of somebody else who has not finished
        return await _look_up_key(database, secret)
    database.add(key)  # whoever asked may write into it when it was last used
    return key


async def _numbers(node: Any, names: Any) -> list[int]:
    names = frozenset(names)
    return list(
        await _once(("numbers", id(node.context), names), lambda: _look_up_numbers(node, names))
    )


def _asked_once(name: str) -> Any:
    find = getattr(AccessTagsParser, name)

    @functools.wraps(find)
    async def method(self: Any, *arguments: str) -> Any:
        found = await _once((name, arguments), lambda: find(self, *arguments))
        return set(found) if isinstance(found, set) else found

    return method


class TagsParser(AccessTagsParser):
    """Tells Tiled's access policy which tags there are, who has them, and what for."""

    is_tag_defined = _asked_once("is_tag_defined")
    is_tag_public = _asked_once("is_tag_public")
    get_public_tags = _asked_once("get_public_tags")
    get_scopes_from_tag = _asked_once("get_scopes_from_tag")
    get_tags_from_scope = _asked_once("get_tags_from_scope")
