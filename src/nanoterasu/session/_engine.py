"""The RunEngine of a session: no run without a beamtime, no key that is not the session's."""

from __future__ import annotations

import functools
import subprocess
from collections.abc import Callable
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from bluesky import RunEngine

from nanoterasu.facility import PROTECTED, Person, flags, may_run
from nanoterasu.office import Register
from nanoterasu.records import START_SCHEMA, validate_start

_SOFTWARE = ("nanoterasu", "bluesky", "ophyd", "event-model", "tiled", "bluesky-tiled-plugins")


class ProtectedKeyError(ValueError):
    """A plan, ``RE.md`` or ``md=`` tried to set a key that the session alone sets."""


class SessionEngine(RunEngine):
    """RunEngine whose start documents pass through one gate, which cannot be replaced.

    Parameters
    ----------
    gate
        Takes the collected metadata of a run, returns them with the protected keys; raises to
        refuse the run.
    """

    def __init__(self, gate: Callable[[dict[str, Any]], dict[str, Any]], **kwargs: Any) -> None:
        self._gate: Callable[[dict[str, Any]], dict[str, Any]] | None = None
        super().__init__({}, md_normalizer=gate, **kwargs)

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
        beamtime = self._register.beamtime(self._beamtime_id)
        operator = self._register.person(self._operator.login)
        may_run(beamtime, station=self._station, operator=operator, at=at, simulated=self._twin)
        return flags(beamtime, operator=operator, at=at)

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
