"""What answers leave out: tags, file paths, and Tiled's own failures."""

from __future__ import annotations

import re
from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.system


def test_no_reader_sees_tags_or_files_in_any_spelling(
    records: Any, shipped_runs: dict[str, str], member: httpx.Client
) -> None:
    uid = shipped_runs["unit-alpha"]
    places = ["metadata/unit-alpha", f"metadata/unit-alpha/{uid}", "search/", "search/unit-alpha"]
    places += [f"search/unit-alpha/{uid}", f"metadata/unit-alpha/{uid}/primary/wave"]
    queries = ["include_data_sources=true", "max_depth=5", "fields=access_tags"]
    folder = str(records.home.folder)
    for place in places:
        for query in queries:
            for agent in ("python-tiled/0.2.20", "python-tiled/0.2.10"):
                answer = member.get(f"{place}?{query}", headers={"User-Agent": agent})
                if answer.status_code == 400:  # that old a client is turned away
                    continue
                assert answer.status_code == 200
                assert folder not in answer.text
                assert not hidden(answer.json())


def hidden(content: Any) -> list[Any]:
    """Values of the keys that no reader may see, at any depth."""
    if isinstance(content, list):
        return [value for item in content for value in hidden(item)]
    if not isinstance(content, dict):
        return []
    names = ("access_tags", "access_blob", "data_sources", "assets", "data_uri")
    here = [content[name] for name in names if content.get(name)]
    return here + [value for item in content.values() for value in hidden(item)]


@pytest.mark.parametrize("text", ["unit-alpha", '"', "a AND", "metadata:", "NEAR(", "nosuch:x", ""])
def test_a_full_text_that_cannot_be_parsed_is_a_bad_query_and_no_failure(
    shipped_runs: dict[str, str], member: httpx.Client, text: str
) -> None:
    for place in ("", "unit-alpha", "unit-beta", "unit-gamma"):
        query = {"filter[fulltext][condition][text]": text}
        assert member.get(f"search/{place}", params=query).status_code in (200, 400, 404)


def test_what_was_asked_for_stays_out_of_the_log(
    records: Any, shipped_runs: dict[str, str], member: httpx.Client
) -> None:
    query = {"filter[fulltext][condition][text]": "canary-of-a-query"}
    assert member.get("search/unit-alpha", params=query).status_code == 400
    assert "canary" not in (records.home.run / "tiled.log").read_text()


def test_pages_follow_one_another_by_marks_that_count_nothing(
    records: Any, shipped_runs: dict[str, str], member: httpx.Client
) -> None:
    first = member.get("search/?page[limit]=2").json()
    assert not re.search(r"cursor\]=\d", str(first["links"]))
    second = member.get(first["links"]["next"]).json()
    seen = [entry["id"] for page in (first, second) for entry in page["data"]]
    everything = member.get("search/?page[limit]=100").json()["data"]
    assert seen == [entry["id"] for entry in everything][: len(seen)]
    assert len(set(seen)) == 4


@pytest.mark.parametrize("mark", ["0", "1", "m00", ""])
def test_a_page_mark_of_ones_own_making_is_refused(
    shipped_runs: dict[str, str], member: httpx.Client, mark: str
) -> None:
    assert member.get(f"search/unit-alpha?page[cursor]={mark}").status_code == 400
