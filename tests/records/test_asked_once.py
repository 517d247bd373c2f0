"""What Tiled finds out of who asks: once a request, and anew at the next."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, event, select
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import selectinload
from tiled.authn_database import orm as people
from tiled.catalog import adapter
from tiled.catalog.orm import AccessTag
from tiled.server import authentication
from tiled.server.schemas import PrincipalType

from nanoterasu.records._asked_once import TagsParser, ask_once

SECRET = bytes(range(32))
NOW = datetime(2026, 11, 24, tzinfo=UTC)
TAGS: Any = AccessTag.__table__


@pytest.fixture(autouse=True)
def functions_put_back(monkeypatch: pytest.MonkeyPatch) -> None:
    found = authentication.lookup_valid_api_key
    monkeypatch.setattr(authentication, "lookup_valid_api_key", found)
    node = adapter.CatalogNodeAdapter
    monkeypatch.setattr(node, "resolve_access_tag_ids", node.resolve_access_tag_ids)


def with_database(folder: Path, work: Callable[[AsyncEngine, list[str]], Awaitable[None]]) -> None:
    async def run() -> None:
        engine = create_async_engine(f"sqlite+aiosqlite:///{folder}/one.db")
        asked: list[str] = []
        async with engine.begin() as connection:
            await connection.run_sync(people.Base.metadata.create_all)
            await connection.run_sync(TAGS.create)
        event.listen(
            engine.sync_engine,
            "before_cursor_execute",
            lambda connection, cursor, statement, *_: asked.append(statement),
        )
        try:
            await work(engine, asked)
        finally:
            await engine.dispose()

    asyncio.run(run())


async def request(work: Callable[[], Awaitable[None]], kind: str = "http") -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await work()

    await ask_once(app)({"type": kind}, None, None)  # pyright: ignore[reportArgumentType]


async def key_made(engine: AsyncEngine) -> None:
    async with AsyncSession(engine, autoflush=False, expire_on_commit=False) as database:
        owner = people.Principal(type=PrincipalType.service)
        role = people.Role(name="writer", scopes=["write:data"], principals=[owner])
        key = people.APIKey(
            principal=owner,
            first_eight=SECRET.hex()[:8],
            hashed_secret=hashlib.sha256(SECRET).digest(),
            scopes=["inherit"],
        )
        database.add_all([owner, role, key])
        await database.commit()


def test_a_request_asks_once_whom_a_key_belongs_to(tmp_path: Path) -> None:
    async def work(engine: AsyncEngine, asked: list[str]) -> None:
        await key_made(engine)
        asked.clear()
        roles: list[str] = []

        async def thrice() -> None:
            for _ in range(3):
                async with AsyncSession(engine, expire_on_commit=False) as database:
                    key: Any = await authentication.lookup_valid_api_key(database, SECRET)
                    roles.extend(role.name for role in key.principal.roles)

        await request(thrice)
        assert roles == ["writer"] * 3
        assert sum("FROM api_keys" in statement for statement in asked) == 1

    with_database(tmp_path, work)


def test_a_socket_is_looked_at_anew_each_time(tmp_path: Path) -> None:
    async def work(engine: AsyncEngine, asked: list[str]) -> None:
        await key_made(engine)
        known: list[bool] = []

        async def before_and_after() -> None:
            for _ in range(2):
                async with AsyncSession(engine) as database:
                    found = await authentication.lookup_valid_api_key(database, SECRET)
                    known.append(found is not None)
                async with engine.begin() as connection:
                    await connection.execute(delete(people.APIKey))

        await request(before_and_after, kind="websocket")
        assert known == [True, False]

    with_database(tmp_path, work)


def test_a_key_that_was_revoked_is_unknown_to_the_next_request(tmp_path: Path) -> None:
    async def work(engine: AsyncEngine, asked: list[str]) -> None:
        await key_made(engine)
        known: list[bool] = []

        async def once() -> None:
            async with AsyncSession(engine) as database:
                found = await authentication.lookup_valid_api_key(database, SECRET)
                known.append(found is not None)

        await request(once)
        async with engine.begin() as connection:
            await connection.execute(delete(people.APIKey))
        await request(once)
        assert known == [True, False]

    with_database(tmp_path, work)


def test_when_a_key_was_last_used_is_still_written(tmp_path: Path) -> None:
    async def work(engine: AsyncEngine, asked: list[str]) -> None:
        await key_made(engine)

        async def used() -> None:
            async with AsyncSession(engine, expire_on_commit=False) as database:
                await authentication.lookup_valid_api_key(database, SECRET)
            async with AsyncSession(engine, expire_on_commit=False) as database:
                key: Any = await authentication.lookup_valid_api_key(database, SECRET)
                key.latest_activity = NOW
                await database.commit()

        await request(used)
        async with AsyncSession(engine) as database:
            query = select(people.APIKey).options(selectinload(people.APIKey.principal))
            key: Any = (await database.execute(query)).scalar_one()
        assert key.latest_activity.replace(tzinfo=UTC) == NOW

    with_database(tmp_path, work)


def test_a_tag_that_was_published_is_public_to_the_next_request(tmp_path: Path) -> None:
    async def work(engine: AsyncEngine, asked: list[str]) -> None:
        parser, public = TagsParser(engine), list[set[str]]()

        async def twice() -> None:
            public.append(await parser.get_public_tags())
            public[-1].add("changed by whoever asked")
            public.append(await parser.get_public_tags())

        await request(twice)
        assert len(asked) == 1
        async with engine.begin() as connection:
            await connection.execute(TAGS.insert().values(name="unit-A", is_public=True))
        await request(twice)
        assert [public[1], public[3]] == [set(), {"unit-A"}]

    with_database(tmp_path, work)
