"""Counts, facets, pages and numbers are as if the runs of others were not there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from nanoterasu.facility import Roster

from .asking import Probe, told
from .canaries import Target, canary, documents, invented
from .house import LOST, House, roster
from .principals import MAY_READ, Principal
from .searches import DISTINCT, FILTERS, SEARCHES

pytestmark = pytest.mark.system

# What can be asked without naming anything, so that a change elsewhere could show.
GLOBAL = (
    *(
        Probe("GET /api/v1/search/{path}", rest)
        for rest in (*SEARCHES, *(f"?{query}" for query in FILTERS))
        if "{" not in rest
    ),
    *(Probe("GET /api/v1/distinct/{path}", rest) for rest in DISTINCT if "{" not in rest),
    Probe("GET /api/v1/metadata/{path}", ""),
    Probe("GET /api/v1/metadata/{path}", "?fields=count&max_depth=5"),
    Probe("GET /api/v1/container/full/{path}", "?format=json"),
    Probe("GET /api/v1/", ""),
)


@pytest.mark.parametrize("name", MAY_READ)
def test_each_counts_the_own_groups_alone(principals: dict[str, Principal], name: str) -> None:
    principal = principals[name]
    answer = principal.http.get("/api/v1/search/")
    if not principal.may_read:
        assert answer.status_code == 401
        return
    listed = answer.json()
    # The group of what is published is there for everybody, as is the root.
    assert {item["id"] for item in listed["data"]} == principal.may_read
    assert listed["meta"]["count"] == len(principal.may_read)
    about = principal.http.get("/api/v1/metadata/").json()["data"]["attributes"]
    assert about["structure"]["count"] == len(principal.may_read)
    facets = principal.http.get("/api/v1/distinct/?specs=true&counts=true").json()
    assert sum(one["count"] for one in facets["specs"]) == len(principal.may_read)


@pytest.fixture
def another_unit(house: House) -> Iterator[Roster]:
    """A roster with a unit that nobody here belongs to; taken away again."""
    yield roster(without=LOST, also={"unit-U7": frozenset()})
    house.home.compile_tags(roster(without=LOST))


def test_no_answer_changes_when_others_measure(
    house: House, principals: dict[str, Principal], another_unit: Roster
) -> None:
    nothing = invented(Target("unit-U0", "0" * 36, canary()))

    def everything() -> dict[str, Any]:
        return {
            f"{name}: {probe}": told(probe.ask(principals[name], nothing), nothing)
            for name in ("owner", "rival company", "anonymous")
            for probe in GLOBAL
        }

    before = everything()
    house.home.compile_tags(another_unit)
    house.ship([documents("unit-U7", canary()) for _ in range(2)])
    after = everything()
    changed = {
        question: (before[question], after[question])
        for question in before
        if before[question] != after[question]
    }
    assert not changed


def test_no_number_in_an_answer_counts_what_others_measure(
    house: House, principals: dict[str, Principal]
) -> None:
    """Two runs of one's own in a row are as far apart as two with a foreign one between."""
    rival = principals["rival of the same company"]
    order = ("unit-U3", "unit-U3", "unit-U2", "unit-U3", "unit-U3")
    uids = house.ship([documents(tag, canary(), began=1.9e9 + n) for n, tag in enumerate(order)])
    # The last has no page after it.
    told_of = [_numbers(rival, uid) for uid in (uids[0], uids[1], uids[3])]
    steps = [
        [later - earlier for earlier, later in zip(*pair, strict=True)]
        for pair in pairwise(told_of)
    ]
    assert steps[0] == steps[1]


def _numbers(reader: Principal, uid: str) -> list[int]:
    """Return the whole numbers that tell of the order in which the server stored a run."""
    run = f"/api/v1/metadata/unit-U3/{uid}"
    found = []
    for path in ("", "/primary", "/primary/internal", "/primary/picture"):
        body = reader.http.get(f"{run}{path}?include_data_sources=true").json()
        found += re.findall(r'"(?:id|node_id|dataset_id|number)": (\d+)', json.dumps(body))
    offset, page = 0, {}
    while uid not in str(page.get("data")):
        page = reader.http.get(
            f"/api/v1/search/unit-U3?page[limit]=1&page[offset]={offset}&select_metadata=none"
        ).json()
        assert page["data"], f"{uid} is not listed"
        offset += 1
    following = page["links"]["next"] or ""
    return [int(number) for number in [*found, *re.findall(r"cursor\]=(\d+)(?=&|$)", following)]]
