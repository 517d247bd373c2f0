"""An office with the example house, a clock that tests move, and an engine over both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast

import bluesky.plans as bp
import pytest
from ophyd import Component, Device, Signal
from ophyd.sim import SynSignal

from nanoterasu.beamlines import Beamline, device
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.records import ShipState, Spool, SpoolReader
from nanoterasu.records._digest import RunDigest
from nanoterasu.session import Gate, Session, SessionEngine

BEGUN = datetime(2026, 11, 20, 3, tzinfo=UTC)


@dataclass
class Watch:
    """A clock that stands still until it is told."""

    at: datetime = BEGUN + timedelta(minutes=1)

    def __call__(self) -> datetime:
        return self.at


@dataclass
class Endstation:
    """What a session has below it, without a control system."""

    register: Register
    folder: Path
    clock: Watch
    documents: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def gate(
        self,
        beamtime: str = "EX-0001",
        *,
        operator: str = "alpha-member",
        station: str = "BL13U",
        twin: bool = True,
    ) -> Gate:
        person = self.register.person(operator)
        return Gate(self.register, beamtime, station, person, twin=twin, clock=self.clock)

    def engine(
        self, gate: Gate | None = None, journal: Callable[..., Any] | None = None
    ) -> SessionEngine:
        engine = SessionEngine(gate or self.gate(), journal or (lambda name, doc: None))
        engine.subscribe(lambda name, doc: self.documents.append((name, doc)))
        return engine


@pytest.fixture
def endstation(tmp_path: Path) -> Iterator[Endstation]:
    with Register(tmp_path / "office.sqlite", create=True) as register:
        example_house(register, BEGUN)
        yield Endstation(register, tmp_path, Watch())


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool") as spool:
        yield spool


# Two parties at one station, without a control system.

CANARY = "canary-of-company-alpha"
SHIFT = timedelta(hours=8)


class Ring(Device):
    current = Component(Signal, value=400.0)


class Small(Beamline):
    """Ring current alone, at the station of BL13U."""

    stations = ("BL13U",)
    ring = device(Ring)


@dataclass
class Parties:
    """Sessions of two companies, one shift after the other, and what the first leaves."""

    home: Path

    def alpha(self, operator: str = "alpha-member", **more: Any) -> Session:
        return Session(Small("SIM:"), "EX-0001", operator, home=self.home, twin=True, **more)

    def beta(self, operator: str = "beta-member", **more: Any) -> Session:
        more = {"clock": lambda: datetime.now(JST) + SHIFT} | more
        return Session(Small("SIM:"), "EX-0002", operator, home=self.home, twin=True, **more)

    def measure(self, session: Session) -> str:
        counter: Any = SynSignal(name="det", func=lambda: 1.0)
        plan: Any = bp.count([counter], md={"sample": CANARY})
        (uid,) = cast("tuple[str, ...]", session.RE(plan))
        return uid

    def ship(self, session: Session, *uids: str) -> None:
        """Note that these runs are in Tiled, compared document by document."""
        notes, reader = ShipState(session.spool_folder), SpoolReader(session.spool_folder)
        for uid in uids:
            digest = RunDigest()
            for entry in reader.entries(run_uid=uid):
                digest.add(entry.checksum)
            notes.finish(uid, "shipped", first=1, last=1, cursor=0)
            notes.verify_done(uid, digest.value())
        notes.close()
        reader.close()

    def litter(self) -> None:
        """Leave what a party leaves, in every folder of the home that the account reads."""
        for name in (
            *("plots/live.png", "plots/BL13U/live.png", "plots/mine/deep/a.png"),
            *("clipboard/copied.txt", "clipboard/BL13U/copied.txt"),
            *("run/session-BL13U.log", "run/session-BL13U.log.1", "run/ship-BL13U.log"),
            "run/tiled.log",
        ):
            path = self.home / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(CANARY)

    def found(self) -> list[str]:
        """Files of the home in which the canary is."""
        return [
            str(path.relative_to(self.home))
            for path in self.home.rglob("*")
            if path.is_file() and (CANARY.encode() in path.read_bytes() or CANARY in path.name)
        ]


@pytest.fixture
def parties(home: Path) -> Parties:
    with Register(home / "office.sqlite", create=True) as register:
        example_house(register, datetime.now(JST))
    return Parties(home)
