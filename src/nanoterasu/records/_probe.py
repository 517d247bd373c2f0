"""Short-lived keys with which the house asks its own server as somebody else, to prove the wall."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta

from ._audit import Audit
from ._configuration import PROVIDER
from ._home import TiledHome
from ._tags import READER_SCOPES, in_a_loop_of_its_own

_LIFE = 60  # s, also when this process is killed before it takes the key back


@contextmanager
def reader_key(home: TiledHome | str | os.PathLike[str], login: str) -> Iterator[str]:
    """Lend an API key that reads exactly what ``login`` reads.

    It ends with the block, and after a minute in any case.  What is read with it stands in the
    audit trail as the house's proof, not as read by ``login``.

    Parameters
    ----------
    home
        Prepared; the caller must be the account that owns it.
    login
        Whose eyes to borrow; needs never to have logged in.

    Yields
    ------
    str
        The key.
    """
    home = home if isinstance(home, TiledHome) else TiledHome(home)
    home.key()  # says what to do when the home was never prepared
    secret = secrets.token_bytes(36)
    with closing(Audit(home.trail)) as audit:
        audit.expect_proof(secret.hex()[:8], time.time() + _LIFE)
    made = in_a_loop_of_its_own(_lend(home.authn_uri, login, secret))
    try:
        yield secret.hex()
    finally:
        in_a_loop_of_its_own(_take_back(home.authn_uri, secret, made))


async def _lend(uri: str, login: str, secret: bytes) -> bool:
    """Store the key for ``login``; return whether Tiled had never heard of that login."""
    from sqlalchemy import select
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from tiled.authn_database import core, orm

    engine = create_async_engine(uri)
    try:
        async with AsyncSession(engine, expire_on_commit=False) as session:
            known = select(orm.Identity.principal_id).where(
                orm.Identity.provider == PROVIDER, orm.Identity.id == login
            )
            principal = (await session.execute(known)).scalar()
            made = principal is None
            if made:
                principal = (await core.create_user(session, PROVIDER, login)).id
            session.add(
                orm.APIKey(
                    principal_id=principal,
                    expiration_time=datetime.now(UTC) + timedelta(seconds=_LIFE),
                    note="who-can-read",
                    scopes=list(READER_SCOPES),
                    first_eight=secret.hex()[:8],
                    hashed_secret=hashlib.sha256(secret).digest(),
                )
            )
            await session.commit()
            return made
    finally:
        await engine.dispose()


async def _take_back(uri: str, secret: bytes, made: bool) -> None:
    """Delete the key, and with ``made`` the login too unless somebody has used it since."""
    from sqlalchemy import delete, select
    from sqlalchemy.ext.asyncio import AsyncSession, create_async_engine
    from tiled.authn_database import orm

    key = orm.APIKey.hashed_secret == hashlib.sha256(secret).digest()
    engine = create_async_engine(uri)
    try:
        async with AsyncSession(engine) as session:
            who = (await session.execute(select(orm.APIKey.principal_id).where(key))).scalar()
            await session.execute(delete(orm.APIKey).where(key))
            used = [
                (await session.execute(select(table.principal_id).where(table.principal_id == who)))
                .scalars()
                .first()
                for table in (orm.Session, orm.APIKey)
            ]
            if made and who is not None and used == [None, None]:
                roles = orm.principal_role_association_table
                await session.execute(delete(orm.Identity).where(orm.Identity.principal_id == who))
                await session.execute(delete(roles).where(roles.c.principal_id == who))
                await session.execute(delete(orm.Principal).where(orm.Principal.id == who))
            await session.commit()
    finally:
        await engine.dispose()
