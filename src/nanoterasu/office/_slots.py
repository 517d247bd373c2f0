"""Who holds which slot of a station: taken, handed from a booking to its beamtime, and let go."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from nanoterasu.facility import Beamtime, Booking, Slot, said

from ._schema_time import BeamtimeRow, BookingRow, SlotRow

GUARD = "occupied_by_one_at_a_time"  # as the migration names the constraint and the triggers


class Taken(ValueError):
    """A slot that another booking or beamtime has; it does not say whose."""


def release(session: Session, entries: Iterable[Booking | Beamtime]) -> None:
    """Let go of all slots of ``entries``, before they take new ones in any order.

    A slot of a booking which a beamtime holds that is not among them stays taken.
    """
    entries = list(entries)
    beamtimes = [entry.id for entry in entries if isinstance(entry, Beamtime)]
    bookings = [entry.id for entry in entries if isinstance(entry, Booking)]
    own = SlotRow.beamtime_id.in_(beamtimes)
    session.execute(delete(SlotRow).where(own, SlotRow.booking_id.is_(None)))
    session.execute(update(SlotRow).where(own).values(beamtime_id=None))
    session.execute(
        delete(SlotRow).where(SlotRow.booking_id.in_(bookings), SlotRow.beamtime_id.is_(None))
    )
    session.expire_all()


def take(session: Session, entry: Booking | Beamtime) -> None:
    """Take the slots of ``entry`` at its station.

    Raises
    ------
    ValueError
        When one is taken, or a beamtime is not within the booking which it names.
    """
    if isinstance(entry, Booking):
        _book(session, entry)
    elif entry.booking_id and (booking := session.get(BookingRow, entry.booking_id)):
        _hand_over(session, entry, booking)
    else:
        for slot in entry.slots:
            _insert(session, entry, slot, SlotRow(beamtime_id=entry.id))


def _book(session: Session, booking: Booking) -> None:
    held = {
        (row.station, Slot(row.starts, row.ends)): row
        for row in session.scalars(select(SlotRow).where(SlotRow.booking_id == booking.id))
    }
    given_up = held.keys() - {(booking.station, slot) for slot in booking.slots}
    if given_up:
        station, slot = min(given_up, key=lambda each: each[1].starts)
        raise ValueError(
            f"Booking {booking.id} gives up {_said(station, slot)}, which its beamtime "
            f"{held[station, slot].beamtime_id} holds; move or close the beamtime first."
        )
    for slot in booking.slots:
        if (booking.station, slot) not in held and not _adopted(session, booking, slot):
            _insert(session, booking, slot, SlotRow(booking_id=booking.id))


def _adopted(session: Session, booking: Booking, slot: Slot) -> bool:
    """Return whether a beamtime that names the booking held the slot already; it is now both's."""
    row = session.scalar(
        select(SlotRow)
        .join(BeamtimeRow, BeamtimeRow.id == SlotRow.beamtime_id)
        .where(
            BeamtimeRow.booking_id == booking.id,
            SlotRow.station == booking.station,
            SlotRow.starts == slot.starts,
            SlotRow.ends == slot.ends,
        )
    )
    if row is not None:
        row.booking_id = booking.id
        session.flush()
    return row is not None


def _hand_over(session: Session, beamtime: Beamtime, booking: BookingRow) -> None:
    of_booking = (booking.unit_id, booking.station, booking.contract_id)
    if (beamtime.unit_id, beamtime.station, beamtime.contract_id) != of_booking:
        raise ValueError(
            f"Beamtime {beamtime.id} is of unit {beamtime.unit_id} at {beamtime.station} under "
            f"contract {beamtime.contract_id}, but its booking {booking.id} is of unit "
            f"{booking.unit_id} at {booking.station} under {booking.contract_id}; give the "
            "booking's."
        )
    for slot in beamtime.slots:
        row = session.scalar(
            select(SlotRow).where(
                SlotRow.booking_id == booking.id,
                SlotRow.starts == slot.starts,
                SlotRow.ends == slot.ends,
                SlotRow.beamtime_id.is_(None),
            )
        )
        if row is None:
            raise ValueError(
                f"Beamtime {beamtime.id} has {_said(beamtime.station, slot)}, which is no slot "
                f"of its booking {booking.id} that is left; give a slot as it was booked."
            )
        row.beamtime_id = beamtime.id
        session.flush()


def _insert(session: Session, entry: Booking | Beamtime, slot: Slot, row: SlotRow) -> None:
    row.station, row.starts, row.ends = entry.station, slot.starts, slot.ends
    session.add(row)
    try:
        session.flush()
    except IntegrityError as error:
        if GUARD not in str(error.orig):
            raise
        # Whose it is stays unsaid: that a rival measures there and then is the rival's secret.
        raise Taken(
            f"{type(entry).__name__} {entry.id} cannot have {_said(entry.station, slot)}: "
            "the station is taken in that time; take another slot, or ask the user office."
        ) from error


def _said(station: str, slot: Slot) -> str:
    return f"station {station} from {said(slot.starts)} to {said(slot.ends)}"
