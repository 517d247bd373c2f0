from __future__ import annotations

import inspect
import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow
import pytest
from tiled.client import from_uri

from nanoterasu.records import (
    ShipError,
    Shipper,
    ShipState,
    Spool,
    SpoolBusy,
    SpoolReader,
    shipped,
    wait_until_shipped,
)

pytestmark = pytest.mark.system

PAUSE = threading.Event()  # never set: paces the measurement that a test imitates


@pytest.fixture
def spool(records: Any, tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool") as spool:
        yield spool


def read(records: Any, uid: str, tag: str = "unit-alpha") -> Any:
    return from_uri(records.server.uri, api_key=records.home.key())[tag][uid]


def append(spool: Spool, documents: list[Any], *, every: float = 0.0) -> str:
    for name, document in documents:
        spool.append(name, document)
        if every:
            PAUSE.wait(every)
    return documents[0][1]["uid"]


def assert_exactly_once(records: Any, documents: list[Any]) -> None:
    """Compare what Tiled holds with what was measured, value by value."""
    sent = [document for name, document in documents if name == "event"]
    run = read(records, documents[0][1]["uid"])
    table = run["primary"].base["internal"].read()
    assert table["seq_num"].tolist() == [event["seq_num"] for event in sent]
    assert table["i0"].tolist() == [float(event["data"]["i0"]) for event in sent]
    assert table["polarisation"].tolist() == [event["data"]["polarisation"] for event in sent]
    waves = [event["data"]["wave"] for event in sent]
    np.testing.assert_array_equal(run["primary"].base["wave"].read(), waves)
    assert run.metadata["stop"]["uid"] == documents[-1][1]["uid"]
    assert "duplicated" not in str(run.metadata.get("notes"))


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
    while not _has_rows(records, uid):
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
        while not _has_rows(records, uid):
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


def test_a_run_that_cannot_be_stored_is_set_aside_and_the_rest_goes_on(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    untagged, headless = make_run(2, tiled_access_tags=[]), make_run(2)
    del headless[1]  # no descriptor: nobody knows what its events say
    unknown, good = make_run(2, tiled_access_tags=["unit-nobody"]), make_run(3)
    for documents in (untagged, unknown, headless, good):
        append(spool, documents)
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, good[0][1]["uid"], 30)
        with pytest.raises(ShipError, match="set aside"):
            wait_until_shipped(spool.folder, untagged[0][1]["uid"], 1)
    refused = ShipState(spool.folder).refused()
    assert "no access tag" in refused[untagged[0][1]["uid"]]
    assert "'unit-nobody'" in refused[unknown[0][1]["uid"]]
    assert headless[0][1]["uid"] in refused
    assert_exactly_once(records, good)


def test_a_document_that_has_no_place_is_set_aside_and_the_rest_of_its_run_is_stored(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents = make_run(4)
    documents[4][1]["data"]["i0"] = "not a number"
    with Shipper(spool.folder, records.home):
        uid = append(spool, documents)
        wait_until_shipped(spool.folder, uid, 30)
    state = ShipState(spool.folder)
    [(sequence, run_uid, reason)] = state.set_aside()
    assert (sequence, run_uid) == (5, uid)
    assert reason == "'i0' is declared a number and is a str"  # what it says is the customer's
    assert_exactly_once(records, documents[:4] + documents[5:])
    assert f"Document 5 (event) was set aside: {reason}" in read(records, uid).metadata["notes"]
    assert state.shipped(uid)
    assert not state.verified(uid)  # the spool alone has that document


def test_a_run_set_aside_is_sent_when_the_cause_is_mended(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]], tiled_roster: Any
) -> None:
    uid = append(spool, make_run(2, tiled_access_tags=["unit-late"]))
    other = append(spool, make_run(2))
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, other, 30)
    state = ShipState(spool.folder)
    assert list(state.refused()) == [uid]
    groups = dict(tiled_roster.groups) | {"unit-late": frozenset()}
    records.home.compile_tags(type(tiled_roster)(groups=groups))
    state.forget(uid)
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, uid, 30)
    assert read(records, uid, "unit-late").metadata["stop"]["exit_status"] == "success"
    assert state.refused() == {}


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


def _has_rows(records: Any, uid: str) -> bool:
    try:
        return len(read(records, uid)["primary"].base["internal"].read()) > 0
    except KeyError:
        return False


def test_a_run_whose_session_died_is_closed_and_marked(
    records: Any, tmp_path: Path, make_run: Callable[..., list[Any]]
) -> None:
    folder, documents = tmp_path / "spool", make_run(3)
    with Spool(folder) as spool:
        uid = append(spool, documents[:-1])
        with Shipper(folder, records.home):
            while not _has_rows(records, uid):
                PAUSE.wait(0.05)
            assert "stop" not in read(records, uid).metadata  # its session still lives
    with Shipper(folder, records.home):
        wait_until_shipped(folder, uid, 30)
    stop = read(records, uid).metadata["stop"]
    assert (stop["exit_status"], stop["abandoned"]) == ("abort", True)
    assert stop["num_events"] == {"primary": 3}
    assert "ended without closing this run" in stop["reason"]


def test_a_run_that_differs_is_found_and_sent_anew_when_asked_for(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents = make_run(3)
    state = ShipState(spool.folder)
    with Shipper(spool.folder, records.home):
        uid = append(spool, documents)
        wait_until_shipped(spool.folder, uid, 30)
        table = read(records, uid)["primary"].base["internal"]
        row = table.read().head(1).astype({"polarisation": object})
        table.append_partition(0, pyarrow.Table.from_pandas(row, preserve_index=False))
        assert len(table.read()) == 4
        state.ask_again(uid)
        while state.asked():
            PAUSE.wait(0.05)
    assert_exactly_once(records, documents)
    assert state.verified(uid)
