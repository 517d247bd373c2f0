"""The tables of whose time it is, and of what was done: slots, hours, settings, journal."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from ._schema import Base


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
    contract_id: Mapped[str | None] = mapped_column(ForeignKey("contracts.id"))
    overrun_allowed: Mapped[bool]
    overrun_consented_by: Mapped[str | None]
    example: Mapped[bool]
    slots: Mapped[list[SlotRow]] = relationship(
        lazy="selectin", order_by="SlotRow.starts", viewonly=True
    )
    team: Mapped[list[BeamtimeMemberRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )
    overrides: Mapped[list[OverrideRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )
    delegations: Mapped[list[DelegationRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )


class BookingRow(Base):
    """A unit's claim to time at a station, before it is a beamtime."""

    __tablename__ = "bookings"
    id: Mapped[str] = mapped_column(primary_key=True)
    unit_id: Mapped[str] = mapped_column(ForeignKey("units.id"))
    station: Mapped[str]
    round: Mapped[str]
    booked_by: Mapped[str]
    booked_at: Mapped[datetime]
    contract_id: Mapped[str] = mapped_column(ForeignKey("contracts.id"), index=True)
    slots: Mapped[list[SlotRow]] = relationship(
        lazy="selectin", order_by="SlotRow.starts", viewonly=True
    )
    overrides: Mapped[list[BookingOverrideRow]] = relationship(
        cascade="all, delete-orphan", lazy="selectin"
    )


class SlotRow(Base):
    """A stretch of time at a station which is taken, by a booking, a beamtime, or one of the other.

    No two overlap at one station: the migration gives PostgreSQL an exclusion constraint and
    SQLite triggers, so that no program, this one or another, can write it.
    """

    __tablename__ = "occupied"
    __table_args__ = (
        CheckConstraint("starts < ends", name="occupied_ends_after_its_start"),
        CheckConstraint(
            "booking_id IS NOT NULL OR beamtime_id IS NOT NULL", name="occupied_by_somebody"
        ),
    )
    key: Mapped[int] = mapped_column(primary_key=True)
    station: Mapped[str]
    starts: Mapped[datetime] = mapped_column(index=True)
    ends: Mapped[datetime]
    booking_id: Mapped[str | None] = mapped_column(ForeignKey("bookings.id"), index=True)
    beamtime_id: Mapped[str | None] = mapped_column(ForeignKey("beamtimes.id"), index=True)


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


class BookingOverrideRow(Base):
    """A consent to an unconfirmed rule, for one booking."""

    __tablename__ = "booking_overrides"
    booking_id: Mapped[str] = mapped_column(ForeignKey("bookings.id"), primary_key=True)
    rule_id: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    granted_by: Mapped[str]
    granted_at: Mapped[datetime]


class DelegationRow(Base):
    """A person who may operate for a beamtime for a while."""

    __tablename__ = "delegations"
    key: Mapped[int] = mapped_column(primary_key=True)
    beamtime_id: Mapped[str] = mapped_column(ForeignKey("beamtimes.id"), index=True)
    person_id: Mapped[str] = mapped_column(ForeignKey("people.id"))
    granted_by: Mapped[str]
    reason: Mapped[str]
    starts: Mapped[datetime]
    ends: Mapped[datetime]


class HoursRow(Base):
    """An entry of the ledger: hours of one kind of a beamtime."""

    __tablename__ = "hours"
    key: Mapped[int] = mapped_column(primary_key=True)
    beamtime_id: Mapped[str] = mapped_column(ForeignKey("beamtimes.id"), index=True)
    kind: Mapped[str]  # "delivered", "lost_by_facility", "lost_by_user" or "used"
    at: Mapped[datetime]
    hours: Mapped[float]


class HeliumRow(Base):
    """An entry of the ledger: liquid helium taken by a beamtime."""

    __tablename__ = "helium"
    key: Mapped[int] = mapped_column(primary_key=True)
    beamtime_id: Mapped[str] = mapped_column(ForeignKey("beamtimes.id"), index=True)
    at: Mapped[datetime]
    litres: Mapped[float]


class SettingRow(Base):
    """A value that the facility must state; there are no defaults."""

    __tablename__ = "settings"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSON)


class JournalRow(Base):
    """What was done, when, by whom and why; triggers refuse to change or delete a row."""

    __tablename__ = "journal"
    key: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by: Mapped[str]
    what: Mapped[str]
    kind: Mapped[str] = mapped_column(index=True)
    id: Mapped[str]
    why: Mapped[str]
    details: Mapped[dict[str, Any]]
