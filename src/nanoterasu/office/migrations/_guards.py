"""What the database itself refuses, whichever program writes: overlaps, and an edited journal."""

import sqlalchemy as sa
from alembic import op

_OVERLAPS = sa.text(
    "SELECT a.station AS station, a.beamtime_id AS one, b.beamtime_id AS other "
    "FROM occupied a JOIN occupied b ON a.station = b.station AND a.key < b.key "
    "AND a.starts < b.ends AND b.starts < a.ends ORDER BY a.key LIMIT 1"
)


def guard_slots() -> None:
    """Refuse slots that overlap at one station.

    Raises
    ------
    ValueError
        When two already do.
    """
    overlap = op.get_bind().execute(_OVERLAPS).first()
    if overlap is not None:
        raise ValueError(
            f"Beamtimes {overlap.one} and {overlap.other} overlap at station {overlap.station}, "
            "so the register is not upgraded and stays as it is; move one of them with the "
            "version of nanoterasu that wrote them, and upgrade again."
        )
    if op.get_bind().dialect.name == "postgresql":
        # A range over codes, since equality of text within such a constraint needs an extension.
        op.execute('CREATE TYPE station_range AS RANGE (subtype = text, collation = "C")')
        op.execute(
            "ALTER TABLE occupied ADD CONSTRAINT occupied_by_one_at_a_time EXCLUDE USING gist "
            "(station_range(station::text, station::text, '[]') WITH &&, "
            "tsrange(starts, ends) WITH &&)"
        )
        return
    for event in ("INSERT", "UPDATE"):
        op.execute(
            f"CREATE TRIGGER occupied_by_one_at_a_time_{event.lower()} AFTER {event} ON occupied "
            "WHEN EXISTS (SELECT 1 FROM occupied o WHERE o.station = NEW.station "
            'AND o."key" <> NEW."key" AND o.starts < NEW.ends AND o.ends > NEW.starts) '
            "BEGIN SELECT RAISE(ABORT, 'occupied_by_one_at_a_time'); END"
        )


def guard_journal() -> None:
    """Refuse to change or delete what stands in the journal."""
    refusal = "the journal is append-only; enter a new row that says what changed"
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
        )
        for event, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER journal_keeps_{event.split()[-1].lower()} BEFORE {event} "
                f"ON journal FOR EACH {each} EXECUTE FUNCTION journal_is_append_only()"
            )
        return
    for event in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER journal_keeps_{event.lower()} BEFORE {event} ON journal "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )
    # INSERT OR REPLACE deletes without asking the trigger above.
    op.execute(
        "CREATE TRIGGER journal_keeps_insert BEFORE INSERT ON journal "
        'WHEN EXISTS (SELECT 1 FROM journal WHERE "key" = NEW."key") '
        f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
    )
