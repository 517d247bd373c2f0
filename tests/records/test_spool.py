from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nanoterasu.records import Spool, SpoolBusy, SpoolDamaged, SpoolError, SpoolReader


class Edge(StrEnum):
    FE = "Fe-L3"


EXACT: dict[str, Any] = {
    "nan": float("nan"),
    "infinite": [float("inf"), -float("inf"), -0.0],
    "unicode": "μ₀H ナノテラス \udcff",
    "bytes": b"\x00\xff",
    "none": None,
    "true": True,
    "large_integer": 2**80,
    "edge_integers": [2**63 - 1, -(2**63), 2**64 - 1],
    "tuple": (1, (2.5, "x")),
    "complex": 1 - 2j,
    "float32": np.float32(0.1),
    "float64": np.float64(0.1),
    "int16": np.int16(-3),
    "bool": np.bool_(True),
    "str": np.str_("ab"),
    "empty_str": np.str_(""),
    "instant": np.datetime64("2026-11-22T12:00:00", "ns"),
    "array": np.arange(6, dtype=">i4").reshape(2, 3),
    "special_array": np.array([np.nan, np.inf, -np.inf, 5e-324]),
    "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
    "empty_array": np.empty((0, 3), dtype="u1"),
    "strings": np.array(["a", "βγ"]),
    "scalar_array": np.array(3.0),
    "records": np.array([(1, 2.0)], dtype=[("n", "i4"), ("x", "f8")]),
    "by_number": {1: "one", 2.5: "two and a half"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "spool" / "BL13U"


def same(a: Any, b: Any) -> bool:
    if isinstance(a, np.ndarray):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, float) and a != a:
        return type(a) is type(b) and b != b
    return type(a) is type(b) and bool(a == b)


def test_a_document_comes_back_when_append_has_returned(folder: Path) -> None:
    with Spool(folder) as spool:
        assert spool.append("start", {"uid": "a", "time": 1.5}) == 1
        with SpoolReader(folder) as reader:
            assert list(reader.documents()) == [(1, "start", {"uid": "a", "time": 1.5})]


@pytest.mark.parametrize("key", EXACT)
def test_every_value_round_trips_exactly(folder: Path, key: str) -> None:
    with Spool(folder) as spool:
        spool.append("start", {"uid": "a", "value": EXACT[key]})
    [(_, _, doc)] = SpoolReader(folder).documents()
    assert same(EXACT[key], doc["value"])


def test_a_string_enumeration_is_recorded_as_its_string(folder: Path) -> None:
    with Spool(folder) as spool:
        spool.append("start", {"uid": "a", "edge": Edge.FE})
    assert next(SpoolReader(folder).documents())[2]["edge"] == "Fe-L3"


def test_a_restored_array_can_be_written_to(folder: Path) -> None:
    with Spool(folder) as spool:
        spool.append("start", {"uid": "a", "image": np.zeros((512, 512))})
    next(SpoolReader(folder).documents())[2]["image"][0, 0] = 1.0


@pytest.mark.parametrize("value", [object(), np.array([object()]), len])
def test_a_value_that_is_no_data_is_refused_and_leaves_nothing(folder: Path, value: Any) -> None:
    with Spool(folder) as spool:
        with pytest.raises(SpoolError, match="cannot be recorded"):
            spool.append("start", {"uid": "a", "value": value})
        assert spool.append("start", {"uid": "a"}) == 1


def test_a_second_writer_is_told_who_holds_the_spool(folder: Path) -> None:
    with (
        Spool(folder),
        pytest.raises(SpoolBusy, match=rf"process {os.getpid()} since .* close that session"),
    ):
        Spool(folder)


def test_the_next_writer_goes_on_where_the_last_stopped(folder: Path) -> None:
    with Spool(folder) as spool:
        spool.append("start", {"uid": "a"})
    with Spool(folder) as spool:
        assert spool.append("start", {"uid": "b"}) == 2


def test_only_its_account_enters_the_folder(folder: Path) -> None:
    with Spool(folder):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_an_unwritable_folder_is_refused_with_advice(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SpoolError, match=r"cannot be written .* choose another"):
        Spool(tmp_path / "file" / "spool")


def test_each_document_knows_its_run(folder: Path) -> None:
    with Spool(folder) as spool:
        spool("start", {"uid": "a"})
        spool("start", {"uid": "b"})
        spool("descriptor", {"uid": "d", "run_start": "a"})
        spool("event", {"descriptor": "d", "data": {}})
        spool("stop", {"run_start": "a"})
        spool("resource", {"uid": "r"})
        spool("datum", {"resource": "r"})
    with SpoolReader(folder) as reader:
        assert [e.run_uid for e in reader.entries()] == ["a", "b", "a", "a", "a", "b", "b"]
        assert reader.runs() == {"a": True, "b": False}
        assert [e.name for e in reader.entries(1, run_uid="a", limit=2)] == ["descriptor", "event"]


def test_more_rows_than_one_slice_come_in_order(folder: Path) -> None:
    with Spool(folder) as spool:
        spool._database.execute("PRAGMA synchronous = OFF")
        for n in range(600):
            spool("start", {"uid": str(n)})
    with SpoolReader(folder) as reader:
        assert [doc["uid"] for _, _, doc in reader.documents()] == [str(n) for n in range(600)]
        assert len(list(reader.entries(limit=300))) == 300
        assert reader.last() == 600


def test_a_changed_byte_is_noticed(folder: Path) -> None:
    with Spool(folder) as spool:
        spool.append("start", {"uid": "a", "x": 1})
    database = sqlite3.connect(folder / "spool.sqlite")
    database.execute("UPDATE document SET body = ?", (b"\x80",))
    database.commit()
    database.close()
    with pytest.raises(SpoolDamaged, match="checksum") as caught:
        list(SpoolReader(folder).documents())
    assert (caught.value.sequence, caught.value.run_uid) == (1, "a")


def test_a_reader_waits_for_a_spool_that_is_not_there_yet(folder: Path) -> None:
    reader, stop, seen = SpoolReader(folder), threading.Event(), []

    def follow() -> None:
        for sequence, _, _ in reader.follow(stop=stop, every=0.005):
            seen.append(sequence)
            if sequence == 3:
                stop.set()

    thread = threading.Thread(target=follow)
    thread.start()
    with Spool(folder) as spool:
        for n in range(3):
            spool("start", {"uid": str(n)})
        thread.join(5)
    assert seen == [1, 2, 3]


WRITER = """
import sys
from nanoterasu.records import Spool
spool = Spool(sys.argv[1])
n = 0
while True:
    sequence = spool.append("start", {"uid": str(n), "x": [n] * 50})
    print(sequence, flush=True)
    n += 1
"""


def test_what_was_acknowledged_survives_kill_9(folder: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    for line in writer.stdout:
        if int(line) >= 20:
            writer.send_signal(signal.SIGKILL)
            break
    acknowledged = [20, *(int(line) for line in writer.stdout if line.endswith("\n"))]
    writer.wait()
    with SpoolReader(folder) as reader:
        found = [(sequence, doc["uid"]) for sequence, _, doc in reader.documents()]
    assert found == [(n + 1, str(n)) for n in range(len(found))]
    assert len(found) >= max(acknowledged)
    with Spool(folder) as spool:
        assert spool.append("start", {"uid": "next"}) == len(found) + 1
