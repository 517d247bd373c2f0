"""A run whose session died gets an end, once, and says so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nanoterasu.records import Spool, SpoolReader, close_abandoned
from nanoterasu.records._abandoned import close_where_nobody_writes

MEASURE = """
import os, sys
from nanoterasu.records import Spool
spool = Spool(sys.argv[1])
spool.append("start", {"uid": "a", "time": 1.0})
spool.append("descriptor", {"uid": "d", "run_start": "a", "name": "primary", "data_keys": {}})
spool.append("event", {"uid": "e", "descriptor": "d", "seq_num": 1})
spool.append("event_page", {"descriptor": "d", "seq_num": [2, 3]})
spool.append("start", {"uid": "whole", "time": 1.0})
spool.append("stop", {"uid": "s", "run_start": "whole"})
os.kill(os.getpid(), 9)
"""


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A spool that a killed process left."""
    folder = tmp_path / "spool"
    subprocess.run([sys.executable, "-c", MEASURE, str(folder)], check=False)
    return folder


def test_what_a_killed_session_left_open_is_closed_and_marked(left: Path) -> None:
    with Spool(left) as spool:
        assert close_abandoned(spool) == ["a"]
        assert close_abandoned(spool) == []
    with SpoolReader(left) as reader:
        *before, last = reader.entries(run_uid="a")
        stop = last.document()
        assert reader.runs() == {"a": True, "whole": True}
    assert (last.name, stop["run_start"], stop["exit_status"]) == ("stop", "a", "abort")
    assert stop["abandoned"] is True
    assert stop["num_events"] == {"primary": 3}
    assert stop["time"] == before[-1].wall_time  # when it ended, not when that was found
    assert "without closing this run" in stop["reason"]


def test_a_stop_document_of_ours_is_one_by_the_schema(left: Path) -> None:
    from event_model import DocumentNames, schema_validators

    with Spool(left) as spool:
        close_abandoned(spool)
    with SpoolReader(left) as reader:
        stop = next(e.document() for e in reader.entries(run_uid="a") if e.name == "stop")
    schema_validators[DocumentNames.stop].validate(stop)


def test_nothing_is_closed_while_a_session_lives(left: Path) -> None:
    with Spool(left):
        assert close_where_nobody_writes(left) == []
    assert close_where_nobody_writes(left) == ["a"]
    assert close_where_nobody_writes(left) == []
