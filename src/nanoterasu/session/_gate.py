"""Whether a run may open, and whose it is: asked anew at each ``open_run``."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from nanoterasu.facility import (
    Beamtime,
    Person,
    Refused,
    RuleError,
    flags,
    may_operate,
    may_run,
)
from nanoterasu.office import Register
from nanoterasu.records import START_SCHEMA, validate_start

from ._clock import StationClock
from ._engine import GUARDED, ProtectedKeyError

_SOFTWARE = ("nanoterasu", "bluesky", "ophyd", "event-model", "tiled", "bluesky-tiled-plugins")
_SOURCE = "this software: what cannot be decided does not run"


class Gate:
    """Decides at each ``open_run`` whether the run may open, and whose it is.

    Asked anew each time, so that a beamtime that has ended or was withdrawn opens nothing.

    Parameters
    ----------
    register
        The office.
    beamtime_id, station, operator
        Of the session.
    twin
        Whether the devices are the twin's.
    clock
        Gives the instant, with its zone.
    believed
        Refuses an instant that cannot be; None where nothing is known of earlier ones.
    """

    def __init__(
        self,
        register: Register,
        beamtime_id: str,
        station: str,
        operator: Person,
        *,
        twin: bool,
        clock: Callable[[], datetime],
        believed: StationClock | None = None,
    ) -> None:
        self._register = register
        self._beamtime_id = beamtime_id
        self._station = station
        self._operator = operator
        self._twin = twin
        self._clock = clock
        self._believed = believed
        self._shut = False

    def check(self) -> None:
        """Raise `nanoterasu.facility.Refused` if no run may open now."""
        self._flags()

    def shut(self) -> None:
        """Open no run any more: the station was handed over."""
        self._shut = True

    def _flags(self) -> dict[str, Any]:
        if self._shut:
            raise Refused(
                "session.open",
                f"The session of beamtime {self._beamtime_id} at {self._station} is closed, so no "
                "run opens with its RunEngine. Use the RE of the session that is open now, or "
                "begin one.",
                source=_SOURCE,
            )
        at = self._clock()
        if self._believed is not None:
            self._believed.check(at)
        try:
            operator = self._person()
            beamtime = self._beamtime(operator, at)
        except (SQLAlchemyError, OSError) as error:
            if isinstance(error, Refused):  # it is a PermissionError, and has said why
                raise
            raise Refused(
                "office.register",
                f"The office's register {self._register.place} cannot be read "
                f"({getattr(error, 'orig', None) or error}), so no run opens: nobody knows whose "
                "it would be. Put the register back, or ask the user office; then measure on.",
                source=_SOURCE,
            ) from error
        try:
            may_run(beamtime, station=self._station, operator=operator, at=at, simulated=self._twin)
            return flags(beamtime, operator=operator, at=at)
        except RuleError as error:
            what = f"No run opens at {self._station} for beamtime {beamtime.id}"
            raise Refused(error.rule, f"{what}: {error}", error.source) from error

    def _person(self) -> Person:
        """Return the operator as the office knows them now."""
        try:
            return self._register.person(self._operator.login)
        except LookupError as error:
            raise Refused(
                "operator.team",
                f"{self._operator.login} is no longer in the office's register, so no run opens "
                f"at {self._station}. Let another member of the team operate, or ask the user "
                "office.",
            ) from error

    def _beamtime(self, operator: Person, at: datetime) -> Beamtime:
        """Return the beamtime; a stranger does not learn whether there is one of this id."""
        try:
            beamtime = self._register.beamtime(self._beamtime_id, at)
        except LookupError:
            if operator.is_staff(at):
                raise
            beamtime = None
        if beamtime is None or not may_operate(beamtime, operator, at):
            raise Refused(
                "operator.team",
                f"{operator.login} is on no team of a beamtime {self._beamtime_id!r}. Check the "
                "id, letter by letter, in the booking notice; or ask the team's leader to have "
                "the user office add you.",
            )
        return beamtime

    def __call__(self, md: dict[str, Any]) -> dict[str, Any]:
        """Return ``md`` with the protected keys, or refuse the run."""
        forbidden = sorted(GUARDED & set(md))
        if forbidden:
            raise ProtectedKeyError(
                f"{', '.join(forbidden)}: set by the session alone, from beamtime "
                f"{self._beamtime_id}. The run was not opened. Remove the key from the plan's md, "
                "from RE.md and from md=; what you want to note goes under a name of its own."
            )
        start = dict(md) | self._flags() | {"software": software(), "start_schema": START_SCHEMA}
        start["twin"] = self._twin
        validate_start(start)
        return start


@functools.cache
def software() -> dict[str, Any]:
    """Versions of what measures, and the commit when run from a checkout."""
    return {"versions": {name: version(name) for name in _SOFTWARE}, "commit": _commit()}


def _commit() -> str | None:
    here = Path(__file__).parent
    try:
        said = subprocess.run(
            ["git", "-C", str(here), "rev-parse", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return said.stdout.strip()
