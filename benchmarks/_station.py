"""A station to measure on: a real Tiled server, a spool, engines, and devices without delay."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bluesky import RunEngine
from ophyd.sim import SynAxis, SynSignal

from nanoterasu.beamlines import Beamline
from nanoterasu.records import Catalog, Spool, TiledHome, TiledServer, connect
from nanoterasu.session._engine import SessionEngine
from nanoterasu.session._equip import equipped
from nanoterasu.session._hot_path import cheaper_steps
from nanoterasu.session._withheld import Withheld

if TYPE_CHECKING:
    from bluesky_tiled_plugins import TiledWriter
    from tiled.client.container import Container

TAG = "unit-bench"
READER, WORD = "reader", "the reader's word"
METADATA: dict[str, Any] = {"tiled_access_tags": [TAG], "beamtime_id": "BT-BENCH"}


@dataclass
class Roster:
    """One group with one member."""

    people: Mapping[str, object] = field(default_factory=lambda: {READER: None})

    def access(self) -> Mapping[str, frozenset[str]]:
        """Return who reads which tag."""
        return {TAG: frozenset({READER}), f"analysis-{TAG}": frozenset({READER})}


class Bare(Beamline):
    """No devices: those of a benchmark are given to its plans."""

    stations = ("BENCH",)


@dataclass
class Station:
    """A prepared home with its server, and the folder of its spool."""

    home: TiledHome
    server: TiledServer
    spool_folder: Path

    def catalog(self) -> Catalog:
        """Log in as an analyst does."""
        return connect(self.server.uri, username=READER, password=WORD)

    def container(self) -> Container:
        """Return the group's container, as the shipping service sees it."""
        from tiled.client import from_uri

        return from_uri(self.server.uri, api_key=self.home.key())[TAG]

    def writer(self, **settings: Any) -> TiledWriter:
        """Return the field's own writer, to subscribe to a RunEngine."""
        from bluesky_tiled_plugins import TiledWriter

        return TiledWriter(self.container(), **settings)


@contextmanager
def station() -> Iterator[Station]:
    """Make a home in a temporary folder, and run a server on it."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        home = TiledHome(Path(folder) / "home")
        home.prepare(Roster(), {READER: WORD})
        with TiledServer(home) as server:
            yield Station(home, server, home.folder / "spool" / "BENCH")


@contextmanager
def session(spool: Spool | None) -> Iterator[SessionEngine]:
    """Yield a session's engine, with a spool or without any."""
    gate: Any = lambda md: md | METADATA  # noqa: E731
    if spool is None:
        with cheaper_steps():
            yield SessionEngine(gate, lambda name, doc: None)
    else:
        with equipped(Bare("BENCH:"), gate, spool, Withheld(), spool.folder) as engine:
            yield engine


@contextmanager
def stock(*subscribers: Any) -> Iterator[RunEngine]:
    """Yield bluesky's own engine."""
    engine = RunEngine(dict(METADATA), context_managers=[])
    for each in subscribers:
        engine.subscribe(each)
    yield engine


def axis() -> Any:
    """Return a motor that is there at once."""
    return SynAxis(name="axis")


def counter() -> Any:
    """Return a detector that has its number at once."""
    return SynSignal(name="counter", func=lambda: 1.5)
