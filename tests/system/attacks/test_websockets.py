from __future__ import annotations

import pytest
from websockets.exceptions import InvalidHandshake, InvalidStatus
from websockets.sync.client import connect

from .asking import Tally
from .canaries import Target, invented
from .house import House
from .principals import MAY_READ, Principal
from .routes import NODES

pytestmark = pytest.mark.system

PATHS = (
    *(f"/api/v1/stream/single/{node}" for node in ("", *NODES)),
    "/api/v1/stream/single/{tag}/{uid}?start=0&envelope_format=msgpack",
    "/api/v1//stream/single/{tag}",
    "/api/v1/stream/single/x/../{tag}",
    "/api/graphql",
    "/api/v1/metadata/{tag}/{uid}",
    "/",
)


def shake_hands(house: House, path: str, authorization: str | None) -> tuple[int, bytes]:
    """Ask for a websocket at ``path``; return status and body of the refusal, 101 when open."""
    headers = {} if authorization is None else {"Authorization": authorization}
    address = house.site.replace("http", "ws", 1) + path
    try:
        with connect(address, additional_headers=headers, open_timeout=20):
            return 101, b""
    except InvalidStatus as refused:
        return refused.response.status_code, bytes(refused.response.body or b"")
    except InvalidHandshake as refused:
        raise AssertionError(f"{path} was answered out of turn: {refused}") from refused


@pytest.mark.parametrize("name", MAY_READ)
def test_no_websocket_opens_on_a_run_or_on_anything_above_it(
    house: House,
    principals: dict[str, Principal],
    targets: dict[str, Target],
    tally: Tally,
    name: str,
) -> None:
    authorization = principals[name].http.headers.get("Authorization")
    real = targets["unit-U1"]
    other = invented(real)
    for path in PATHS:
        answers = [
            shake_hands(
                house, path.replace("{tag}", one.tag).replace("{uid}", one.uid), authorization
            )
            for one in (real, other)
        ]
        tally.requests += 2
        assert answers[0] == answers[1], path
        assert answers[0][0] in (403, 404), path
