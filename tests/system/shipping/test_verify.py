"""Whether Tiled holds what the spool holds is found out, and mended from the spool."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tiled.client import from_uri

from nanoterasu.records import (
    Report,
    Shipper,
    ShipState,
    Spool,
    TiledHome,
    TiledServer,
    move,
    place_of,
    replay,
    retire,
    ship,
    verify,
    wait_until_shipped,
)

pytestmark = pytest.mark.system
MakeRun = Callable[..., list[Any]]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool") as spool:
        yield spool


@pytest.fixture
def state(spool: Spool) -> Iterator[ShipState]:
    state = ShipState(spool.folder)
    yield state
    state.close()


def append(spool: Spool, documents: list[Any]) -> str:
    for name, document in documents:
        spool.append(name, document)
    return documents[0][1]["uid"]


def send(records: Any, spool: Spool) -> None:
    ship(spool.folder, records.server.uri, records.home.key(), once=True)


def look(records: Any, spool: Spool, **options: Any) -> Report:
    return verify(spool.folder, records.server.uri, records.home.key(), **options)


def root(records: Any) -> Any:
    return from_uri(records.server.uri, api_key=records.home.key())


def outcomes(report: Report) -> dict[str, str]:
    return {run.uid: run.outcome for run in report.runs}


def lose_a_row(records: Any, spool: Spool) -> None:
    """Take the row of the second event out of all tables, as a fault of the database would."""
    with sqlite3.connect(records.home.tables) as tables:
        names = tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            if name.startswith("table_"):
                tables.execute(f'DELETE FROM "{name}" WHERE seq_num = 2')


def test_each_run_of_a_spool_is_told_as_it_is(
    records: Any, spool: Spool, state: ShipState, make_run: MakeRun
) -> None:
    good = append(spool, make_run(3))
    refused = append(spool, make_run(2, tiled_access_tags=["unit-nobody"]))
    goes_on = append(spool, make_run(2)[:-1])
    send(records, spool)
    waiting = append(spool, make_run(2))
    told: list[Any] = []
    report = look(records, spool, report=told.append)
    assert outcomes(report) == {
        good: "verified",
        refused: "set aside",
        goes_on: "open",
        waiting: "waiting",
    }
    assert told == list(report.runs)
    assert "unit-nobody" in report.runs[1].reason
    assert not report.clean
    assert not report.faulty
    assert report.counts == {"verified": 1, "set aside": 1, "open": 1, "waiting": 1}
    assert [uid for uid in outcomes(report) if state.verified(uid)] == [good]
    assert retire(spool.folder, outcomes(report)) == {good}


def test_the_shipper_verifies_what_it_has_shipped(
    records: Any, spool: Spool, state: ShipState, make_run: MakeRun
) -> None:
    uid = append(spool, make_run(3))
    send(records, spool)
    assert state.verified(uid)
    assert retire(spool.folder, [uid]) == {uid}


def test_a_lost_row_is_found_and_the_run_is_not_retired_until_it_is_mended(
    records: Any, spool: Spool, state: ShipState, make_run: MakeRun
) -> None:
    documents = make_run(4)
    uid = append(spool, documents)
    send(records, spool)
    lose_a_row(records, spool)
    report = look(records, spool)
    assert outcomes(report) == {uid: "differs"}
    assert "primary.seq_num[1]" in {each.where for each in report.faulty[0].differences}
    assert not state.verified(uid)
    assert retire(spool.folder, [uid]) == frozenset()
    mended = replay(spool.folder, records.server.uri, records.home.key())
    assert outcomes(mended) == {uid: "verified"}
    assert root(records)["unit-alpha"][uid]["primary"].base["internal"][
        "seq_num"
    ].read().tolist() == [
        1,
        2,
        3,
        4,
    ]
    assert look(records, spool).clean


def test_a_run_that_tiled_has_lost_is_sent_again_by_the_shipper_that_runs(
    records: Any, spool: Spool, make_run: MakeRun
) -> None:
    lost, kept = append(spool, make_run(3)), append(spool, make_run(3))
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, kept, 60)
        group = root(records)["unit-alpha"]
        group.delete_contents([lost], recursive=True, external_only=False)
        assert outcomes(look(records, spool)) == {lost: "differs", kept: "verified"}
        report = replay(spool.folder, records.server.uri, records.home.key())
        assert outcomes(report) == {lost: "verified", kept: "verified"}
        assert len(group[lost]["primary"].base["internal"].read()) == 3


def test_a_changed_byte_in_the_spool_is_told(
    records: Any, spool: Spool, state: ShipState, make_run: MakeRun
) -> None:
    uid = append(spool, make_run(3))
    send(records, spool)
    assert state.verified(uid)
    with sqlite3.connect(spool.folder / "spool.sqlite") as database:
        database.execute(
            "UPDATE document SET body = CAST(body || x'00' AS BLOB) WHERE sequence = 3"
        )
    report = look(records, spool)
    assert (report.runs[0].outcome, report.runs[0].reason) == ("damaged", "document 3")
    assert not state.verified(uid)


def test_a_run_is_compared_where_it_was_moved_to_and_stays_there(
    records: Any, spool: Spool, make_run: MakeRun
) -> None:
    uid = append(spool, make_run(3))
    send(records, spool)
    move(records.home, uid, "unit-beta")
    place = lambda run: place_of(records.home, run)  # noqa: E731
    assert outcomes(look(records, spool)) == {uid: "differs"}
    assert outcomes(look(records, spool, place=place)) == {uid: "verified"}
    where = (records.server.uri, records.home.key())
    assert outcomes(replay(spool.folder, *where, place=place)) == {uid: "verified"}
    lose_a_row(records, spool)
    assert outcomes(replay(spool.folder, *where, place=place)) == {uid: "differs"}
    assert place_of(records.home, uid) == "unit-beta"


def test_a_whole_spool_goes_into_a_second_tiled_that_has_half_of_it(
    records: Any,
    spool: Spool,
    state: ShipState,
    make_run: MakeRun,
    tmp_path: Path,
    tiled_roster: Any,
) -> None:
    first, second, third = make_run(3), make_run(30, page=True), make_run(4)
    append(spool, first)
    other = TiledHome(tmp_path / "other")
    other.prepare(tiled_roster)
    with TiledServer(other) as server:
        where = (server.uri, other.key())
        assert replay(spool.folder, *where, fresh=True).clean
        append(spool, second)
        append(spool, third)
        half = Spool(tmp_path / "half")
        append(half, second[:-1])  # the run was cut short there
        half.close()
        ship(half.folder, *where, once=True)
        uids = {documents[0][1]["uid"] for documents in (first, second, third)}
        for _ in range(2):
            report = replay(spool.folder, *where, fresh=True)
            assert outcomes(report) == dict.fromkeys(uids, "verified")
        group = from_uri(server.uri, api_key=other.key())["unit-alpha"]
        assert set(group) == uids
    assert not any(state.shipped(uid) for uid in uids)  # the ordinary shipper's notes are untouched


def test_one_run_alone_is_sent_to_a_second_tiled(
    records: Any, spool: Spool, make_run: MakeRun
) -> None:
    one, other = append(spool, make_run(2)), append(spool, make_run(2))
    where = (records.server.uri, records.home.key())
    assert outcomes(replay(spool.folder, *where, uids=[other], fresh=True)) == {other: "verified"}
    assert one not in root(records)["unit-alpha"]
