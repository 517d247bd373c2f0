from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from nanoterasu.records import connect

pytestmark = pytest.mark.system


def test_a_run_is_read_with_one_question_a_level(
    records: Any, passwords: dict[str, str], shipped_runs: dict[str, str]
) -> None:
    catalog = connect(
        records.server.uri, username="alpha-member", password=passwords["alpha-member"]
    )
    asked: list[str] = []
    catalog.tiled.context.http_client.event_hooks = {
        "request": [lambda request: asked.append(request.url.path.removeprefix("/api/v1/"))]
    }
    uid = shipped_runs["unit-alpha"]
    run = catalog[uid]
    groups = len(asked) - 1
    assert groups == len(catalog.groups)
    asked.clear()
    assert list(run.primary.data_vars) == ["i0", "polarisation", "wave"]
    assert Counter(path.partition("/")[0] for path in asked) == {
        "search": 2,
        "table": 1,
        "array": 1,
    }
    assert asked[:2] == [f"search/unit-alpha/{uid}", f"search/unit-alpha/{uid}/primary"]
