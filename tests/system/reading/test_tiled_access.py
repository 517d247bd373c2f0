"""Attacks: what a rival, an outsider and an anonymous learn of another company's run is nothing."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

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


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("login", STRANGERS, ids=str)
def test_a_stranger_cannot_tell_a_forbidden_run_from_none(
    readers: dict[str | None, Any], shipped_runs: dict[str, str], login: str | None, probe: str
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
    readers: dict[str | None, Any], shipped_runs: dict[str, str], login: str, probe: str
) -> None:
    answer = readers[login].try_(PROBES[probe], "unit-alpha", shipped_runs["unit-alpha"])
    assert answer.status_code == 200


@pytest.mark.parametrize("login", INSIDERS)
@pytest.mark.parametrize(
    "probe", ["change", "replace", "delete", "append", "overwrite an array", "close a stream"]
)
def test_readers_change_nothing_even_of_their_own(
    readers: dict[str | None, Any], shipped_runs: dict[str, str], login: str, probe: str
) -> None:
    answer = readers[login].try_(PROBES[probe], "unit-alpha", shipped_runs["unit-alpha"])
    assert answer.status_code in (401, 403)


@pytest.mark.parametrize(
    ("login", "groups"),
    [
        ("alpha-member", "unit-alpha proposal-open analysis-unit-alpha analysis-proposal-open"),
        ("beta-member", "unit-beta proposal-open analysis-unit-beta analysis-proposal-open"),
        ("staff", "unit-alpha unit-beta proposal-open"),
        ("outsider", ""),
        (None, ""),
    ],
)
def test_each_sees_and_counts_the_own_groups_and_what_is_published(
    readers: dict[str | None, Any],
    shipped_runs: dict[str, str],
    login: str | None,
    groups: str,
) -> None:
    http, sees = readers[login].http, {"published", *groups.split()}
    listed = http.get("/api/v1/search/").json()
    assert {item["id"] for item in listed["data"]} == sees
    assert listed["meta"]["count"] == len(sees)
    about = http.get("/api/v1/metadata/").json()["data"]["attributes"]
    assert about["structure"]["count"] == len(sees)
    assert about["structure"]["contents"] is None


@pytest.mark.parametrize("login", STRANGERS, ids=str)
def test_nobody_but_the_shipper_creates_anything(
    readers: dict[str | None, Any], login: str | None
) -> None:
    body = {"structure_family": "container", "metadata": {}, "data_sources": [], "specs": []}
    for path in ("/api/v1/metadata/", "/api/v1/metadata/proposal-open"):
        assert readers[login].http.post(path, json=body).status_code in (401, 403, 404)


@pytest.mark.parametrize(
    "relative",
    ["../../../../etc/passwd", "/etc/passwd", "..%2f..%2fetc%2fpasswd", "....//etc", "%2e%2e/x"],
)
def test_no_file_leaves_the_server_not_even_for_the_owner(
    readers: dict[str | None, Any], shipped_runs: dict[str, str], relative: str
) -> None:
    node = f"unit-alpha/{shipped_runs['unit-alpha']}/primary/wave"
    http = readers["alpha-member"].http
    for number in range(1, 4):
        query = f"id={number}&relative_path={relative}"
        answer = http.get(f"/api/v1/asset/bytes/{node}?{query}")
        assert answer.status_code == 404
    assert http.get(f"/ui/{relative}").status_code == 404
    assert http.get(f"/static/{relative}").status_code == 404
