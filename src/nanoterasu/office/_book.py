"""Booking: the rules are asked, the quota counted and the station taken in one transaction."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from nanoterasu.facility import Booking, BookingPolicy, Contract, Refused, RuleError, may_book

from ._entries import contract_of
from ._ledger import hours_booked
from ._look import row_by_id
from ._schema import ContractRow
from ._schema_time import BookingRow
from ._settings import setting_of
from ._slots import Taken
from ._write import keep


def book(session: Session, booking: Booking, *, by: str, why: str, at: datetime) -> Booking:
    """Keep a booking when all allows it.

    Raises
    ------
    Refused
        With the rule that is not met; ``booking.overlap`` when the station is taken, also by a
        booking of the same instant over another connection.
    RuleError
        When the booking policy, or something of the contract that decides, is not known.
    ValueError
        When the id is taken, or unit and contract are of different organisations.
    LookupError
        When there is no such contract.
    """
    contract = contract_of(row_by_id(session, ContractRow, "contract", booking.contract_id))
    if session.get(BookingRow, booking.id) is not None:
        raise ValueError(f"Booking {booking.id} is already in the register; give another id.")
    rows = may_book(
        booking,
        contract,
        _policy(session),
        _booked(session, booking, contract, at),
        (),  # whom the station is taken by is the database's to say, for bookings and beamtimes
        at,
    )
    why = f"{why} (by {', '.join(row.id for row in rows)})"
    try:
        keep(session, [booking], replace=False, by=by, why=why, at=at, what="booked")
    except Taken as error:
        raise Refused("booking.overlap", str(error)) from error
    return booking


def _policy(session: Session) -> BookingPolicy | None:
    try:
        return setting_of(session, "booking_policy")
    except RuleError:
        return None  # the rule that needs it says so, with its source


def _booked(session: Session, booking: Booking, contract: Contract, at: datetime) -> float:
    """Return the hours booked in the contract year of the booking [h], weighted by station."""
    if not contract.starts <= booking.days[0] <= contract.ends or contract.year_begins is None:
        return 0.0  # it belongs to no year, which the rules refuse
    return hours_booked(session, contract, *contract.year_of(booking.days[0]), at)
