"""One PostgreSQL server for all of these tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ..postgresql import PostgreSQL


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A running server with empty databases."""
    server = PostgreSQL()
    try:
        yield server
    finally:
        server.close()
