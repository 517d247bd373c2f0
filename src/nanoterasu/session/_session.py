"""A session: one beamline, one beamtime, one operator, and the RunEngine that they share."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bluesky import plan_stubs
from bluesky.preprocessors import SupplementalData
from bluesky.suspenders import SuspendCeil, SuspendFloor

from nanoterasu import plans
from nanoterasu.beamlines import Beamline
from nanoterasu.facility import JST, Beamtime, hours_left, said
from nanoterasu.office import Register
from nanoterasu.records import Spool

from ._engine import Gate, SessionEngine
from ._place import home_folder


def now() -> datetime:
    """Instant, in the facility's time."""
    return datetime.now(JST)


class Session:
    """Measures on ``beamline`` for ``beamtime``; use it as a context manager or `close` it.

    Parameters
    ----------
    beamline
        Connected or not; its devices are connected here.
    beamtime
        Id of the beamtime.
    operator
        Login of who measures.
    home
        Folder of the running system; see `home_folder`.
    station
        Of the beamline; its first when not given.
    twin
        Whether the devices are the digital twin's.
    clock
        Gives the instant, with its zone.

    Attributes
    ----------
    RE : SessionEngine
        Runs plans; opens no run without this session's beamtime.
    beamline : Beamline
    beamtime : Beamtime
        As the office knows it now.

    Raises
    ------
    nanoterasu.facility.Refused
        If the beamtime does not allow a run here and now.
    nanoterasu.records.SpoolBusy
        If another session is open at this station.
    ConnectionError
        If devices do not answer.
    """

    def __init__(
        self,
        beamline: Beamline,
        beamtime: str,
        operator: str,
        *,
        home: str | Path | None = None,
        station: str | None = None,
        twin: bool = False,
        clock: Callable[[], datetime] = now,
    ) -> None:
        self.beamline = beamline
        self.station = station or beamline.stations[0]
        self.home = home_folder(home)
        self.twin = twin
        self._clock = clock
        with ExitStack() as opened:
            self._register = opened.enter_context(Register(self.home / "office.sqlite"))
            self.beamtime_id = beamtime
            self.operator = self._register.person(operator)
            gate = Gate(
                self._register, beamtime, self.station, self.operator, twin=twin, clock=clock
            )
            gate.check()
            self.spool_folder = self.home / "spool" / self.station
            spool = opened.enter_context(Spool(self.spool_folder))
            self.beamline.connect()
            self.RE = SessionEngine(gate, spool)
            read_around = [getattr(beamline, line.name) for line in beamline.baseline]
            self.RE.preprocessors.append(SupplementalData(baseline=read_around))
            self._install_interlocks()
            self._opened = opened.pop_all()

    def _install_interlocks(self) -> None:
        for interlock in self.beamline.interlocks:
            signal = attrgetter(interlock.signal)(self.beamline)
            if interlock.at_least is not None:
                self.RE.install_suspender(SuspendFloor(signal, interlock.at_least))
            if interlock.at_most is not None:
                self.RE.install_suspender(SuspendCeil(signal, interlock.at_most))

    @property
    def beamtime(self) -> Beamtime:
        """The beamtime as the office knows it now."""
        return self._register.beamtime(self.beamtime_id, self._clock())

    @property
    def hours_left(self) -> float:
        """Hours that may still be measured [h]."""
        return hours_left(self.beamtime, self._clock())

    def readers(self) -> list[str]:
        """Logins that may read what is measured now, in alphabetical order."""
        from nanoterasu.facility import tags

        return sorted(self._register.roster(self._clock()).readers(tags(self.beamtime)))

    def banner(self) -> str:
        """What a person at the endstation needs to know before the first scan."""
        beamtime = self.beamtime
        owner = beamtime.unit_id or beamtime.proposal_id
        where = "digital twin" if self.twin else "beamline"
        place = type(self.beamline).__name__
        if self.station != place:
            place = f"{place}, station {self.station}"
        lines = [
            ("", f"{place} ({where})"),
            ("beamtime", f"{beamtime.id}, until {said(beamtime.ends)}"),
            ("for", f"{owner} ({beamtime.access_mode}); operator {self.operator.login}"),
            ("hours left", f"{self.hours_left:.1f} h"),
            ("may read it", ", ".join(self.readers())),
            ("try", f"{', '.join(list(self.beamline.lines())[:4])}, …; RE(xas(...)); dry_run(...)"),
        ]
        return "\n".join(f"  {head:>12}  {text}".rstrip() for head, text in lines)

    def namespace(self) -> dict[str, Any]:
        """Names for the prompt: the devices, the plans, bluesky's ``bps``, ``RE``, ``session``."""
        names: dict[str, Any] = {name: getattr(plans, name) for name in plans.__all__}
        names |= self.beamline.devices()
        return names | {"bps": plan_stubs, "RE": self.RE, "session": self}

    def close(self) -> None:
        """Give the station free; nothing of what was measured is lost.

        A plan that is paused is aborted, so that its run has an end.
        """
        if self.RE.state == "paused":
            self.RE.abort("the session was closed")
        self._opened.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
