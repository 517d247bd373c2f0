"""Who may read what: access tags in Tiled's catalog database, compiled from the office's roster.

Each access group (``unit-<id>``, ``proposal-<id>``) is one tag and one container.  Members and
staff read; the shipping service writes; nobody else sees that the group exists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Protocol

ROOT_TAG = "catalog_root"
READER_SCOPES = ("read:metadata", "read:data")
SHIPPER_SCOPES = (
    *READER_SCOPES,
    "write:metadata",
    "write:data",
    "create:node",
    # A run that was cut short is removed, which Tiled allows with both, and sent again.
    "delete:node",
    "delete:revision",
)


class AccessRoster(Protocol):
    """What this room needs of `nanoterasu.facility.Roster`."""

    @property
    def groups(self) -> Mapping[str, Collection[str]]:
        """Logins that belong to each access tag."""
        ...

    @property
    def staff(self) -> Collection[str]:
        """Logins that read every group."""
        ...

    @property
    def people(self) -> Mapping[str, object]:
        """Everybody with a login."""
        ...


def logins(roster: AccessRoster) -> frozenset[str]:
    """Return every login that ``roster`` names."""
    members = (login for group in roster.groups.values() for login in group)
    return frozenset({*roster.people, *roster.staff, *members})


def definitions(roster: AccessRoster, tags: Collection[str], service: str) -> dict[str, Any]:
    """Return Tiled's tag definitions.

    Parameters
    ----------
    roster
        Who belongs where now.
    tags
        Every tag that has a container, also of groups that have left the roster: their data
        stay readable for the staff.
    service
        Identity of the shipping service.
    """
    shipper = {"name": service, "role": "shipper"}

    def readers(tag: str) -> list[dict[str, str]]:
        names = sorted({*roster.groups.get(tag, ()), *roster.staff})
        return [{"name": name, "role": "reader"} for name in names]

    everybody = {"users": [{"name": service, "role": "reader"}], "auto_tags": [{"name": "public"}]}
    return {
        "roles": {
            "reader": {"scopes": list(READER_SCOPES)},
            "shipper": {"scopes": list(SHIPPER_SCOPES)},
        },
        "tags": {
            ROOT_TAG: everybody,  # the root itself is empty; what it holds is filtered by tag
            **{tag: {"users": [*readers(tag), shipper]} for tag in sorted(tags)},
        },
        "tag_owners": {tag: {"users": [{"name": service}]} for tag in sorted(tags)},
    }


async def compile_tags(catalog_uri: str, roster: AccessRoster, service: str) -> frozenset[str]:
    """Write the tags and the missing containers; effective on the server's next request.

    Returns
    -------
    frozenset of str
        All tags that have a container now.
    """
    from tiled.access_control.access_tags import AccessTagsCompiler
    from tiled.access_control.scopes import ALL_SCOPES
    from tiled.server.settings import DatabaseSettings

    there = await _container_tags(catalog_uri)
    tags = there | set(roster.groups)
    compiler = AccessTagsCompiler(
        ALL_SCOPES, definitions(roster, tags, service), DatabaseSettings(uri=catalog_uri), None
    )
    compiler.load_tag_config()
    await compiler.compile()
    await _dispose(catalog_uri)
    await _make_containers(catalog_uri, tags - there)
    return frozenset(tags)


def in_a_loop_of_its_own(work: Coroutine[Any, Any, Any]) -> Any:
    """Run ``work`` to its end, also where a loop already runs (Jupyter)."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


async def _container_tags(catalog_uri: str) -> set[str]:
    """Return the keys of the catalog's top level."""
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import create_async_engine
    from tiled.catalog import orm

    engine = create_async_engine(catalog_uri)
    try:
        async with engine.connect() as connection:
            top = select(orm.Node.key).where(orm.Node.parent == 0)
            return set((await connection.execute(top)).scalars())
    finally:
        await engine.dispose()


async def _make_containers(catalog_uri: str, tags: Collection[str]) -> None:
    from tiled.catalog.adapter import from_uri
    from tiled.structures.core import Spec, StructureFamily

    root = from_uri(catalog_uri)
    await root.startup()
    try:
        for tag in sorted(tags):
            await root.create_node(
                StructureFamily.container,
                {},
                key=tag,
                specs=[Spec("CatalogOfBlueskyRuns", version="3.0")],
                access_tags=[tag],
            )
    finally:
        await root.shutdown()


async def _dispose(catalog_uri: str) -> None:
    """Close the pool that the compiler opened: its loop ends with this call."""
    from tiled.server.connection_pool import close_database_connection_pool
    from tiled.server.settings import DatabaseSettings

    await close_database_connection_pool(DatabaseSettings(uri=catalog_uri))
