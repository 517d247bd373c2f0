from __future__ import annotations

from collections.abc import Sequence

import pytest

from nanoterasu.records._asgi import Message, Receive, Send
from nanoterasu.records._audit import Look
from nanoterasu.records._cursors import Cursors
from nanoterasu.records._guard import Guard


async def anything(scope: Message, receive: Receive, send: Send) -> None:
    raise AssertionError("nothing is served here")


class Trail:
    def note(self, looks: Sequence[Look]) -> None:
        raise AssertionError("nothing is read here")


GUARD = Guard(anything, Trail(), Cursors(b"secret"))


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/"),
        ("GET", "/api/v1/metadata/unit-alpha/0123"),
        ("GET", "/api/v1/search/"),
        ("GET", "/api/v1/table/full/unit-alpha/0123/primary/internal"),
        ("PATCH", "/api/v1/table/partition/unit-alpha/0123/primary/internal"),
        ("GET", "/api/v1/array/block/unit-alpha/0123/primary/wave"),
        ("POST", "/api/v1/auth/provider/house/token"),
        ("POST", "/api/v1/auth/session/revoke"),
        ("GET", "/healthz"),
    ],
)
def test_what_a_reader_or_the_shipper_needs_passes(method: str, path: str) -> None:
    assert GUARD.lets_through(method, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/asset/bytes/unit-alpha/0123/primary/wave"),
        ("GET", "/api/v1/asset/manifest/unit-alpha"),
        ("GET", "/api/v1/metadata/../asset/bytes/x"),
        ("GET", "/api/v1/metadata/..\\x"),
        ("GET", "/api/v1/metadata/x\0"),
        ("GET", "/ui//etc/passwd"),
        ("GET", "/static/../../etc/passwd"),
        ("GET", "/zarr/v2/unit-alpha/.zgroup"),
        ("GET", "/zarr/v3/zarr.json"),
        ("POST", "/api/graphql"),
        ("POST", "/api/v1/register/unit-alpha"),
        ("PUT", "/api/v1/data_source/unit-alpha/0123"),
        ("GET", "/api/v1/search-deep/"),
        ("GET", "/api/v1/revisions/unit-alpha/0123"),
        ("GET", "/api/v1/stream/single/"),
        ("GET", "/api/v1/metrics"),
        ("GET", "/api/v1/auth/principal"),
        ("POST", "/api/v1/auth/principal/0123/apikey"),
        ("DELETE", "/api/v1/auth/session/revoke/0123abcd"),
        ("GET", "/docs"),
        ("GET", "/custom/documents/unit-alpha/0123"),
        ("TRACE", "/api/v1/"),
        ("GET", "/API/V1/metadata/"),
    ],
)
def test_everything_else_is_not_found(method: str, path: str) -> None:
    assert not GUARD.lets_through(method, path)
