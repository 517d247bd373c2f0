"""Attacks: what a rival, an outsider and an anonymous learn of another company's run is nothing."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import uuid4

import httpx
import pytest

pytestmark = pytest.mark.system

STRANGERS = ("beta-member", "outsider", None)
INSIDERS = ("alpha-member", "staff")

# {tag} and {uid} name alpha's run, or one that nobody ever made.
PROBES = {
    "search the group": "GET /api/v1/search/{tag}",
    "count the group": "GET /api/v1/search/{tag}?fields=count",
    "search for the uid": "GET /api/v1/search/?filter[eq][condition][key]=start.uid"
    "&filter[eq][condition][value]={quoted}",
    "search the group for the uid": "GET /api/v1/search/{tag}?filter[eq][condition][key]=start.uid"
    "&filter[eq][condition][value]={quoted}",
    "full text": "GET /api/v1/search/?filter[fulltext][condition][text]=%22{tag}%22",
    "look up the key": "GET /api/v1/search/?filter[lookup][condition][key]={tag}",
    "filter keys": "GET /api/v1/search/?filter[keys_filter][condition][keys]=[%22{tag}%22]",
    "like": "GET /api/v1/search/?filter[like][condition][key]=start.uid"
    "&filter[like][condition][pattern]=%22{uid}%22",
    "forged tag filter": "GET /api/v1/search/?filter[access_tags_filter][condition][tags]"
    "=[%22{tag}%22]",
    "sort": "GET /api/v1/search/?sort=-start.time&omit_links=true",
    "sort the group": "GET /api/v1/search/{tag}?sort=start.time",
    "distinct": "GET /api/v1/distinct/?metadata=start.sample.name&counts=true",
    "distinct in the group": "GET /api/v1/distinct/{tag}?metadata=start.uid&counts=true",
    "metadata of the group": "GET /api/v1/metadata/{tag}",
    "metadata": "GET /api/v1/metadata/{tag}/{uid}",
    "metadata without the group": "GET /api/v1/metadata/{uid}",
    "metadata with sources": "GET /api/v1/metadata/{tag}/{uid}?include_data_sources=true",
    "metadata of a stream": "GET /api/v1/metadata/{tag}/{uid}/primary",
    "metadata of a table": "GET /api/v1/metadata/{tag}/{uid}/primary/internal",
    "doubled slashes": "GET /api/v1/metadata//{tag}//{uid}",
    "escaped slash": "GET /api/v1/metadata/{tag}%2F{uid}",
    "dots": "GET /api/v1/metadata/x/..%2F{tag}/{uid}",
    "table": "GET /api/v1/table/full/{tag}/{uid}/primary/internal",
    "table partition": "GET /api/v1/table/partition/{tag}/{uid}/primary/internal?partition=0",
    "table by post": "POST /api/v1/table/full/{tag}/{uid}/primary/internal",
    "array": "GET /api/v1/array/full/{tag}/{uid}/primary/wave",
    "array block": "GET /api/v1/array/block/{tag}/{uid}/primary/wave?block=0,0",
    "column": "GET /api/v1/array/full/{tag}/{uid}/primary/internal/i0",
    "container": "GET /api/v1/container/full/{tag}/{uid}?format=json",
    "container by post": "POST /api/v1/container/full/{tag}/{uid}",
    "container of the root": "GET /api/v1/container/full/?format=json",
    "field of the root": "GET /api/v1/container/full/?format=json&field={tag}",
    "exported documents": "GET /api/v1/container/full/{tag}/{uid}?format=application/json-seq",
    "documents": "GET /api/v1/documents/{tag}/{uid}",
    "custom documents": "GET /custom/documents/{tag}/{uid}",
    "node": "GET /api/v1/node/full/{tag}/{uid}",
    "deep search": "GET /api/v1/search-deep/{tag}",
    "revisions": "GET /api/v1/revisions/{tag}/{uid}",
    "asset": "GET /api/v1/asset/bytes/{tag}/{uid}/primary/wave?id=1",
    "asset manifest": "GET /api/v1/asset/manifest/{tag}/{uid}/primary/wave?id=1",
    "zarr 2": "GET /zarr/v2/{tag}/{uid}/primary/wave/.zarray",
    "zarr 2 chunk": "GET /zarr/v2/{tag}/{uid}/primary/wave/0.0",
    "zarr 3": "GET /zarr/v3/{tag}/{uid}/primary/wave/zarr.json",
    "zarr root": "GET /zarr/v3/",
    "graph": "GET /api/graphql?query=%7Bentities%7Bname%7D%7D",
    "metrics": "GET /api/v1/metrics",
    "principals": "GET /api/v1/auth/principal",
    "change": "PATCH /api/v1/metadata/{tag}/{uid}",
    "replace": "PUT /api/v1/metadata/{tag}/{uid}",
    "delete": "DELETE /api/v1/metadata/{tag}/{uid}?recursive=true",
    "append": "PATCH /api/v1/table/partition/{tag}/{uid}/primary/internal?partition=0",
    "overwrite an array": "PUT /api/v1/array/full/{tag}/{uid}/primary/wave",
    "close a stream": "DELETE /api/v1/stream/close/{tag}/{uid}",
    "register": "POST /api/v1/register/{tag}",
    "data source": "PUT /api/v1/data_source/{tag}/{uid}/primary/wave",
}
OPEN_TO_OWNER = ("metadata", "table", "array", "column", "container", "exported documents")


class Reader:
    """Somebody at the door of the server."""

    def __init__(self, records: Any, login: str | None, password: str | None) -> None:
        self.site = records.server.uri.removesuffix("/api/v1")
        self.http = httpx.Client(base_url=self.site, timeout=30)
        if login is not None:
            form = {"grant_type": "password", "username": login, "password": password}
            answer = self.http.post("/api/v1/auth/provider/house/token", data=form)
            answer.raise_for_status()
            self.tokens = answer.json()
            self.http.cookies.clear()
            self.http.headers["Authorization"] = f"Bearer {self.tokens['access_token']}"

    def try_(self, probe: str, tag: str, uid: str) -> httpx.Response:
        method, path = probe.split(" ", 1)
        path = path.format(tag=tag, uid=uid, quoted=quote(json.dumps(uid)))
        body = {"metadata": {}} if method in ("PATCH", "PUT") else None
        return self.http.request(method, path, json=body)


@pytest.fixture(scope="module")
def readers(records: Any, passwords: dict[str, str]) -> Iterator[dict[str | None, Reader]]:
    readers = {
        login: Reader(records, login, passwords.get(login or ""))
        for login in (*INSIDERS, *STRANGERS)
    }
    yield readers
    for reader in readers.values():
        reader.http.close()


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("login", STRANGERS, ids=str)
def test_a_stranger_cannot_tell_a_forbidden_run_from_none(
    readers: dict[str | None, Reader], shipped_runs: dict[str, str], login: str | None, probe: str
) -> None:
    real = ("unit-alpha", shipped_runs["unit-alpha"])
    invented = ("unit-gamma", str(uuid4()))
    answers = [readers[login].try_(PROBES[probe], *pair) for pair in (real, invented)]
    texts = [
        answer.text.replace(tag, "TAG").replace(uid, "UID")
        for answer, (tag, uid) in zip(answers, (real, invented), strict=True)
    ]
    assert answers[0].status_code == answers[1].status_code
    assert texts[0] == texts[1]
    assert "secret alloy of unit-alpha" not in answers[0].text
    if answers[0].status_code == 200:
        assert real[1] not in answers[0].text
        assert real[0] not in answers[0].text.replace(str(answers[0].url), "")


@pytest.mark.parametrize("login", INSIDERS)
@pytest.mark.parametrize("probe", OPEN_TO_OWNER)
def test_the_same_requests_serve_the_owner_and_the_staff(
    readers: dict[str | None, Reader], shipped_runs: dict[str, str], login: str, probe: str
) -> None:
    answer = readers[login].try_(PROBES[probe], "unit-alpha", shipped_runs["unit-alpha"])
    assert answer.status_code == 200


@pytest.mark.parametrize("login", INSIDERS)
@pytest.mark.parametrize(
    "probe", ["change", "replace", "delete", "append", "overwrite an array", "close a stream"]
)
def test_readers_change_nothing_even_of_their_own(
    readers: dict[str | None, Reader], shipped_runs: dict[str, str], login: str, probe: str
) -> None:
    answer = readers[login].try_(PROBES[probe], "unit-alpha", shipped_runs["unit-alpha"])
    assert answer.status_code in (403, 422)


@pytest.mark.parametrize(
    ("login", "sees"),
    [
        ("alpha-member", {"unit-alpha", "proposal-open"}),
        ("beta-member", {"unit-beta", "proposal-open"}),
        ("staff", {"unit-alpha", "unit-beta", "proposal-open"}),
        ("outsider", set()),
        (None, set()),
    ],
)
def test_each_sees_and_counts_the_own_groups_alone(
    readers: dict[str | None, Reader], shipped_runs: dict[str, str], login: str | None, sees: set
) -> None:
    http = readers[login].http
    listed = http.get("/api/v1/search/").json()
    assert {item["id"] for item in listed["data"]} == sees
    assert listed["meta"]["count"] == len(sees)
    about = http.get("/api/v1/metadata/").json()["data"]["attributes"]
    assert about["structure"]["count"] == len(sees)
    assert about["structure"]["contents"] is None


@pytest.mark.parametrize("login", STRANGERS, ids=str)
def test_nobody_but_the_shipper_creates_anything(
    readers: dict[str | None, Reader], login: str | None
) -> None:
    body = {"structure_family": "container", "metadata": {}, "data_sources": [], "specs": []}
    for path in ("/api/v1/metadata/", "/api/v1/metadata/proposal-open"):
        assert readers[login].http.post(path, json=body).status_code in (401, 403, 404)


@pytest.mark.parametrize(
    "relative",
    ["../../../../etc/passwd", "/etc/passwd", "..%2f..%2fetc%2fpasswd", "....//etc", "%2e%2e/x"],
)
def test_no_file_leaves_the_server_not_even_for_the_owner(
    readers: dict[str | None, Reader], shipped_runs: dict[str, str], relative: str
) -> None:
    node = f"unit-alpha/{shipped_runs['unit-alpha']}/primary/wave"
    http = readers["alpha-member"].http
    for number in range(1, 4):
        query = f"id={number}&relative_path={relative}"
        answer = http.get(f"/api/v1/asset/bytes/{node}?{query}")
        assert answer.status_code == 404
    assert http.get(f"/ui/{relative}").status_code == 404
    assert http.get(f"/static/{relative}").status_code == 404


@pytest.mark.parametrize("path", ["", "unit-alpha", "unit-beta", "proposal-open"])
def test_no_websocket_opens(readers: dict[str | None, Reader], path: str) -> None:
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
    readers: dict[str | None, Reader], shipped_runs: dict[str, str], records: Any
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


def test_the_shipping_key_neither_registers_files_nor_makes_keys(records: Any) -> None:
    with httpx.Client(headers={"Authorization": f"Apikey {records.home.key()}"}) as service:
        uri = records.server.uri
        assert service.post(f"{uri}/register/unit-alpha", json={}).status_code == 404
        assert service.post(f"{uri}/auth/apikey", json={"expires_in": 60}).status_code == 401
        body = {"structure_family": "container", "metadata": {}, "data_sources": [], "specs": []}
        assert service.post(f"{uri}/metadata/", json=body).status_code == 403
