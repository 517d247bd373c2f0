"""A session: one beamline, one beamtime, one operator, and the RunEngine that they share."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bluesky import plan_stubs

from nanoterasu import plans
from nanoterasu.beamlines import Beamline
from nanoterasu.facility import JST, Beamtime, Person, hours_left, tags
from nanoterasu.office import Register, office_place
from nanoterasu.records import Files, Spool, close_abandoned

from ._absent import Absent
from ._banner import banner
from ._beam import the_beam
from ._clock import StationClock
from ._console import end_log, log_to_file
from ._equip import equipped
from ._gate import Gate
from ._handover import owner_of, sweep, take_over
from ._health import RunHealth, health
from ._place import home_folder
from ._positions import SamplePositions
from ._prompt import show_names
from ._second import only_engine
from ._watching import ended, watch
from ._withheld import Withheld


def now() -> datetime:
    """Instant, in the facility's time."""
    return datetime.now(JST)


class Session:
    """Measures on ``beamline`` for ``beamtime``; use it as a context manager or `close` it.

    What the station's last party left is swept first, if it had another owner.

    Parameters
    ----------
    beamline
        Of the station; connected or not, its devices are connected here.
    beamtime
        Id of the beamtime.
    operator
        Login of who measures.
    home
        Folder of the running system; see `home_folder`.
    twin
        Whether the devices are the digital twin's.
    clock
        Gives the instant, with its zone.
    console
        Names that a person sees at this console, for whom a log, a plot and the one RunEngine
        are kept, and which is swept when the session ends; None where there is no such person.
    durability_window
        What a power cut may take of the last documents [ms]; 0: nothing.  See
        `nanoterasu.records.Spool`.

    Attributes
    ----------
    RE : SessionEngine
        Runs plans; opens no run without this session's beamtime.
    beamline : Beamline
    beamtime : Beamtime
        As the office knows it now.
    positions : SamplePositions
        Named places of the samples, kept with this beamtime's data.
    waiting : int
        Runs of earlier parties that stay in the spool until they are in Tiled.

    Raises
    ------
    nanoterasu.facility.Refused
        If the beamtime does not allow a run here and now.
    nanoterasu.records.SpoolBusy
        If another session is open at this station.
    nanoterasu.records.BeamBusy
        If one is open at another station of the beamline, and the beam is not split.
    HandoverError
        If what the last party left cannot be swept.
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
        twin: bool = False,
        clock: Callable[[], datetime] = now,
        console: MutableMapping[str, Any] | None = None,
        durability_window: float = 0.0,
    ) -> None:
        self.beamline = beamline
        self.station = beamline.station
        self.home = home_folder(home)
        self.twin = twin
        self.spool_folder = self.home / "spool" / self.station
        self.log = self.home / "run" / f"session-{self.station}.log"
        self.withheld = Withheld()
        self._clock, self._console, self._closed = clock, console, False
        self._believed = StationClock(self.home, self.station)
        with ExitStack() as opened:
            self._register = opened.enter_context(Register(office_place(self.home)))
            self._gate = self._admit(beamtime, operator)
            opened.enter_context(the_beam(beamline, self.home, beamtime))
            spool = Spool(self.spool_folder, window=durability_window)
            self._spool = opened.enter_context(spool)
            close_abandoned(spool)
            self._party = opened.enter_context(ExitStack())
            self._begin_party(beamtime, operator)
            self._opened = opened.pop_all()

    def _admit(self, beamtime: str, operator: str) -> Gate:
        """Return the gate of a party that may measure here now; refuse any other."""
        person = self._register.person(operator)
        gate = Gate(
            self._register,
            beamtime,
            self.station,
            person,
            twin=self.twin,
            clock=self._clock,
            believed=self._believed,
        )
        gate.check()
        return gate

    def _begin_party(self, beamtime: str, operator: str) -> None:
        """Sweep the station for a party that was admitted, and equip it."""
        self.beamtime_id = beamtime
        self.operator: Person = self._register.person(operator)
        taken = take_over(
            self.home, self.station, self.beamtime, self.operator.login, self._console
        )
        self._owner, self.waiting = owner_of(self.beamtime), taken.waiting
        if taken.swept:
            self._register.note(
                "hand over",
                "station",
                self.station,
                by=self.operator.login,
                why="Another party begins",
                details={"from": taken.last, "to": beamtime, "waiting": taken.waiting},
            )
        party = self._party
        party.callback(self._gate.shut)
        party.callback(self.withheld.forget)
        if self._console is not None:
            party.callback(end_log, log_to_file(self.log, self.withheld))
        self.beamline.connect()
        folder = Files.of(self.home).beamtime(beamtime, self.beamtime.unit_id)
        self.positions = SamplePositions(folder, self.beamline.devices().get("sample"))
        self.RE = party.enter_context(
            equipped(self.beamline, self._gate, self._spool, self.withheld, folder)
        )
        if self._console is not None:
            party.enter_context(only_engine(lambda: self.RE))
            party.callback(ended, watch(self))

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
        return sorted(self._register.roster(self._clock()).readers(tags(self.beamtime)))

    def health(self) -> list[RunHealth]:
        """How the runs of this beamtime went: counts and ends, for whoever operates."""
        return health(self.spool_folder, self.beamtime_id)

    def banner(self) -> str:
        """What a person at the endstation needs to know before the first scan."""
        return banner(self)

    def namespace(self) -> dict[str, Any]:
        """Names for the prompt: the devices, the plans, bluesky's ``bps``, ``RE``, ``session``."""
        names: dict[str, Any] = {name: getattr(plans, name) for name in plans.__all__}
        names |= {name: Absent(name, self.station) for name in self.beamline.absent}
        names |= self.beamline.devices()
        return names | {"bps": plan_stubs, "RE": self.RE, "session": self}

    def hand_over(self, beamtime: str, operator: str) -> None:
        """Give the station to another party in this console, swept of this one.

        A paused plan is aborted, so that its run has an end.  Between rivals, end the console
        instead: not everything that a program can hide in a process is found.

        Raises
        ------
        nanoterasu.facility.Refused
            If that party may not measure here now; this one then goes on.
        """
        if self.RE.state not in ("idle", "paused"):
            raise RuntimeError(
                f"{self.station} cannot be handed over while a plan is {self.RE.state}. Let it "
                "end, or press Ctrl-C twice and hand over then."
            )
        gate = self._admit(beamtime, operator)
        self._end_plan()
        self._party.close()
        sweep(self.home, self.station, owner=None, namespace=self._console)
        before = self.beamline
        # Its devices may carry what the last party hung on them, and call it.
        for built in before.built.values():
            built.destroy()
        self.beamline = type(before)(
            before.prefix or None, station=before.station, simulated=before.simulated
        )
        self._gate = gate
        self._begin_party(beamtime, operator)
        if self._console is not None:
            show_names(self._console, self.namespace())
            print(self.banner())

    def _end_plan(self) -> None:
        if self.RE.state == "paused":
            self.RE.abort("the session was closed")

    def close(self) -> None:
        """Give the station free; nothing of what was measured is lost.

        A plan that is paused is aborted, so that its run has an end.  A console is swept.
        """
        if self._closed:
            return
        self._closed = True
        with self._opened:
            self._end_plan()
            self._party.close()
            if self._console is not None:
                sweep(self.home, self.station, owner=self._owner, namespace=self._console)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
