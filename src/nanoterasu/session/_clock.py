"""Whether the clock can be believed: a beamtime that is over must not come back with it."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from nanoterasu.facility import JST, Refused, said
from nanoterasu.office import Register, office_place
from nanoterasu.records import SpoolError, SpoolReader

from ._kept import keep, kept

TOLERANCE = timedelta(seconds=5)
"""How far back an instant may lie; a clock that is kept by the network moves less."""

_SOURCE = "this software: what cannot be decided does not run"


def steady() -> float:
    """Seconds of a clock that nobody can set, and that counts while the machine sleeps [s]."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class StationClock:
    """Refuses an instant before what is already known at a station.

    Known are the last document in the spool, the last instant at which a gate was asked (kept in
    the home, so that ending the program does not help), and, within this process, a clock that
    cannot be set.

    Parameters
    ----------
    home
        Folder of the running system.
    station
        Whose spool and note these are.
    steady
        Seconds of a clock that only goes forward [s].
    """

    def __init__(self, home: Path, station: str, *, steady: Callable[[], float] = steady) -> None:
        self.path = home / "run" / f"clock-{station}.json"
        self.station = station
        self._spool = home / "spool" / station
        self._steady = steady
        self._first: tuple[datetime, float] | None = None

    def check(self, at: datetime) -> None:
        """Believe ``at`` and keep it, or refuse.

        Raises
        ------
        nanoterasu.facility.Refused
            By the rule ``clock.back``.
        """
        for known, where in self._known():
            if at < known - TOLERANCE:
                raise self._refused(at, f"{said(known)} has passed already ({where})")
        now = self._steady()
        first, then = self._first or (at, now)
        expected = first + timedelta(seconds=now - then)
        if abs(at - expected) > TOLERANCE:
            raise self._refused(
                at, f"by the time since this session's first check it is {said(expected)}"
            )
        self._first = first, then
        note = self._note()
        if at > _instant(note.get("at")):
            self._keep(note | {"at": at.astimezone(JST).isoformat()})

    def trust(self, at: datetime, *, by: str, why: str) -> None:
        """Take ``at`` for right, although something here is dated later."""
        with SpoolReader(self._spool) as reader:
            beyond = reader.last()
        self._first = None
        self._keep({"at": at.isoformat(), "beyond": beyond, "trusted_by": by, "why": why})

    def _known(self) -> list[tuple[datetime, str]]:
        note = self._note()
        known = [(_instant(note.get("at")), "when a run was last asked for here")]
        try:
            with SpoolReader(self._spool) as reader:
                last = reader.last_time(int(note.get("beyond", 0)))
        except SpoolError as error:
            raise self._unreadable(error) from error
        if last is not None:
            known.append((datetime.fromtimestamp(last, JST), "when something was last measured"))
        return known

    def _note(self) -> dict[str, Any]:
        try:
            note = kept(self.path)
            _instant(note.get("at"))
        except (OSError, ValueError, TypeError) as error:
            raise self._unreadable(error) from error
        return note

    def _keep(self, note: dict[str, Any]) -> None:
        try:
            keep(self.path, note)
        except OSError as error:
            raise self._unreadable(error) from error

    def _refused(self, at: datetime, because: str) -> Refused:
        return Refused(
            "clock.back",
            f"The clock of this machine says {said(at)}, but {because}. A clock that jumps could "
            f"open a beamtime which is over or has not begun, so no run opens at {self.station}. "
            "Set the clock right and begin the session again; if it is right now and was ahead "
            f"before, let the beamline's staff say so: nanoterasu confirm-clock {self.station}",
            source=_SOURCE,
        )

    def _unreadable(self, error: Exception) -> Refused:
        return Refused(
            "clock.back",
            f"When {self.station} last measured cannot be told ({error}), so no run opens: the "
            f"clock might have jumped back. Mend {self.path} and the folder {self._spool}, or let "
            "the beamline's staff remove that file.",
            source=_SOURCE,
        )


def confirm_clock(home: Path, station: str, *, operator: str, why: str) -> None:
    """Say that the clock is right now and was ahead before; the only way out of ``clock.back``.

    Parameters
    ----------
    home
        Folder of the running system.
    station
        Where something is dated later than now.
    operator
        Login of a member of the staff.
    why
        Kept, with the login, beside the instant.

    Raises
    ------
    PermissionError
        When the operator is not of the staff, or gives no reason.
    """
    at = datetime.now(JST)
    with Register(office_place(home)) as register:
        if not register.person(operator).is_staff(at) or not why.strip():
            raise PermissionError(
                f"{operator} cannot confirm the clock of {station}: a member of the staff can, and "
                "says why."
            )
    StationClock(home, station).trust(at, by=operator, why=why)


def _instant(text: str | None) -> datetime:
    if text is None:
        return datetime.fromtimestamp(0, JST)
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise ValueError(f"the instant {text} has no time zone")
    return instant
