from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nanoterasu.office import Register, example_house


@pytest.fixture
def now() -> datetime:
    return datetime(2026, 11, 22, 3, 20, tzinfo=UTC)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Register]:
    with Register(tmp_path / "office.sqlite", create=True) as register:
        yield register


@pytest.fixture
def example(empty: Register, now: datetime) -> Register:
    example_house(empty, now=now)
    return empty
