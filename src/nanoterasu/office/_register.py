"""The register: who is who, which units and proposals there are, and whose time it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from nanoterasu.facility import Booking, aware

from ._book import book
from ._close import close
from ._journal import Entry as Line
from ._journal import enter
from ._reading import Reading
from ._record import record_helium, record_hours
from ._rows import Entry
from ._settings import put_setting
from ._write import keep


class Register(Reading):
    """The office's register in one database.

    Reading raises OSError when the database does not answer; it never answers with nothing.

    Parameters
    ----------
    place
        Path of a SQLite file, or a database URL; see `office_place`.
    create
        Whether to make the file (mode 0600) and its tables when they are missing, and to upgrade
        those of an earlier version.
    clock
        What gives the present instant, where none is given.

    Raises
    ------
    OSError
        When it cannot be opened, or is of another revision, with what to do.
    """

    def add(
        self, *entries: Entry, replace: bool = False, by: str = "system", why: str = "entered"
    ) -> None:
        """Keep ``entries``, all or none, in the order in which they name one another.

        Parameters
        ----------
        entries
            Organisations, people, duties, contracts, units, proposals, bookings and beamtimes.
        replace
            Whether an entry takes the place of an earlier one with its id; a duty, of those of
            the person at the station which it overlaps.
        by, why
            Who enters them, and the reason; both stand in the journal.

        Raises
        ------
        ValueError
            When an id or a slot is taken, or an entry names something that is not in the register.
        Refused
            When a beamtime is of a call that was closed, or the shared slots of its term are used
            up.
        """
        with self._database.writing() as session:
            keep(session, entries, replace=replace, by=by, why=why, at=self._clock())

    def put(
        self, entries: Sequence[Entry], settings: Mapping[str, Any], *, by: str, why: str
    ) -> None:
        """Keep entries, in the place of those with their ids, and settings: all or nothing."""
        with self._database.writing() as session:
            keep(session, entries, replace=True, by=by, why=why, at=self._clock())
            for name, value in settings.items():
                self._set(session, name, value, by, why)

    def book(self, booking: Booking, by: str, why: str, at: datetime) -> Booking:
        """Keep a booking when the rounds, the contract's hours and the station allow it at ``at``.

        Parameters
        ----------
        booking
            Not yet in the register.
        by, why
            Who books, and the reason.
        at
            Instant of the booking.

        Returns
        -------
        Booking
            As kept.

        Raises
        ------
        Refused
            With the rule that is not met.
        RuleError
            When a rule or the setting ``booking_policy`` is not known.
        ValueError
            When the station is taken in one of its slots, whoever has it.
        """
        with self._database.writing() as session:
            return book(session, booking, by=by, why=why, at=aware(at, "A booking made at"))

    def close_entry(
        self, kind: str, id: str, by: str, why: str, at: datetime | None = None
    ) -> None:
        """End what an entry holds, now or at ``at``; nothing of it is forgotten.

        Parameters
        ----------
        kind
            ``person``, ``duty``, ``contract``, ``unit``, ``booking`` or ``beamtime``.
        id
            Of the entry; of a duty ``person/station/start``.

        Raises
        ------
        LookupError
            When there is no such entry.
        ValueError
            When entries of the kind do not end by themselves.
        """
        instant = self._instant(at)
        with self._database.writing() as session:
            before = close(session, kind, id, instant)
            details = {"closed": instant, "before": before}
            enter(session, Line(self._clock(), by, "closed", kind, id, why, details))

    def record(
        self, beamtime_id: str, kind: str, hours: float, at: datetime, by: str, why: str
    ) -> None:
        """Enter hours of a beamtime into the ledger.

        Parameters
        ----------
        beamtime_id
            Whose hours.
        kind
            ``delivered``, ``lost_by_facility``, ``lost_by_user`` or ``used``.
        hours
            How many [h], more than zero.
        at
            Instant at which they were, within a slot of the beamtime.

        Raises
        ------
        ValueError
            When they are no hours, of no such kind, or outside its slots.
        LookupError
            When there is no such beamtime.
        """
        line = Line(self._clock(), by, "recorded", "beamtime", beamtime_id, why)
        with self._database.writing() as session:
            record_hours(session, line, kind, hours, aware(at, "Hours at"))

    def record_helium(
        self, beamtime_id: str, litres: float, by: str, at: datetime, why: str = "taken"
    ) -> None:
        """Enter liquid helium which a beamtime took [l]; ValueError when it is no amount."""
        line = Line(self._clock(), by, "recorded", "beamtime", beamtime_id, why)
        with self._database.writing() as session:
            record_helium(session, line, litres, aware(at, "Helium at"))

    def set(self, name: str, value: Any, by: str, why: str) -> None:
        """Keep the value of a setting, such as ``booking_policy``; ValueError when it is none."""
        with self._database.writing() as session:
            self._set(session, name, value, by, why)

    def note(
        self,
        what: str,
        kind: str,
        id: str,
        by: str,
        why: str,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        """Write into the journal an act that was done elsewhere, such as publishing a run."""
        with self._database.writing() as session:
            enter(session, Line(self._clock(), by, what, kind, id, why, details or {}))

    def _set(self, session: Session, name: str, value: Any, by: str, why: str) -> None:
        before, now = put_setting(session, name, value)
        if before != now:
            details = {"now": now} | ({} if before is None else {"before": before})
            enter(session, Line(self._clock(), by, "set", "setting", name, why, details))
