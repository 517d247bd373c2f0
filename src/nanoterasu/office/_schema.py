"""The tables of who is who in the register, portable between SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, Date, DateTime, ForeignKey, String, false
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
        dict[str, Any]: JSON,
    }


class OrganisationRow(Base):
    """A company, university or institute."""

    __tablename__ = "organisations"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    # Of registers from before there were contracts; kept, never written, and used where a
    # beamtime names no contract, since a contract's dates and shares cannot be made up.
    membership_class: Mapped[str | None]
    contract_hours: Mapped[float | None]


class PersonRow(Base):
    """A person with a login."""

    __tablename__ = "people"
    id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    login: Mapped[str] = mapped_column(unique=True)
    student: Mapped[bool] = mapped_column(default=False, server_default=false())
    grants: Mapped[list[GrantRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin", order_by="GrantRow.key"
    )


class GrantRow(Base):
    """A role or qualification which a person holds, from and until."""

    __tablename__ = "dated_grants"
    key: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), index=True)
    kind: Mapped[str]  # "role" or "qualification"
    name: Mapped[str]
    starts: Mapped[datetime | None]
    ends: Mapped[datetime | None]


class DutyRow(Base):
    """A staff member on duty at a station."""

    __tablename__ = "duties"
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"), primary_key=True)
    station: Mapped[str] = mapped_column(primary_key=True)
    starts: Mapped[datetime] = mapped_column(primary_key=True)
    ends: Mapped[datetime]


class ContractRow(Base):
    """A coalition contract; what it does not state is NULL."""

    __tablename__ = "contracts"
    id: Mapped[str] = mapped_column(primary_key=True)
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"), index=True)
    membership_class: Mapped[str]
    shares: Mapped[int]
    starts: Mapped[date]
    ends: Mapped[date]
    hours_per_year: Mapped[float | None]
    year_begins_month: Mapped[int | None]
    year_begins_day: Mapped[int | None]
    rate: Mapped[int | None]  # JPY/h, tax excluded
    billing: Mapped[dict[str, Any] | None]
    overrun_allowed: Mapped[bool]
    overrun_consented_by: Mapped[str | None]
    carry_over: Mapped[bool | None]
    branch_weight: Mapped[float | None]


class UnitRow(Base):
    """A development topic of a coalition member."""

    __tablename__ = "units"
    id: Mapped[str] = mapped_column(primary_key=True)
    topic: Mapped[str]
    organisation_id: Mapped[str] = mapped_column(ForeignKey("organisations.id"))
    domain: Mapped[str | None]
    members: Mapped[list[MembershipRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
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
