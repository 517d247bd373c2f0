"""Side doors: methods, headers, websockets, passwords and keys tell and open nothing more."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import httpx
import pytest

pytestmark = pytest.mark.system

STRANGERS = ("beta-member", "outsider", None)
INSIDERS = ("alpha-member", "staff")


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "GET"])
@pytest.mark.parametrize("login", [*STRANGERS, *INSIDERS], ids=str)
def test_neither_method_nor_header_tells_a_forbidden_run_from_none(
    readers: dict[str | None, Any],
    shipped_runs: dict[str, str],
    login: str | None,
    method: str,
) -> None:
    """Of an insider's own run the headers may differ; there only the quiet methods are asked."""
    if login in INSIDERS and method == "GET":
        return
    real = ("unit-alpha", shipped_runs["unit-alpha"])
    invented = ("unit-gamma", str(uuid4()))
    origin = {"Origin": "https://elsewhere.example"}
    for route in ("metadata", "search", "distinct", "table/full", "container/full"):
        answers = [
            readers[login].http.request(method, f"/api/v1/{route}/{tag}/{uid}", headers=origin)
            for tag, uid in (real, invented)
        ]
        assert answers[0].status_code == answers[1].status_code
        varying = ("x-tiled-request-id", "date", "set-cookie", "content-length")
        headers = [
            {name: value for name, value in answer.headers.items() if name not in varying}
            for answer in answers
        ]
        assert headers[0] == headers[1]


@pytest.mark.parametrize(
    "path",
    [
        *("", "unit-alpha", "unit-beta", "proposal-open", "published"),
        *("unit-alpha/{uid}", "unit-alpha/{uid}/primary", "unit-alpha/{uid}/primary/internal"),
    ],
)
def test_no_websocket_opens(
    readers: dict[str | None, Any], shipped_runs: dict[str, str], path: str
) -> None:
    path = path.format(uid=shipped_runs["unit-alpha"])
    staff = readers["staff"]
    address = urlsplit(staff.site)
    request = (
        f"GET /api/v1/stream/single/{path}?envelope_format=json HTTP/1.1\r\n"
        f"Host: {address.netloc}\r\nAuthorization: {staff.http.headers['Authorization']}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with socket.create_connection((str(address.hostname), int(address.port or 0)), 10) as wire:
        wire.sendall(request.encode())
        status = wire.recv(4096).split(b" ")[1]
    assert status in (b"403", b"404")


def test_a_wrong_password_and_an_unknown_login_get_the_same_answer(records: Any) -> None:
    url = f"{records.server.uri}/auth/provider/house/token"
    answers = [
        httpx.post(url, data={"grant_type": "password", "username": login, "password": "guess"})
        for login in ("alpha-member", "nobody")
    ]
    assert {answer.status_code for answer in answers} == {401}
    assert answers[0].text == answers[1].text


def test_a_key_that_a_rival_makes_opens_no_more_than_the_rival_sees(
    readers: dict[str | None, Any], shipped_runs: dict[str, str], records: Any
) -> None:
    rival = readers["beta-member"].http
    for body in ({"scopes": ["register"]}, {"scopes": ["admin:apikeys"]}):
        answer = rival.post("/api/v1/auth/apikey", json=body | {"expires_in": 60})
        assert answer.status_code == 403
    body = {"scopes": ["read:metadata", "read:data"], "access_tags": ["unit-alpha"]}
    answer = rival.post("/api/v1/auth/apikey", json=body | {"expires_in": 60})
    key = {"Authorization": f"Apikey {answer.json().get('secret', '')}"}
    url = f"{records.server.uri}/metadata/unit-alpha/{shipped_runs['unit-alpha']}"
    assert httpx.get(url, headers=key).status_code in (401, 404)


def test_the_shipping_key_neither_makes_keys_nor_groups_nor_files_beside_runs(
    records: Any,
) -> None:
    with httpx.Client(headers={"Authorization": f"Apikey {records.home.key()}"}) as service:
        uri = records.server.uri
        for path in ("", "unit-alpha"):
            assert service.post(f"{uri}/register/{path}", json={}).status_code == 404
        body = {"expires_in": 60, "scopes": ["read:data"]}
        assert service.post(f"{uri}/auth/apikey", json=body).status_code == 401
        body = {"structure_family": "container", "metadata": {}, "data_sources": [], "specs": []}
        assert service.post(f"{uri}/metadata/", json=body).status_code == 403


def test_the_shipping_key_files_no_data_that_lie_elsewhere(records: Any, readers: Any) -> None:
    source = {
        "structure_family": "array",
        "structure": {
            "data_type": {"endianness": "little", "kind": "f", "itemsize": 8},
            "chunks": [[1]],
            "shape": [1],
            "dims": None,
            "resizable": False,
        },
        "mimetype": "application/x-hdf5",
        "management": "external",
        "parameters": {},
        "assets": [
            {"data_uri": "file://localhost/etc/passwd", "is_directory": False, "parameter": "x"}
        ],
    }
    body = {
        "structure_family": "array",
        "metadata": {},
        "data_sources": [source],
        "specs": [],
        "access_tags": ["unit-alpha"],
        "id": "planted",
    }
    headers = {"Authorization": f"Apikey {records.home.key()}"}
    url = f"{records.server.uri}/metadata/unit-alpha"
    answer = httpx.post(url, json=body, headers=headers)
    assert answer.status_code >= 400
    planted = readers["alpha-member"].http.get("/api/v1/array/full/unit-alpha/planted")
    assert planted.status_code == 404
