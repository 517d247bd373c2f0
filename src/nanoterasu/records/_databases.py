"""Tiled's databases: made once, with the shipping service's identity, and indexed."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from typing import Any

_SHIPPER = "shipper"  # Tiled's role for the shipping service
_KEY = "records.ship"  # note on its keys


async def make_databases(catalog_uri: str, authn_uri: str) -> None:
    """Make what is missing of the catalog and of the database of identities."""
    from tiled.authn_database import core as authn
    from tiled.catalog import core as catalog

    await _initialise(catalog_uri, catalog)
    await _initialise(authn_uri, authn)


async def _initialise(uri: str, core: Any) -> None:
    """Make the tables of one of Tiled's databases and stamp their revision, once."""
    from sqlalchemy import text
    from sqlalchemy.ext.asyncio import create_async_engine
    from tiled.alembic_utils import UninitializedDatabase, check_database

    engine = create_async_engine(uri)
    try:
        await check_database(engine, core.REQUIRED_REVISION, core.ALL_REVISIONS)
    except UninitializedDatabase:
        await core.initialize_database(engine)
        async with engine.begin() as connection:
            # What `alembic stamp head` does, without its process-wide configuration.
            await connection.execute(
                text(
                    "CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, "
                    "CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num))"
                )
            )
            await connection.execute(
                text("INSERT INTO alembic_version VALUES (:revision)"),
                {"revision": core.REQUIRED_REVISION},
            )
    finally:
        await engine.dispose()


async def limit_roles(
    uri: str, user_scopes: Sequence[str], shipper_scopes: Sequence[str], service: str | None
) -> bool:
    """Let everybody who logs in read and no more, and the shipping service ship and no more.

    Tiled's own role for users writes, which tags alone would then have to refuse.

    Parameters
    ----------
    uri
        Of the database of identities.
    user_scopes, shipper_scopes
        What either may do at most; a user's key, also one made earlier, does no more.  Keys of
        the shipping service get ``shipper_scopes``.
    service
        Identity of the shipping service, when there is one already.

    Returns
    -------
    bool
        Whether the database knows that service.
    """
    from uuid import UUID

    from sqlalchemy import select, update
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from sqlalchemy.orm import selectinload
    from tiled.authn_database import orm

    engine = create_async_engine(uri)
    try:
        async with AsyncSession(engine) as session:
            user, shipper = [
                (await session.execute(select(orm.Role).where(orm.Role.name == name))).scalar()
                for name in ("user", _SHIPPER)
            ]
            if shipper is None:
                shipper = orm.Role(name=_SHIPPER, description="Files what has been measured.")
                session.add(shipper)
            assert user is not None  # made with the database
            for role, scopes in ((user, user_scopes), (shipper, shipper_scopes)):
                role.scopes = list(scopes)  # pyright: ignore[reportAttributeAccessIssue]
            principal = None
            if service is not None:
                known = select(orm.Principal).options(selectinload(orm.Principal.roles))
                known = known.where(orm.Principal.uuid == UUID(service))
                principal = (await session.execute(known)).unique().scalar()
                if principal is not None:
                    principal.roles = [shipper]
                    key = orm.APIKey
                    own = (key.principal_id == principal.id) & (key.note == _KEY)
                    await session.execute(
                        update(key).where(own).values(scopes=list(shipper_scopes))
                    )
            await session.commit()
            return principal is not None
    finally:
        await engine.dispose()


async def make_service(uri: str, scopes: Sequence[str]) -> tuple[str, str]:
    """Create the shipping service; return its identity and its key, limited to what it needs."""
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from tiled.authn_database import core, orm

    engine = create_async_engine(uri)
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            service = await core.create_service(session, _SHIPPER)
            secret = secrets.token_bytes(36)  # as Tiled makes them: 32, and 4 that are stored
            key = orm.APIKey(
                principal_id=service.id,
                note=_KEY,
                scopes=list(scopes),
                first_eight=secret.hex()[:8],
                hashed_secret=hashlib.sha256(secret).digest(),
            )
            session.add(key)
            await session.commit()
            return str(service.uuid), secret.hex()
    finally:
        await engine.dispose()


def database_errors() -> tuple[type[Exception], ...]:
    """Return what is raised when a database does not answer, or refuses."""
    from asyncpg import InterfaceError, PostgresError
    from sqlalchemy.exc import SQLAlchemyError

    return OSError, InterfaceError, PostgresError, SQLAlchemyError
