from __future__ import annotations

import inspect
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tiled.client import from_uri

from nanoterasu.records import (
    Shipper,
    ShipState,
    Spool,
    SpoolBusy,
    SpoolReader,
    shipped,
    wait_until_shipped,
)

from .sending import PAUSE, append, assert_exactly_once, has_rows, read

pytestmark = pytest.mark.system


def test_a_run_arrives_with_its_values_types_and_tag(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents = make_run(7)
    with Shipper(spool.folder, records.home):
        uid = append(spool, documents)
        wait_until_shipped(spool.folder, uid, 30)
    assert_exactly_once(records, documents)
    assert read(records, uid).item["attributes"]["access_tags"] == ["unit-alpha"]
    assert shipped(spool.folder, uid)


def test_a_page_of_events_arrives(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    with Shipper(spool.folder, records.home):
        uid = append(spool, make_run(50, page=True))
        wait_until_shipped(spool.folder, uid, 30)
    assert read(records, uid)["primary"].read()["i0"].values.tolist() == list(range(50))


def test_rows_are_readable_while_the_run_goes_on(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents = make_run(5)
    with Shipper(spool.folder, records.home):
        uid = append(spool, documents[:-1])  # no stop yet
        for _ in range(200):
            try:
                rows = read(records, uid)["primary"].base["internal"].read()
                break
            except KeyError:
                PAUSE.wait(0.1)
        else:
            pytest.fail("no row within 20 s")
        assert 0 < len(rows) <= 5
        assert "stop" not in read(records, uid).metadata
        append(spool, documents[-1:])
        wait_until_shipped(spool.folder, uid, 30)
    assert_exactly_once(records, documents)


def test_a_shipper_killed_in_the_middle_of_a_run_sends_it_once(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents = make_run(40)
    first = Shipper(spool.folder, records.home).start()
    uid = append(spool, documents[:20], every=0.03)
    while not has_rows(records, uid):
        PAUSE.wait(0.05)
    assert first.pid is not None
    os.kill(first.pid, signal.SIGKILL)
    first.stop()
    append(spool, documents[20:])
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, uid, 30)
    assert_exactly_once(records, documents)


def test_tiled_killed_in_the_middle_of_a_run_costs_nothing(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents, later = make_run(40), make_run(3)
    with Shipper(spool.folder, records.home):
        uid = append(spool, documents[:20], every=0.03)
        while not has_rows(records, uid):
            PAUSE.wait(0.05)
        assert records.server.pid is not None
        os.kill(records.server.pid, signal.SIGKILL)
        append(spool, documents[20:])
        append(spool, later)
        state = ShipState(spool.folder)
        while state.status().state != "waiting":
            PAUSE.wait(0.05)
        assert "nothing is lost" in state.status().message
        records.restart()
        wait_until_shipped(spool.folder, later[0][1]["uid"], 60)
    assert_exactly_once(records, documents)
    assert_exactly_once(records, later)


def test_a_second_start_sends_nothing_twice(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents = make_run(3)
    append(spool, documents)
    for _ in range(2):
        with Shipper(spool.folder, records.home):
            wait_until_shipped(spool.folder, documents[0][1]["uid"], 30)
    (spool.folder / "shipped.sqlite").unlink()  # even when its notes are lost
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, documents[0][1]["uid"], 30)
    assert_exactly_once(records, documents)


def test_a_second_shipper_on_a_spool_is_refused(records: Any, spool: Spool) -> None:
    from nanoterasu.records import ship

    with Shipper(spool.folder, records.home):
        while ShipState(spool.folder).status().state != "shipping":
            PAUSE.wait(0.02)
        with pytest.raises(SpoolBusy, match="is being shipped by process"):
            ship(spool.folder, records.server.uri, records.home.key(), once=True)


def test_shipping_once_returns_when_all_is_sent(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    from nanoterasu.records import ship

    said: list[str] = []
    documents = make_run(3)
    append(spool, documents)
    ship(spool.folder, records.server.uri, records.home.key(), once=True, report=said.append)
    assert_exactly_once(records, documents)
    assert said[0].startswith("shipping: from ")


def test_shipping_once_sends_the_end_that_it_gives_to_an_abandoned_run(
    records: Any, tmp_path: Path, make_run: Callable[..., list[Any]]
) -> None:
    from nanoterasu.records import ship

    with Spool(tmp_path / "left") as left:
        *open_run, _ = make_run(2)
        append(left, open_run)
    ship(left.folder, records.server.uri, records.home.key(), once=True)
    run = from_uri(records.server.uri, api_key=records.home.key())["unit-alpha"][
        open_run[0][1]["uid"]
    ]
    assert run.metadata["stop"]["exit_status"] == "abort"
    assert run.metadata["stop"]["abandoned"] is True


def test_what_we_rely_on_in_the_tiled_writer_is_still_there(records: Any) -> None:
    from bluesky_tiled_plugins.writing import tiled_writer

    writer = tiled_writer._RunWriter(from_uri(records.server.uri, api_key=records.home.key()))
    assert isinstance(writer._desc_nodes, dict)
    assert isinstance(writer._internal_tables, dict)
    assert isinstance(writer._internal_arrays, dict)
    for name in ("_write_external_data", "_close_stream_tree", "_internal_dims"):
        assert callable(getattr(writer, name))
    assert "truncate_json_overflow(dict(doc))" in inspect.getsource(writer.start)


def test_documents_of_a_real_run_engine_arrive(records: Any, spool: Spool) -> None:
    import bluesky.plans as bp
    from bluesky import RunEngine
    from ophyd.sim import SynAxis, SynGauss, hw

    run_engine: Any = RunEngine({}, call_returns_result=False)
    run_engine.subscribe(spool)
    axis = SynAxis(name="energy")
    detector: Any = SynGauss("tey", axis, "energy", center=0, Imax=1)
    tags = {"tiled_access_tags": ["unit-alpha"]}
    uids = [
        *run_engine(bp.scan([detector], axis, -1, 1, 11), **tags),
        *run_engine(bp.fly([hw().flyer1]), **tags),
    ]
    assert "event_page" in {name for _, name, _ in SpoolReader(spool.folder).documents()}
    with Shipper(spool.folder, records.home):
        for uid in uids:
            wait_until_shipped(spool.folder, uid, 30)
    assert read(records, uids[0])["primary"].read()["tey"].shape == (11,)
