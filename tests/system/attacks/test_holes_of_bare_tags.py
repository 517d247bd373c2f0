"""Whose a run is: chosen by whoever types ``md=`` on a bare system, by the beamtime on ours."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.plans as bp
import pytest
from bluesky import RunEngine
from bluesky_tiled_plugins import TiledWriter
from ophyd.sim import SynSignal

from nanoterasu.office import Register, example_house
from nanoterasu.session import Gate, ProtectedKeyError, SessionEngine

from .bare import WRITE, BareTiled
from .canaries import canary

pytestmark = pytest.mark.system

BEGUN = datetime(2026, 11, 20, 3, tzinfo=UTC)
det: Any = SynSignal(name="det", func=lambda: 1.0)


def by_argument(engine: Any, md: dict[str, Any]) -> None:
    engine(bp.count([det]), **md)


def by_plan(engine: Any, md: dict[str, Any]) -> None:
    engine(bp.count([det], md=md))


def by_console(engine: Any, md: dict[str, Any]) -> None:
    engine.md.update(md)
    try:
        engine(bp.count([det]))
    finally:
        for key in md:
            engine.md.pop(key, None)


def by_hand(engine: Any, md: dict[str, Any]) -> None:
    def plan() -> Any:
        yield from bps.open_run(md)
        yield from bps.close_run()

    engine(plan())


WAYS = (by_argument, by_plan, by_console, by_hand)


def test_on_a_bare_system_whoever_measures_chooses_who_reads(bare: BareTiled) -> None:
    catalog = bare.client(bare.key(WRITE))
    engine = RunEngine({"tiled_access_tags": ["unit-a"]})
    engine.subscribe(TiledWriter(catalog))
    uids = []
    engine.subscribe(lambda name, doc: uids.append(doc["uid"]), "start")
    word = canary()
    for way in (by_argument, by_plan, by_hand):
        way(engine, {"tiled_access_tags": ["unit-b"], "purpose": word})
        assert word in bare.get(f"/api/v1/metadata/{uids[-1]}", "bob").text
        assert bare.get(f"/api/v1/metadata/{uids[-1]}", "alice").status_code == 404


@pytest.mark.parametrize("way", WAYS)
def test_on_ours_nobody_does(tmp_path: Path, way: Callable[[Any, dict[str, Any]], None]) -> None:
    starts: list[dict[str, Any]] = []
    with Register(tmp_path / "office.sqlite", create=True) as register:
        example_house(register, BEGUN)
        gate = Gate(
            register,
            "EX-0001",
            "BL13U",
            register.person("alpha-member"),
            twin=True,
            clock=lambda: BEGUN + timedelta(minutes=1),
        )
        engine = SessionEngine(gate, lambda name, doc: None)
        engine.subscribe(lambda name, doc: starts.append(doc), "start")
        for tags in (["unit-b"], [], None, ["published"]):
            with pytest.raises(ProtectedKeyError, match="tiled_access_tags"):
                way(engine, {"tiled_access_tags": tags})
        assert starts == []
        way(engine, {"purpose": "as it should be"})
    assert [len(start["tiled_access_tags"]) for start in starts] == [1]
