from __future__ import annotations

import json
from typing import Any

import pytest

from nanoterasu.records._answers import Way, looks_of, packed, strip, unpacked, way_of
from nanoterasu.records._demands import TOO_LONG, objection, objection_to_body

SCOPE: dict[str, Any] = {"headers": [], "query_string": b""}
ENTRY = {
    "id": "0123",
    "attributes": {
        "access_tags": ["unit-U1", "unit-U2"],
        "access_blob": {"tags": ["unit-U2"]},
        "data_sources": [{"assets": [{"data_uri": "file:///secret"}]}],
        "metadata": {"start": {"access_tags": "a key of the user's own"}},
    },
}
NESTED = {"id": "x", "attributes": {"structure": {"contents": {"0123": ENTRY}}}}


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/api/v1/metadata/unit-U1/0123", Way("metadata", "unit-U1", "0123")),
        ("/api/v1/metadata//unit-U1//0123/", Way("metadata", "unit-U1", "0123")),
        ("/api/v1/search/", Way("search")),
        ("/api/v1/search/unit-U1", Way("search", "unit-U1")),
        ("/api/v1/array/block/unit-U1/0123/a/b", Way("array", "unit-U1", "0123", "a/b")),
        ("/api/v1/container/full/unit-U1/0123", Way("container", "unit-U1", "0123")),
        ("/api/v1/auth/apikey", Way("apikey")),
        ("/api/v1/auth/whoami", Way("")),
        ("/healthz", Way("")),
        ("/api/v1/", Way("")),
    ],
)
def test_an_address_tells_of_which_run_its_answer_is(path: str, way: Way) -> None:
    assert way_of(path) == way


@pytest.mark.parametrize("content", [{"data": ENTRY}, {"data": [ENTRY, ENTRY]}, {"data": NESTED}])
@pytest.mark.parametrize("kind", ["application/json", "application/x-msgpack"])
def test_tags_and_files_are_taken_out_and_the_users_own_words_stay(content: Any, kind: str) -> None:
    found = unpacked(packed(content, kind), kind)
    assert found == content
    strip(found)
    body = packed(found, kind)
    assert b"unit-U" not in body
    assert b"secret" not in body
    assert b"a key of the user's own" in body


def test_an_answer_that_cannot_be_read_does_not_leave() -> None:
    with pytest.raises(ValueError, match="text/html"):
        unpacked(b"<p>", "text/html")


def test_a_listing_names_each_run_and_an_empty_one_the_group() -> None:
    way = Way("search", "unit-U1")
    found = looks_of(way, {"data": [{"id": "1"}, {"id": "2"}]}, "a", SCOPE)
    assert [(look.run, look.place, look.what) for look in found] == [
        ("1", "unit-U1", "listing"),
        ("2", "unit-U1", "listing"),
    ]
    (look,) = looks_of(way, {"data": []}, "a", SCOPE)
    assert (look.run, look.place) == ("", "unit-U1")


@pytest.mark.parametrize("tags", [["unit-U2"], ["unit-U1", "unit-U2"], [], "unit-U1", ["public"]])
def test_an_entry_takes_no_tag_but_that_of_its_group(tags: Any) -> None:
    way = Way("metadata", "unit-U1")
    body = json.dumps({"access_tags": tags}).encode()
    assert (objection_to_body(way, body) or (0,))[0] == 403
    assert objection_to_body(way, b'{"access_tags": ["unit-U1"]}') is None


def test_tags_cannot_be_searched_for() -> None:
    query = b"filter%5Baccess_tags_filter%5D%5Bcondition%5D%5Btags%5D=x"
    assert (objection({"query_string": query}) or (0,))[0] == 400
    assert objection({"query_string": b"filter[eq][condition][key]=start.uid"}) is None


def test_a_body_without_end_is_refused() -> None:
    assert (objection_to_body(Way("metadata", "unit-U1"), None) or (0,))[0] == 413
    assert TOO_LONG >= 2**20
