"""What cannot be stored, was left open, or differs: set aside, closed, sent anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow
import pytest

from nanoterasu.records import (
    ShipError,
    Shipper,
    ShipState,
    Spool,
    wait_until_shipped,
)

from .sending import PAUSE, append, assert_exactly_once, has_rows, read

pytestmark = pytest.mark.system


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


def test_a_run_whose_session_died_is_closed_and_marked(
    records: Any, tmp_path: Path, make_run: Callable[..., list[Any]]
) -> None:
    folder, documents = tmp_path / "spool", make_run(3)
    with Spool(folder) as spool:
        uid = append(spool, documents[:-1])
        with Shipper(folder, records.home):
            while not has_rows(records, uid):
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
