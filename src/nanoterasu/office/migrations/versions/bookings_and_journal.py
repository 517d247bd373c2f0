"""Contracts, duties, bookings, taken slots, the ledger by kind, settings and the journal.

Every row of the first register is carried over.  What it knew of coalition contracts stays with
the organisations: a contract needs dates and shares, which it did not know.
"""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from nanoterasu.office.migrations._guards import guard_journal, guard_slots

revision = "2"
down_revision = "1"

_TEXT, _INSTANT = sa.String(), sa.DateTime()


def upgrade() -> None:
    """Make the new tables, carry the rows over, and set the guards."""
    _people()
    _contracts()
    _time()
    _ledger()
    _journal()
    _carry_over()
    guard_slots()
    guard_journal()


def _key() -> sa.Column[int]:
    return sa.Column("key", sa.Integer(), primary_key=True)


def _column(name: str, type_: sa.types.TypeEngine = _TEXT, of: str | None = None) -> sa.Column:
    references = () if of is None else (sa.ForeignKey(f"{of}.id"),)
    return sa.Column(name, type_, *references, nullable=False)


def _consent() -> tuple[sa.Column, ...]:
    return _column("reason"), _column("granted_by"), _column("granted_at", _INSTANT)


def _people() -> None:
    op.add_column(
        "people", sa.Column("student", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.create_table(
        "dated_grants",
        _key(),
        _column("person_id", of="people"),
        _column("kind"),
        _column("name"),
        sa.Column("starts", _INSTANT),
        sa.Column("ends", _INSTANT),
    )
    op.create_index("ix_dated_grants_person_id", "dated_grants", ["person_id"])
    op.create_table(
        "duties",
        sa.Column("person_id", _TEXT, sa.ForeignKey("people.id"), primary_key=True),
        sa.Column("station", _TEXT, primary_key=True),
        sa.Column("starts", _INSTANT, primary_key=True),
        _column("ends", _INSTANT),
    )


def _contracts() -> None:
    op.create_table(
        "contracts",
        sa.Column("id", _TEXT, primary_key=True),
        _column("organisation_id", of="organisations"),
        _column("membership_class"),
        _column("shares", sa.Integer()),
        _column("starts", sa.Date()),
        _column("ends", sa.Date()),
        sa.Column("hours_per_year", sa.Float()),
        sa.Column("year_begins_month", sa.Integer()),
        sa.Column("year_begins_day", sa.Integer()),
        sa.Column("rate", sa.Integer()),
        sa.Column("billing", sa.JSON()),
        _column("overrun_allowed", sa.Boolean()),
        sa.Column("overrun_consented_by", _TEXT),
        sa.Column("carry_over", sa.Boolean()),
        sa.Column("branch_weight", sa.Float()),
    )
    op.create_index("ix_contracts_organisation_id", "contracts", ["organisation_id"])
    # As text, since Alembic adds no reference to a table of SQLite.
    op.execute("ALTER TABLE beamtimes ADD COLUMN contract_id VARCHAR REFERENCES contracts (id)")
    op.add_column("beamtimes", sa.Column("overrun_consented_by", _TEXT))


def _time() -> None:
    op.create_table(
        "bookings",
        sa.Column("id", _TEXT, primary_key=True),
        _column("unit_id", of="units"),
        _column("station"),
        _column("round"),
        _column("booked_by"),
        _column("booked_at", _INSTANT),
        _column("contract_id", of="contracts"),
    )
    op.create_index("ix_bookings_contract_id", "bookings", ["contract_id"])
    op.create_table(
        "booking_overrides",
        sa.Column("booking_id", _TEXT, sa.ForeignKey("bookings.id"), primary_key=True),
        sa.Column("rule_id", _TEXT, primary_key=True),
        *_consent(),
    )
    op.create_table(
        "delegations",
        _key(),
        _column("beamtime_id", of="beamtimes"),
        _column("person_id", of="people"),
        _column("granted_by"),
        _column("reason"),
        _column("starts", _INSTANT),
        _column("ends", _INSTANT),
    )
    op.create_index("ix_delegations_beamtime_id", "delegations", ["beamtime_id"])
    op.create_table(
        "occupied",
        _key(),
        _column("station"),
        _column("starts", _INSTANT),
        _column("ends", _INSTANT),
        sa.Column("booking_id", _TEXT, sa.ForeignKey("bookings.id")),
        sa.Column("beamtime_id", _TEXT, sa.ForeignKey("beamtimes.id")),
        sa.CheckConstraint("starts < ends", name="occupied_ends_after_its_start"),
        sa.CheckConstraint(
            "booking_id IS NOT NULL OR beamtime_id IS NOT NULL", name="occupied_by_somebody"
        ),
    )
    for name in ("starts", "booking_id", "beamtime_id"):
        op.create_index(f"ix_occupied_{name}", "occupied", [name])


def _ledger() -> None:
    for table, *columns in (
        ("hours", _column("kind"), _column("at", _INSTANT), _column("hours", sa.Float())),
        ("helium", _column("at", _INSTANT), _column("litres", sa.Float())),
    ):
        op.create_table(table, _key(), _column("beamtime_id", of="beamtimes"), *columns)
        op.create_index(f"ix_{table}_beamtime_id", table, ["beamtime_id"])
    op.create_table(
        "settings",
        sa.Column("name", _TEXT, primary_key=True),
        _column("value", sa.JSON()),
    )


def _journal() -> None:
    op.create_table(
        "journal",
        _key(),
        _column("at", _INSTANT),
        _column("by"),
        _column("what"),
        _column("kind"),
        _column("id"),
        _column("why"),
        _column("details", sa.JSON()),
    )
    op.create_index("ix_journal_kind", "journal", ["kind"])


def _carry_over() -> None:
    op.execute(
        "INSERT INTO dated_grants (person_id, kind, name) "
        "SELECT person_id, kind, name FROM grants ORDER BY person_id, kind, name"
    )
    op.execute(
        "INSERT INTO occupied (station, starts, ends, beamtime_id) "
        "SELECT b.station, s.starts, s.ends, b.id FROM slots s "
        "JOIN beamtimes b ON b.id = s.beamtime_id ORDER BY s.starts, b.id"
    )
    op.execute(
        "INSERT INTO hours (beamtime_id, kind, at, hours) "
        "SELECT beamtime_id, 'used', at, hours FROM uses ORDER BY key"
    )
    for table in ("grants", "slots", "uses"):
        op.drop_table(table)
    journal = sa.table(
        "journal",
        *(sa.column(name, _TEXT) for name in ("by", "what", "kind", "id", "why")),
        sa.column("at", _INSTANT),
        sa.column("details", sa.JSON()),
    )
    terms = op.get_bind().execute(
        sa.text(
            "SELECT id, membership_class, contract_hours FROM organisations "
            "WHERE membership_class IS NOT NULL OR contract_hours IS NOT NULL ORDER BY id"
        )
    )
    kept = [
        {
            "at": datetime.now(UTC).replace(tzinfo=None),
            "by": "nanoterasu office upgrade",
            "what": "kept",
            "kind": "organisation",
            "id": row.id,
            "why": "class and hours of before there were contracts; they count until a contract "
            "with dates and shares is entered",
            "details": {
                "membership_class": row.membership_class,
                "contract_hours": row.contract_hours,
            },
        }
        for row in terms
    ]
    op.bulk_insert(journal, kept)
