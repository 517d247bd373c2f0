"""One server with three runs for all that only read; a look at them changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest


@pytest.fixture(scope="package")
def records(open_records: Callable[[], AbstractContextManager[Any]]) -> Iterator[Any]:
    with open_records() as records:
        yield records


@pytest.fixture(scope="package")
def shipped_runs(records: Any, ship_a_run_each: Callable[[Any], dict[str, str]]) -> dict[str, str]:
    """The uid of one run in each access group."""
    return ship_a_run_each(records)
