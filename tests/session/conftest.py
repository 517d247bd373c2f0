"""An office with the example house, a clock that tests move, and an engine over both."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.office import Register, example_house
from nanoterasu.records import Spool
from nanoterasu.session import Gate, SessionEngine

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
