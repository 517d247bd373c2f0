"""An analyst follows a run as it grows: every row once, in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nanoterasu.records import Run, Shipper, ShipState, Spool, connect

pytestmark = pytest.mark.system
MakeRun = Callable[..., list[Any]]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool") as spool:
        yield spool


def append(spool: Spool, documents: list[Any]) -> None:
    for name, document in documents:
        spool.append(name, document)


def opened(records: Any, uid: str) -> Run:
    """Return the run as soon as Tiled has it."""
    catalog = connect(records.server.uri, api_key=records.home.key())
    pause = threading.Event()
    for _ in range(600):
        try:
            return catalog[uid]
        except KeyError:
            pause.wait(0.05)
    raise AssertionError("the run did not arrive within 30 s")


def test_every_row_comes_once_while_the_run_goes_on_and_is_sent_anew(
    records: Any, spool: Spool, make_run: MakeRun
) -> None:
    documents = make_run(30)
    uid, heads = documents[0][1]["uid"], []
    append(spool, documents[:12])
    with Shipper(spool.folder, records.home):
        run = opened(records, uid)
        rows = run.follow(every=0.05)
        heads.append(next(rows))
        assert "stop" not in run.tiled.metadata
        assert heads[0].sizes["time"] <= 10
        # A new shipper finds a run without its end: it removes it, and sends it from its start.
    with Shipper(spool.folder, records.home):
        append(spool, documents[12:22])
        while sum(head.sizes["time"] for head in heads) < 20:
            heads.append(next(rows))
        append(spool, documents[22:])
        heads.extend(rows)
    values = np.concatenate([head["i0"].values for head in heads])
    assert values.tolist() == [0.0, *(row + 0.5 for row in range(1, 30))]
    waves = np.concatenate([head["wave"].values for head in heads])
    np.testing.assert_array_equal(waves, [[row] * 3 for row in range(30)])
    assert heads[-1]["i0"].attrs["units"] == "A"
    whole = Run(run.tiled).primary
    assert np.concatenate([head["time"].values for head in heads]).tolist() == (
        whole["time"].values.tolist()
    )
    assert list(heads[0].data_vars) == list(whole.data_vars)


def test_a_run_that_has_ended_comes_at_once_and_an_unknown_stream_is_told(
    records: Any, spool: Spool, make_run: MakeRun
) -> None:
    documents = make_run(5)
    append(spool, documents)
    with Shipper(spool.folder, records.home):
        state = ShipState(spool.folder)
        state.wait(documents[0][1]["uid"], 60)
        state.close()
    run = opened(records, documents[0][1]["uid"])
    [rows] = run.follow()
    assert rows.sizes["time"] == 5
    with pytest.raises(KeyError, match="has ended and has no stream 'fast'"):
        next(run.follow("fast"))
