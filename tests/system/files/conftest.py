from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
import pytest
from bluesky import RunEngine
from tiled.client import from_uri

from nanoterasu.records import Spool

from .camera import Camera


@pytest.fixture
def beamtime(records: Any) -> Path:
    return records.home.files.beamtime("BT-1")


@pytest.fixture
def spool(records: Any, tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool") as spool:
        yield spool


@pytest.fixture
def run_engine(spool: Spool) -> Any:
    md = {"tiled_access_tags": ["unit-alpha"], "beamtime_id": "BT-1"}
    run_engine: Any = RunEngine(md, call_returns_result=False)
    run_engine.subscribe(spool)
    return run_engine


@pytest.fixture
def read(records: Any, passwords: dict[str, str]) -> Callable[[str], Any]:
    """Return Tiled's client of a run, as a member of its unit gets it."""
    from nanoterasu.records import connect

    catalog = connect(
        records.server.uri, username="alpha-member", password=passwords["alpha-member"]
    )
    return lambda uid: catalog.tiled["unit-alpha"][uid]


@pytest.fixture
def as_shipper(records: Any) -> Any:
    return from_uri(records.server.uri, api_key=records.home.key())


@pytest.fixture
def fly() -> Callable[[Sequence[Camera]], Any]:
    """Return a plan that flies cameras together."""

    def plan(cameras: Sequence[Any], every: float = 0.2) -> Any:
        @bpp.stage_decorator(cameras)
        @bpp.run_decorator(md={"plan_name": "flight"})
        def inner() -> Any:
            yield from bps.declare_stream(*cameras, name="primary", collect=True)
            yield from bps.kickoff_all(*cameras, wait=True)
            yield from bps.collect_while_completing(
                cameras, cameras, flush_period=every, stream_name="primary"
            )

        return (yield from inner())

    return plan
