"""What an answer of Tiled's carries: of which run, and what of it no reader needs to see."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ._audit import ANONYMOUS, Look
from ._configuration import PROVIDER

_API = ("api", "v1")
_HIDDEN = ("access_tags", "access_blob", "data_sources")
_DATA = frozenset({"array", "ragged", "table", "container"})
_UNCHANGED = 304
_MSGPACK = "application/x-msgpack"


@dataclass(frozen=True, slots=True)
class Way:
    """What a request asks for, read from its address.

    Attributes
    ----------
    route : str
        ``"metadata"``, ``"search"``, ``"distinct"``, ``"register"``, one of the data routes,
        ``"apikey"``, or empty for what carries nothing of a run.
    place : str
        Access tag, the first step of the entry's path.
    run : str
        The second step.
    rest : str
        Further steps.
    """

    route: str
    place: str = ""
    run: str = ""
    rest: str = ""

    @property
    def whole(self) -> bool:
        """Whether the answer must be read to its end before it leaves."""
        return self.route in ("metadata", "search", "distinct")

    def carries(self, status: int) -> bool:
        """Return whether an answer of this status may carry something of a run."""
        return bool(self.route) and (200 <= status < 300 or status == _UNCHANGED)


def way_of(path: str) -> Way:
    """Return what ``path`` asks for.

    >>> way_of("/api/v1/table/full/unit-U1//0123/primary/internal")
    Way(route='table', place='unit-U1', run='0123', rest='primary/internal')
    """
    steps = [step for step in path.split("/") if step]
    if tuple(steps[:2]) != _API or len(steps) < 3:
        return Way("")
    route, *entry = steps[2:]
    if route in _DATA:
        entry = entry[1:]  # full, block or partition
    elif route == "auth":
        return Way("apikey") if entry == ["apikey"] else Way("")
    elif route not in ("metadata", "search", "distinct", "register"):
        return Way("")
    place, run, *rest = [*entry, "", ""] if len(entry) < 2 else entry
    return Way(route, place, run, "/".join(filter(None, rest)))


def reader_of(scope: Mapping[str, Any]) -> str | None:
    """Return who is answered, as Tiled found out; None for the house's own service."""
    principal = scope["state"].get("principal")
    if principal is None:
        return ANONYMOUS
    if getattr(principal.type, "value", principal.type) == "service":
        return None
    names = [one.id for one in principal.identities if one.provider == PROVIDER]
    return names[0] if names else str(principal.uuid)


def unpacked(body: bytes, kind: str) -> Any:
    """Return the content of an answer.

    Raises
    ------
    ValueError
        When it is of a kind that cannot be read, and so cannot be cleaned.
    """
    if not body:
        return None
    if kind.startswith(_MSGPACK):
        import msgpack

        return msgpack.unpackb(body, timestamp=0, strict_map_key=False)
    if kind.startswith("application/json"):
        return json.loads(body)
    raise ValueError(f"an answer of type {kind!r}")


def packed(content: Any, kind: str) -> bytes:
    """Return ``content`` as the body of an answer, the inverse of `unpacked`."""
    if kind.startswith(_MSGPACK):
        import msgpack

        return msgpack.Packer().pack(content)
    return json.dumps(content, separators=(",", ":"), ensure_ascii=False).encode()


def strip(content: Any) -> None:
    """Take tag names and file paths out of an answer, in place."""
    for resource in _resources(content):
        attributes = resource["attributes"]
        for name in _HIDDEN:
            if name in attributes:
                attributes[name] = None


def _resources(content: Any) -> Iterator[dict[str, Any]]:
    """Yield every entry that an answer describes, those inside others too."""
    if isinstance(content, dict):
        data = content.get("data")
        yield from _entries(data if isinstance(data, list) else [data])


def _entries(found: Any) -> Iterator[dict[str, Any]]:
    for entry in found:
        if isinstance(entry, dict) and isinstance(entry.get("attributes"), dict):
            yield entry
            structure = entry["attributes"].get("structure")
            inner = structure.get("contents") if isinstance(structure, dict) else None
            if inner:
                yield from _entries(inner.values() if isinstance(inner, dict) else inner)


def looks_of(way: Way, content: Any, login: str, scope: Mapping[str, Any]) -> list[Look]:
    """Return what an answer tells of runs.

    Parameters
    ----------
    way
        What was asked for.
    content
        Of the answer, for metadata, searches and facets.
    login
        Who is answered.
    scope
        Of the request.
    """
    key = _key_of(scope)

    def look(run: str, what: str) -> Look:
        return Look(login, run, way.place, f"{what} of {way.rest}" if way.rest else what, key)

    if way.route == "apikey" or not way.place:
        return []  # of the root: groups, and their runs only by their own ways
    if way.run:
        what = "data" if way.route in _DATA else "facets" if way.route == "distinct" else "metadata"
        return [look(way.run, what)]
    if way.route == "search":
        data = content.get("data") if isinstance(content, dict) else None
        runs = [str(entry["id"]) for entry in data or () if isinstance(entry, dict)]
        return [look(run, "listing") for run in runs] or [look("", "count of the group's runs")]
    if way.route == "distinct":
        return [look("", "facets of the group")]
    return []  # of a group: its name and how many runs it holds


def _key_of(scope: Mapping[str, Any]) -> str:
    """Return the first eight characters of the API key in use."""
    for name, value in scope["headers"]:
        kind, _, secret = value.decode("latin-1").partition(" ")
        if name == b"authorization" and kind.lower() == "apikey":
            return secret.strip()[:8]
    return ""
