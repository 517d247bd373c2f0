"""Every door of the running application: its OpenAPI document, websockets, mounts, and the rest."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from nanoterasu.records import TiledHome

_IMPLIED = frozenset({"HEAD", "OPTIONS"})  # follow from others; a test tries them on every path


def routes_of(home: TiledHome) -> frozenset[str]:
    """Return the routes of the application that a server on ``home`` runs.

    Each is written ``METHOD /path``; a websocket as ``WEBSOCKET /path`` and whatever is mounted
    as ``MOUNT /path``.
    """
    from tiled.config import parse_configs
    from tiled.server.app import build_app_from_config

    app = build_app_from_config(parse_configs(home.config))
    described = {
        f"{method.upper()} {path}"
        for path, methods in app.openapi()["paths"].items()
        for method in methods
    }
    return frozenset(described | set(_walk(app.routes)))


def _walk(routes: Iterable[Any], prefix: str = "") -> Iterator[str]:
    for route in routes:
        if hasattr(route, "effective_candidates"):  # a router, which FastAPI unfolds late
            yield from _walk(route.effective_candidates())
            continue
        path = _path(prefix, route)
        if methods := getattr(route, "methods", None):
            yield from (f"{method} {path}" for method in set(methods) - _IMPLIED)
        elif "WebSocket" in type(getattr(route, "original_route", None) or route).__name__:
            yield f"WEBSOCKET {path}"
        else:
            yield f"MOUNT {path}"
            yield from _walk(getattr(route, "routes", None) or (), path)


def _path(prefix: str, route: Any) -> str:
    """Return the path as the OpenAPI document writes it, without converters."""
    own = getattr(route, "path", "") or ""
    if not own and (inner := getattr(route, "starlette_route", None)) is not None:
        own = getattr(inner, "path", "")
    return (prefix + own).replace(":path}", "}").replace(":uuid}", "}")
