"""The tables of the register, portable between SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import Date, DateTime, ForeignKey, String
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite would lose its time zone."""

    impl = DateTime(timezone=False)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return ``value`` in UTC without zone; a naive one is refused."""
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"{value.isoformat()} has no time zone; give one before it is kept.")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Return the instant, aware, in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class Base(DeclarativeBase):
    """All tables of the register."""

    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: Instant,
        date: Date,
        str: String(),
    }


class OrganisationRow(Base):
    """A company, university or institute."""

    __tablename__ = "organisations"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    membership_class: Mapped[str | None]
    contract_hours: Mapped[float | None]


class PersonRow(Base):
    """A person with a login."""

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    login: Mapped[str] = mapped_column(unique=True)
    grants: Mapped[list[GrantRow]] = relationship(cascade="all, delete-orphan", lazy="selectin")


class GrantRow(Base):
    """A role or qualification which a person holds."""

    __tablename__ = "grants"
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)  # "role" or "qualification"
    name: Mapped[str] = mapped_column(primary_key=True)


class UnitRow(Base):
    """A development topic of a coalition member."""

    __tablename__ = "units"
    id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    domain: Mapped[str | None]
    members: Mapped[list[MembershipRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="MembershipRow.starts"
    )


class MembershipRow(Base):
    """A person's place in a unit, from and until."""

    __tablename__ = "memberships"
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    starts: Mapped[datetime] = mapped_column(primary_key=True)
    ends: Mapped[datetime | None]


class ProposalRow(Base):
    """An accepted proposal for shared use."""

    __tablename__ = "proposals"
    id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    term: Mapped[str]
    term_end: Mapped[date]
    team: Mapped[list[ProposalMemberRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )


class ProposalMemberRow(Base):
    """A person on the team of a proposal."""

    __tablename__ = "proposal_members"
    proposal_id: Mapped[str] = mapped_column(ForeignKey("proposals.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)


class BeamtimeRow(Base):
    """Time at a station for a unit or a proposal."""

    __tablename__ = "beamtimes"
    id: Mapped[str] = mapped_column(primary_key=True)
    beamline: Mapped[str]
    station: Mapped[str] = mapped_column(index=True)
    term: Mapped[str | None]
    access_mode: Mapped[str]
    unit_id: Mapped[str | None] = mapped_column(ForeignKey("units.id"))
    proposal_id: Mapped[str | None] = mapped_column(ForeignKey("proposals.id"))
    organisation_id: Mapped[str | None] = mapped_column(ForeignKey("organisations.id"))
    membership_class: Mapped[str | None]
    domain: Mapped[str | None]
    booking_id: Mapped[str | None]
    safety_review_id: Mapped[str | None]
    safety_review_issuer: Mapped[str | None]
    shared_slot: Mapped[bool]
    measurement_service: Mapped[str]
    term_end: Mapped[date | None]
    overrun_allowed: Mapped[bool]
    example: Mapped[bool]
    slots: Mapped[list[SlotRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="SlotRow.starts"
    )
    team: Mapped[list[BeamtimeMemberRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )
    overrides: Mapped[list[OverrideRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="OverrideRow.rule_id"
    )


class SlotRow(Base):
    """A stretch of a beamtime."""

    __tablename__ = "slots"
    beamtime_id: Mapped[str] = mapped_column(ForeignKey("beamtimes.id"), primary_key=True)
    starts: Mapped[datetime] = mapped_column(primary_key=True, index=True)
    ends: Mapped[datetime]


class BeamtimeMemberRow(Base):
    """A person on the team of a beamtime."""

    __tablename__ = "beamtime_members"
    beamtime_id: Mapped[str] = mapped_column(ForeignKey("beamtimes.id"), primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)


class OverrideRow(Base):
    """A consent to an unconfirmed rule, for one beamtime."""

    __tablename__ = "overrides"
    beamtime_id: Mapped[str] = mapped_column(ForeignKey("beamtimes.id"), primary_key=True)
    rule_id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class UseRow(Base):
    """An entry of the ledger: hours used of a beamtime."""

    __tablename__ = "uses"
    key: Mapped[int] = mapped_column(primary_key=True)
    beamtime_id: Mapped[str] = mapped_column(ForeignKey("beamtimes.id"), index=True)
    at: Mapped[datetime]
    hours: Mapped[float]
