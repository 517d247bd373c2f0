"""Reading the register: every answer is of one instant, and no answer is an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sqlalchemy import select

from nanoterasu.facility import (
    Beamtime,
    Booking,
    Contract,
    Hours,
    Organisation,
    Person,
    Roster,
    Unit,
    aware,
)

from . import _look
from ._entries import contract_of, organisation_of, person_of, unit_of
from ._journal import Entry as Line
from ._journal import entries
from ._ledger import helium_of, hours_of
from ._notice import notice
from ._open import Database
from ._rows import Entry
from ._schema import ContractRow, OrganisationRow, PersonRow, UnitRow
from ._settings import all_settings, setting_of
from ._write import everything


def _now() -> datetime:
    return datetime.now(UTC)


class Reading:
    """What can be asked of a register; `Register` adds what can be written.

    Parameters
    ----------
    place, create, clock
        As for `Register`.
    """

    def __init__(
        self, place: str | Path, *, create: bool = False, clock: Callable[[], datetime] = _now
    ) -> None:
        self._database = Database(place, create=create)
        self.place = self._database.place
        self._clock = clock

    def close(self) -> None:
        """Let go of the database."""
        self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def person(self, login: str) -> Person:
        """Return the person with this login; LookupError when there is none."""
        with self._database.reading() as session:
            return _look.person_at(session, login)

    def people(self) -> tuple[Person, ...]:
        """Return all people, by id."""
        with self._database.reading() as session:
            rows = session.scalars(select(PersonRow).order_by(PersonRow.id))
            return tuple(person_of(row) for row in rows)

    def organisations(self) -> tuple[Organisation, ...]:
        """Return all organisations, by id."""
        with self._database.reading() as session:
            rows = session.scalars(select(OrganisationRow).order_by(OrganisationRow.id))
            return tuple(organisation_of(row) for row in rows)

    def units(self) -> tuple[Unit, ...]:
        """Return all units, by id."""
        with self._database.reading() as session:
            return tuple(unit_of(row) for row in session.scalars(select(UnitRow).order_by("id")))

    def unit(self, id: str) -> Unit:
        """Return a unit; LookupError when there is none."""
        with self._database.reading() as session:
            return unit_of(_look.row_by_id(session, UnitRow, "unit", id))

    def contracts(self, organisation_id: str | None = None) -> tuple[Contract, ...]:
        """Return the contracts of an organisation (None: of all), by id."""
        wanted = select(ContractRow).order_by(ContractRow.id)
        if organisation_id is not None:
            wanted = wanted.where(ContractRow.organisation_id == organisation_id)
        with self._database.reading() as session:
            return tuple(contract_of(row) for row in session.scalars(wanted))

    def contract(self, id: str) -> Contract:
        """Return a contract; LookupError when there is none."""
        with self._database.reading() as session:
            return contract_of(_look.row_by_id(session, ContractRow, "contract", id))

    def booking(self, id: str) -> Booking:
        """Return a booking with the slots that are left; LookupError when there are none."""
        with self._database.reading() as session:
            return _look.booking_by_id(session, id)

    def beamtime(self, beamtime_id: str, at: datetime | None = None) -> Beamtime:
        """Return a beamtime, with those of its team who belong to its owner at ``at``.

        Parameters
        ----------
        beamtime_id
            As the user office gave it, such as ``BT-0001``.
        at
            The present instant when not given.

        Raises
        ------
        LookupError
            When there is none; nothing is said of others' beamtimes.
        """
        instant = self._instant(at)
        with self._database.reading() as session:
            return _look.beamtime_at(session, _look.beamtime_row(session, beamtime_id), instant)

    def beamtimes(self, station: str, at: datetime) -> list[Beamtime]:
        """Return the beamtimes at ``station`` of which a slot holds ``at``.

        Raises
        ------
        LookupError
            When there is no such station.
        """
        instant = self._instant(at)
        with self._database.reading() as session:
            return _look.beamtimes_at(session, station, instant)

    def roster(self, at: datetime | None = None) -> Roster:
        """Return who belongs to which access tag at ``at`` (the present when not given).

        Every unit and proposal has its tag, also one without members.
        """
        instant = self._instant(at)
        with self._database.reading() as session:
            return _look.roster_at(session, instant)

    def entries_by_kind(self) -> dict[str, list[Entry]]:
        """Return every entry as it was entered, by kind and in the order of ids.

        Bookings and beamtimes that were closed before they began hold no time and are left out.
        """
        with self._database.reading() as session:
            return everything(session)

    def hours(self, beamtime_id: str) -> Hours:
        """Return the hours of a beamtime [h]; LookupError when there is none."""
        with self._database.reading() as session:
            return hours_of(session, _look.beamtime_row(session, beamtime_id))

    def helium(self, beamtime_id: str) -> float:
        """Return the liquid helium which a beamtime took [l]; LookupError when there is none."""
        with self._database.reading() as session:
            return helium_of(session, _look.beamtime_row(session, beamtime_id))

    def end_notice(self, beamtime_id: str) -> str:
        """Return the text for the notice of the beamtime's end; LookupError when there is none."""
        with self._database.reading() as session:
            return notice(session, _look.beamtime_row(session, beamtime_id))

    def setting(self, name: str) -> Any:
        """Return the value of a setting, such as ``booking_policy``.

        Raises
        ------
        RuleError
            When it is not set; it is never guessed.
        """
        with self._database.reading() as session:
            return setting_of(session, name)

    def settings(self) -> dict[str, Any]:
        """Return every setting that is set, by name."""
        with self._database.reading() as session:
            return all_settings(session)

    def journal(self, kind: str | None = None, id: str | None = None) -> tuple[Line, ...]:
        """Return what was done to ``kind`` and ``id`` (None: to all), the oldest first."""
        with self._database.reading() as session:
            return entries(session, kind, id)

    def _instant(self, at: datetime | None) -> datetime:
        return self._clock() if at is None else aware(at, "The instant to look up")
