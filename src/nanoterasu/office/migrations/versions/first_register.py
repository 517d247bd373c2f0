"""The first register: owners, beamtimes, and the hours used of each."""

import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None


def upgrade() -> None:
    """Make the tables of the first register."""
    text, instant = sa.String(), sa.DateTime()

    def key(name: str, of: str | None = None, type_: sa.types.TypeEngine = text) -> sa.Column:
        references = () if of is None else (sa.ForeignKey(f"{of}.id"),)
        return sa.Column(name, type_, *references, primary_key=True)

    def column(name: str, type_: sa.types.TypeEngine = text, of: str | None = None) -> sa.Column:
        references = () if of is None else (sa.ForeignKey(f"{of}.id"),)
        return sa.Column(name, type_, *references, nullable=False)

    op.create_table(
        "organisations",
        key("id"),
        column("name"),
        sa.Column("membership_class", text),
        sa.Column("contract_hours", sa.Float()),
    )
    op.create_table("people", key("id"), column("name"), sa.Column("login", text, nullable=False),
                    sa.UniqueConstraint("login"))  # fmt: skip
    op.create_table("grants", key("person_id", "people"), key("kind"), key("name"))
    op.create_table(
        "units",
        key("id"),
        column("topic"),
        column("organisation_id", of="organisations"),
        sa.Column("domain", text),
    )
    op.create_table(
        "memberships",
        key("unit_id", "units"),
        key("person_id", "people"),
        key("starts", type_=instant),
        sa.Column("ends", instant),
    )
    op.create_table(
        "proposals", key("id"), column("title"), column("term"), column("term_end", sa.Date())
    )
    op.create_table("proposal_members", key("proposal_id", "proposals"), key("person_id", "people"))
    op.create_table(
        "beamtimes",
        key("id"),
        column("beamline"),
        column("station"),
        sa.Column("term", text),
        column("access_mode"),
        sa.Column("unit_id", text, sa.ForeignKey("units.id")),
        sa.Column("proposal_id", text, sa.ForeignKey("proposals.id")),
        sa.Column("organisation_id", text, sa.ForeignKey("organisations.id")),
        sa.Column("membership_class", text),
        sa.Column("domain", text),
        sa.Column("booking_id", text),
        sa.Column("safety_review_id", text),
        sa.Column("safety_review_issuer", text),
        column("shared_slot", sa.Boolean()),
        column("measurement_service"),
        sa.Column("term_end", sa.Date()),
        column("overrun_allowed", sa.Boolean()),
        column("example", sa.Boolean()),
    )
    op.create_index("ix_beamtimes_station", "beamtimes", ["station"])
    op.create_table(
        "slots",
        key("beamtime_id", "beamtimes"),
        key("starts", type_=instant),
        column("ends", instant),
    )
    op.create_index("ix_slots_starts", "slots", ["starts"])
    op.create_table("beamtime_members", key("beamtime_id", "beamtimes"), key("person_id", "people"))
    op.create_table(
        "overrides",
        key("beamtime_id", "beamtimes"),
        key("rule_id"),
        column("reason"),
        column("granted_by"),
        column("granted_at", instant),
    )
    op.create_table(
        "uses",
        sa.Column("key", sa.Integer(), primary_key=True),
        column("beamtime_id", of="beamtimes"),
        column("at", instant),
        column("hours", sa.Float()),
    )
    op.create_index("ix_uses_beamtime_id", "uses", ["beamtime_id"])
