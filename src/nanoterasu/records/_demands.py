"""What the guard refuses by its query or its body: requests that ask for more than reading needs.

Each refusal depends on the request alone, never on what is stored, so that it tells nothing.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

from ._answers import Way
from ._tags import READER_SCOPES

TOO_LONG = 64 * 2**20  # bytes of a document or of a request for a key
LONGEST_KEY = 30 * 86400  # s, life of a key that a user makes

Refusal = tuple[int, str]


def objection(scope: Mapping[str, Any]) -> Refusal | None:
    """Return status and reason when the query may not reach Tiled."""
    names = [name for name, _ in parse_qsl(scope["query_string"].decode("latin-1"), True)]
    if any(name.startswith("filter[access_") for name in names):
        return 400, "Access tags cannot be searched for. Leave that condition out."
    return None


def objection_to_body(way: Way, body: bytes | None) -> Refusal | None:
    """Return status and reason when the body of a request may not reach Tiled.

    Parameters
    ----------
    way
        What it asks for.
    body
        None when it is too long.
    """
    if body is None:
        return 413, f"The request is longer than {TOO_LONG >> 20} MiB. Send less at once."
    try:
        content = json.loads(body)
    except ValueError:
        content = None  # Tiled says what is wrong with it
    if way.route == "apikey":
        return _objection_to_key(content)
    return _objection_to_tags(way, content)


def _objection_to_key(content: Any) -> Refusal | None:
    if not isinstance(content, dict):
        return 422, "A key is asked for with a JSON object: scopes and expires_in."
    scopes, life = content.get("scopes"), content.get("expires_in")
    if not isinstance(scopes, list) or not scopes or not set(map(str, scopes)) <= {*READER_SCOPES}:
        return 403, f"A key may read and no more: ask for scopes among {list(READER_SCOPES)}."
    if type(life) is not int or not 0 < life <= LONGEST_KEY:
        return 403, f"A key ends: ask for expires_in of at most {LONGEST_KEY} s."
    return None


def _objection_to_tags(way: Way, content: Any) -> Refusal | None:
    """Refuse tags other than the group's in which an entry stands, in whatever spelling."""
    if not isinstance(content, dict):
        return None
    if content.get("access_blob") is not None or content.get("access_tags") not in (
        None,
        [way.place],
    ):
        return 403, "An entry carries the tag of its own access group and no other."
    return None
