"""Runs by the thousand, straight into the databases behind Tiled.

Through Tiled they would come at some ten a second.  What is written is what Tiled writes: rows of
its own tables through its own SQLAlchemy models, whose triggers keep the closure table and the full
text; and rows of an event table beside those of a run that came in by the front door.
"""

from __future__ import annotations

import random
import sqlite3
import uuid
from pathlib import Path
from typing import Any

import sqlalchemy

from ._station import TAG, Station

TECHNIQUES = ("XAS", "XMCD", "RIXS", "XPS", "ARPES")
EDGES = ("Fe L3", "Co L3", "Ni L3", "O K")
SPECS = [{"name": "BlueskyRun", "version": "3.0"}]
_FIRST = 1.78e9  # s, Unix: when the first run began; one each ten minutes


def add_runs(place: Station, first: int, last: int) -> list[str]:
    """Add closed runs without streams, numbered ``first`` to ``last - 1``; return their uids.

    The same seed gives the same runs, but for their uids.
    """
    from tiled.catalog import orm
    from tiled.structures.core import StructureFamily

    draw = random.Random(first)
    uids = [str(uuid.UUID(int=draw.getrandbits(128), version=4)) for _ in range(first, last)]
    engine = sqlalchemy.create_engine(place.home.catalog_uri.replace("+aiosqlite", ""))
    tables: Any = orm
    nodes, tags = tables.Node.__table__, tables.AccessTag.__table__
    tagged = tables.NodeAccessTagAssociation.__table__
    with engine.begin() as database:
        group = database.scalar(
            sqlalchemy.select(nodes.c.id).where(nodes.c.key == TAG, nodes.c.parent == 0)
        )
        tag = database.scalar(sqlalchemy.select(tags.c.id).where(tags.c.name == TAG))
        begin = 1 + database.scalars(sqlalchemy.select(sqlalchemy.func.max(nodes.c.id))).one()
        rows = [
            {
                "id": begin + place_in,
                "parent": group,
                "key": uid,
                "structure_family": StructureFamily.container,
                "metadata": _metadata(draw, uid, first + place_in),
                "specs": SPECS,
            }
            for place_in, uid in enumerate(uids)
        ]
        database.execute(nodes.insert(), rows)
        database.execute(tagged.insert(), [{"node_id": row["id"], "tag_id": tag} for row in rows])
    engine.dispose()
    return uids


def _metadata(draw: random.Random, uid: str, number: int) -> dict[str, Any]:
    began = _FIRST + 600 * number
    start = {
        "uid": uid,
        "time": began,
        "scan_id": number,
        "technique": draw.choice(TECHNIQUES),
        "edge": draw.choice(EDGES),
        "beamline": "BENCH",
        "beamtime_id": f"BT-{number // 50}",
        "plan_name": "scan",
        "detectors": ["i0", "tey", "tfy"],
        "sample": {"id": f"s{number % 300}", "name": f"sample {number % 300}"},
    }
    stop = {"uid": f"stop-{uid}", "run_start": uid, "time": began + 300, "exit_status": "success"}
    return {"start": start, "stop": stop}


def tables(place: Station) -> list[str]:
    """Return the event tables, in the order in which they were made."""
    with sqlite3.connect(place.home.tables) as database:
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'table_*'"
        return [name for (name,) in database.execute(query)]


def add_rows(tables_file: Path, table: str, rows: int, *, a_run: int = 10_000) -> None:
    """Add ``rows`` copies of the first row of an event table, as runs of ``a_run`` rows."""
    with sqlite3.connect(tables_file, timeout=60) as database:
        names = [row[1] for row in database.execute(f'PRAGMA table_info("{table}")')]
        rest = [name for name in names if name != "_dataset_id"]
        columns = ", ".join(f'"{name}"' for name in rest)
        database.execute(
            f'INSERT INTO "{table}" (_dataset_id, {columns}) '
            "WITH RECURSIVE number(n) AS "
            "(SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n + 1 < ?) "
            f"SELECT 1000000 + n / ?, {columns} FROM number, "
            f'(SELECT {columns} FROM "{table}" LIMIT 1)',
            (rows, a_run),
        )


def indices(place: Station, table: str) -> list[str]:
    """Return the statements that made the indices of an event table."""
    with sqlite3.connect(place.home.tables) as database:
        query = "SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?"
        return [sql for (sql,) in database.execute(query, (table,))]


def make_index(place: Station, table: str) -> None:
    """Make the index that Tiled means to make."""
    with sqlite3.connect(place.home.tables, timeout=60) as database:
        database.execute(f'CREATE INDEX "bench" ON "{table}" (_dataset_id, _partition_id)')
