"""Who may read what: access tags in Tiled's catalog database, compiled from the office's roster.

Each access group (``unit-<id>``, ``proposal-<id>``, and ``analysis-`` before either) is one tag
and one container.  The logins that the roster names for a tag read it; the shipping service
writes; nobody else sees that the group exists.  What has been made public carries the tag
``published``, in a container of that name, which everybody reads and the service cannot write.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Collection, Coroutine, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

from nanoterasu.facility import PUBLIC_TAG, analysis_tag

from ._errors import TiledError

ROOT_TAG = "catalog_root"
ANALYSIS_PREFIX = analysis_tag("")
READER_SCOPES = ("read:metadata", "read:data")
USER_SCOPES = (*READER_SCOPES, "create:apikeys", "revoke:apikeys")
SHIPPER_SCOPES = (
    *READER_SCOPES,
    "write:metadata",
    "write:data",
    "create:node",
    # A run that was cut short is removed, which Tiled allows with both, and sent again.
    "delete:node",
    "delete:revision",
    # Large data stay in the detector's file.  Nobody else may ever register one: whoever may,
    # reads every file that the server may read.
    "register",
)
_RESERVED = frozenset({ROOT_TAG, "public"})


class AccessRoster(Protocol):
    """What this room needs of `nanoterasu.facility.Roster`."""

    def access(self) -> Mapping[str, Collection[str]]:
        """Return the logins that may read each access tag; nobody else may."""
        ...

    @property
    def people(self) -> Mapping[str, object]:
        """Everybody with a login."""
        ...


def logins(roster: AccessRoster) -> frozenset[str]:
    """Return every login that ``roster`` names."""
    readers = (login for group in roster.access().values() for login in group)
    return frozenset({*roster.people, *readers})


def definitions(
    access: Mapping[str, Collection[str]], tags: Collection[str], service: str
) -> dict[str, Any]:
    """Return Tiled's tag definitions.

    Parameters
    ----------
    access
        Who reads each tag now.
    tags
        Every tag that has a container, also of groups that have left the roster: nobody reads
        those until the roster names somebody.
    service
        Identity of the shipping service.
    """
    shipper = {"name": service, "role": "shipper"}

    def readers(tag: str) -> list[dict[str, str]]:
        return [{"name": name, "role": "reader"} for name in sorted(set(access.get(tag, ())))]

    everybody: dict[str, Any] = {"auto_tags": [{"name": "public"}]}
    private = sorted(set(tags) - {PUBLIC_TAG})
    return {
        "roles": {
            "reader": {"scopes": list(READER_SCOPES)},
            "shipper": {"scopes": list(SHIPPER_SCOPES)},
        },
        "tags": {
            # The root itself is empty; what it holds is filtered by tag.
            ROOT_TAG: everybody | {"users": [{"name": service, "role": "reader"}]},
            PUBLIC_TAG: everybody,  # nobody writes or applies it through Tiled
            **{tag: {"users": [*readers(tag), shipper]} for tag in private},
        },
        "tag_owners": {tag: {"users": [{"name": service}]} for tag in private},
    }


async def compile_tags(catalog_uri: str, roster: AccessRoster, service: str) -> frozenset[str]:
    """Write the tags and the missing containers; effective on the server's next request.

    All grants change in one transaction: whoever leaves reads until it and not after, whoever
    stays reads throughout.  A new container comes after its tag, and so never without a wall.

    Returns
    -------
    frozenset of str
        All tags that have a container now.
    """
    from tiled.access_control.access_tags import AccessTagsCompiler
    from tiled.access_control.scopes import ALL_SCOPES
    from tiled.server.settings import DatabaseSettings

    access = dict(roster.access())
    if odd := sorted(tag for tag in access if tag in _RESERVED or not tag or "/" in tag):
        raise TiledError(
            f"The roster names the access tags {odd}, which Tiled keeps for itself or cannot use "
            "as a name. Nothing was changed: rename the unit or the proposal in the office."
        )
    there = await _container_tags(catalog_uri)
    tags = there | set(access) | {PUBLIC_TAG}
    compiler = AccessTagsCompiler(
        ALL_SCOPES, definitions(access, tags, service), DatabaseSettings(uri=catalog_uri), None
    )
    compiler.load_tag_config()
    await compiler.compile()
    await _dispose(catalog_uri)
    if missing := tags - there:
        await _make_containers(catalog_uri, missing)
    return frozenset(tags)


@contextmanager
def one_at_a_time(lock: Path) -> Iterator[None]:
    """Wait for other processes that hold ``lock``, and hold it: rosters follow one another."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


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
