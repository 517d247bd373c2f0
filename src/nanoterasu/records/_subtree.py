"""A run and all below it, in the tables of Tiled's catalog: finding, hanging elsewhere, tagging.

Tiled keeps the tree twice, as parents and as a table of all ancestors, and its triggers follow new
entries alone.  Each function here is a part of somebody's transaction and commits nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection


async def runs_named(connection: AsyncConnection, uid: str, *, keep: bool = False) -> Any:
    """Return the entries of this name one step below an access group.

    With ``keep`` they stay as they are, and nothing new hangs below them, until the end of the
    transaction.
    """
    from sqlalchemy import select
    from sqlalchemy.orm import aliased
    from tiled.catalog import orm

    run, group = aliased(orm.Node), aliased(orm.Node)
    columns = (run.id, run.parent, run.metadata_.label("documents"), group.key.label("place"))
    query = select(*columns).join(group, run.parent == group.id)
    query = query.where(run.key == uid, group.parent == 0)
    if keep:
        query = query.with_for_update(of=run)  # SQLite has locked everything by then
    return (await connection.execute(query)).all()


def _below(run: int) -> Any:
    """Select the run and everything below it."""
    from sqlalchemy import select
    from tiled.catalog import orm

    return select(orm.NodesClosure.descendant).where(orm.NodesClosure.ancestor == run)


async def carries(connection: AsyncConnection, run: int, tag: int) -> bool:
    """Return whether the run and all below it carry this tag and no other."""
    from sqlalchemy import func, select
    from tiled.catalog import orm

    link = orm.NodeAccessTagAssociation
    count = select(func.count()).select_from(link).where(link.node_id.in_(_below(run)))
    nodes = (
        await connection.execute(select(func.count()).select_from(_below(run).subquery()))
    ).scalar()
    of_all = (await connection.execute(count)).scalar()
    of_this = (await connection.execute(count.where(link.tag_id == tag))).scalar()
    return nodes == of_all == of_this


async def relocate(connection: AsyncConnection, run: int, target: int) -> None:
    """Hang the run below ``target``, in the tree and in Tiled's table of ancestors."""
    from sqlalchemy import delete, func, insert, select, update
    from sqlalchemy.orm import aliased
    from tiled.catalog import orm

    closure = orm.NodesClosure
    outer = delete(closure).where(
        closure.descendant.in_(_below(run)), closure.ancestor.not_in(_below(run))
    )
    await connection.execute(outer)
    above, below = aliased(closure), aliased(closure)
    pairs = select(above.ancestor, below.descendant, above.depth + below.depth + 1)
    pairs = pairs.join_from(above, below, below.ancestor == run).where(above.descendant == target)
    names = ["ancestor", "descendant", "depth"]
    await connection.execute(insert(closure).from_select(names, pairs))
    place = update(orm.Node).where(orm.Node.id == run)
    await connection.execute(place.values(parent=target, time_updated=func.now()))


async def retag(connection: AsyncConnection, run: int, tag: int) -> int:
    """Leave one tag on the run and all below it, and no older metadata; return how many."""
    from sqlalchemy import delete, insert, literal, select
    from tiled.catalog import orm

    link = orm.NodeAccessTagAssociation
    await connection.execute(delete(link).where(link.node_id.in_(_below(run))))
    closure = orm.NodesClosure
    rows = select(closure.descendant, literal(tag)).where(closure.ancestor == run)
    added = await connection.execute(insert(link).from_select(["node_id", "tag_id"], rows))
    await connection.execute(delete(orm.Revision).where(orm.Revision.node_id.in_(_below(run))))
    return added.rowcount
