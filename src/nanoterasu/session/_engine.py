"""The RunEngine of a session: no run without a beamtime, no key that is not the session's."""

from __future__ import annotations

import asyncio
import functools
import subprocess
from collections.abc import Callable, Mapping
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bluesky import RunEngine
from sqlalchemy.exc import SQLAlchemyError

from nanoterasu.facility import PROTECTED, Beamtime, Person, Refused, flags, may_run
from nanoterasu.office import Register
from nanoterasu.records import START_SCHEMA, validate_start

_SOFTWARE = ("nanoterasu", "bluesky", "ophyd", "event-model", "tiled", "bluesky-tiled-plugins")


class ProtectedKeyError(ValueError):
    """A plan, ``RE.md`` or ``md=`` tried to set a key that the session alone sets."""


class SessionEngine(RunEngine):
    """RunEngine whose runs pass one gate, and whose documents are durable before they are seen.

    What a subscriber raises is a warning: a table or a plot never stops a measurement.

    Parameters
    ----------
    gate
        Takes the collected metadata of a run, returns them with the protected keys; raises to
        refuse the run.  It cannot be replaced.
    journal
        Takes the name and the document, and returns when it is durable.  What it raises fails
        the plan.  It is no subscriber, which ``RE.reset()`` would throw out.
    """

    def __init__(
        self,
        gate: Callable[[dict[str, Any]], dict[str, Any]],
        journal: Callable[[str, Mapping[str, Any]], Any],
        **kwargs: Any,
    ) -> None:
        self._gate: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        self._journal = journal
        super().__init__({}, md_normalizer=gate, **kwargs)
        self.ignore_callback_exceptions = True

    def emit_sync(self, name: Any, doc: Any) -> None:
        """Make ``doc`` durable, then show it to the subscribers."""
        try:
            self._journal(name.name, doc)
        except Exception as error:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                # A monitored signal speaks from its own thread, where nobody would hear of it.
                with self._state_lock:
                    self._exception = error
            raise
        super().emit_sync(name, doc)

    @property
    def md_normalizer(self) -> Any:
        """The gate."""
        return self._gate

    @md_normalizer.setter
    def md_normalizer(self, gate: Any) -> None:
        if self._gate is not None:
            raise ProtectedKeyError(
                "md_normalizer of a session's RunEngine cannot be replaced: it sets who owns what "
                "is measured. Put what you want to record into md={...} of the plan."
            )
        self._gate = gate


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
    ) -> None:
        self._register = register
        self._beamtime_id = beamtime_id
        self._station = station
        self._operator = operator
        self._twin = twin
        self._clock = clock

    def check(self) -> None:
        """Raise `nanoterasu.facility.Refused` if no run may open now."""
        self._flags()

    def _flags(self) -> dict[str, Any]:
        at = self._clock()
        try:
            operator = self._register.person(self._operator.login)
            beamtime = self._beamtime(operator, at)
        except SQLAlchemyError as error:
            raise Refused(
                "office.register",
                f"The office's register {self._register.place} cannot be read "
                f"({getattr(error, 'orig', None) or error}), so no run opens: nobody knows whose "
                "it would be. Put the register back, or ask the user office; then measure on.",
            ) from error
        may_run(beamtime, station=self._station, operator=operator, at=at, simulated=self._twin)
        return flags(beamtime, operator=operator, at=at)

    def _beamtime(self, operator: Person, at: datetime) -> Beamtime:
        """Return the beamtime; a stranger does not learn whether there is one of this id."""
        try:
            beamtime = self._register.beamtime(self._beamtime_id, at)
        except LookupError:
            if operator.is_staff:
                raise
            beamtime = None
        if beamtime is None or (operator.id not in beamtime.team and not operator.is_staff):
            raise Refused(
                "operator.team",
                f"{operator.login} is on no team of a beamtime {self._beamtime_id!r}. Check the "
                "id, letter by letter, in the booking notice; or ask the team's leader to have "
                "the user office add you.",
            )
        return beamtime

    def __call__(self, md: dict[str, Any]) -> dict[str, Any]:
        """Return ``md`` with the protected keys, or refuse the run."""
        forbidden = sorted({*PROTECTED, "start_schema", "twin"} & set(md))
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
