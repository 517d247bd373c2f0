"""Booking: the rounds, who may book in which, and until when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from ._beamtime import Override, Slot
from ._instants import JST, aware
from ._people import code

ROUNDS = ("first", "second", "third")


@dataclass(frozen=True, slots=True)
class Booking:
    """A coalition unit's booking of slots at a station, made in one of the rounds."""

    id: str
    unit_id: str
    station: str
    slots: tuple[Slot, ...]
    round: str
    booked_by: str
    booked_at: datetime
    contract_id: str
    overrides: tuple[Override, ...] = ()

    def __post_init__(self) -> None:
        code(self.id, "Booking id")
        code(self.unit_id, f"Unit id of booking {self.id}")
        code(self.station, f"Station of booking {self.id}")
        code(self.contract_id, f"Contract id of booking {self.id}")
        aware(self.booked_at, f"Booking {self.id}, made at")
        object.__setattr__(self, "slots", tuple(sorted(self.slots, key=lambda s: s.starts)))
        object.__setattr__(self, "overrides", tuple(self.overrides))
        if self.round not in ROUNDS:
            raise ValueError(
                f"Booking {self.id} is of round {self.round!r}; give one of {', '.join(ROUNDS)}."
            )
        if not self.slots:
            raise ValueError(f"Booking {self.id} has no slot; give at least one start and end.")
        if not self.booked_by:
            raise ValueError(f"Booking {self.id} is by nobody; say who booked.")

    @property
    def days(self) -> tuple[date, date]:
        """First and last day of use in Japan; a slot that ends at midnight ends the day before."""
        last = max(slot.ends for slot in self.slots) - timedelta(microseconds=1)
        return self.slots[0].starts.astimezone(JST).date(), last.astimezone(JST).date()

    @property
    def hours(self) -> float:
        """Length of all its slots [h]."""
        return sum(slot.hours() for slot in self.slots)


@dataclass(frozen=True, slots=True)
class BookingPolicy:
    """How the days before a use are counted, which no source says: set by the user office.

    Attributes
    ----------
    count
        ``calendar`` or ``working`` days, in Japan.
    cut_off
        Time of the closing day at which a round closes, JST.
    inclusive
        Whether the closing day itself is still open, until its cut-off.
    holidays
        Days that are no working days, besides Saturdays and Sundays.
    """

    count: str
    cut_off: time
    inclusive: bool
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "holidays", frozenset(self.holidays))
        if self.count not in ("calendar", "working"):
            raise ValueError(
                f"A booking policy counts {self.count!r} days; give calendar or working."
            )
        if self.cut_off.tzinfo is not None:
            raise ValueError(
                f"The cut-off {self.cut_off} of a booking policy has a time zone; give the time "
                "in JST without one."
            )
