from __future__ import annotations

import subprocess
import sys
import uuid
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from event_model import DocumentNames, schema_validators

from nanoterasu.records import FrameFile, RecordsError


def frames(number: int) -> np.ndarray:
    return np.arange(number * 12, dtype="<u2").reshape(number, 3, 4)


@pytest.fixture
def file(tmp_path: Path) -> Any:
    with FrameFile(tmp_path, "camera", (3, 4), "<u2", units="counts") as file:
        yield file


def test_a_file_is_named_by_the_uid_of_its_document_and_tells_nothing_else(file: FrameFile) -> None:
    assert file.path.name == f"{uuid.UUID(file.uid)}.h5"


def test_its_documents_say_where_the_frames_are(file: FrameFile) -> None:
    file.append(frames(2))
    (first, resource), (second, datum) = file.announce()
    assert (first, second) == ("stream_resource", "stream_datum")
    schema_validators[DocumentNames.stream_resource].validate(resource)
    assert resource["uid"] == file.uid
    assert resource["uri"] == f"file://localhost{file.path}"
    assert resource["mimetype"] == "application/x-hdf5"
    assert resource["parameters"]["dataset"] == "/entry/data/data"
    assert resource["parameters"]["swmr"] is True
    assert (datum["indices"], datum["descriptor"]) == ({"start": 0, "stop": 2}, "")


def test_each_frame_is_told_of_once(file: FrameFile) -> None:
    told = []
    for number in (1, 0, 3):
        if number:
            file.append(frames(number))
        told += [doc["indices"] for name, doc in file.announce() if name == "stream_datum"]
    assert told == [{"start": 0, "stop": 1}, {"start": 1, "stop": 4}]


def test_no_more_is_told_than_is_asked_for(file: FrameFile) -> None:
    file.append(frames(5))
    limits = (0, 2, 2, 9)
    told = [doc for upto in limits for name, doc in file.announce(upto) if name == "stream_datum"]
    assert [doc["indices"]["stop"] for doc in told] == [2, 5]


def test_what_is_told_of_can_be_read_while_the_file_is_open(file: FrameFile) -> None:
    for number in (1, 2):
        file.append(frames(3))
        list(file.announce())
        with h5py.File(file.path, "r", swmr=True) as reader:
            stored: Any = reader["entry/data/data"]
            assert stored.shape == (3 * number, 3, 4)
            assert stored.chunks == (1, 3, 4)
            assert stored.attrs["units"] == "counts"
            np.testing.assert_array_equal(stored[-3:], frames(3))


def test_old_frames_become_readable_without_being_told_of(tmp_path: Path) -> None:
    with FrameFile(tmp_path, "camera", (3, 4), "<u2", max_age=0.0) as file:
        file.append(frames(2))
        with h5py.File(file.path, "r", swmr=True) as reader:
            assert reader["entry/data/data"].shape == (2, 3, 4)  # pyright: ignore[reportAttributeAccessIssue]


def test_a_file_without_a_frame_is_a_file_of_no_frames(tmp_path: Path) -> None:
    with FrameFile(tmp_path, "camera", (3, 4), "<u2") as file:
        assert list(file.announce()) == []
    with h5py.File(file.path, "r") as reader:
        assert reader["entry/data/data"].shape == (0, 3, 4)  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.parametrize("wrong", [np.zeros((4, 3), "<u2"), np.zeros((3, 4), "<f8"), np.float64(1)])
def test_a_frame_of_another_shape_or_type_is_refused(file: FrameFile, wrong: Any) -> None:
    with pytest.raises(RecordsError, match="was declared as frames of shape"):
        file.append(wrong)
    assert file.frames == 0


def test_a_frame_that_is_a_view_is_written_as_it_reads(file: FrameFile) -> None:
    view = np.arange(12, dtype="<u2").reshape(4, 3).T
    file.append(view)
    list(file.announce())
    with h5py.File(file.path, "r", swmr=True) as reader:
        np.testing.assert_array_equal(reader["entry/data/data"][0], view)  # pyright: ignore[reportIndexIssue]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match="cannot be made"):
        FrameFile(tmp_path / "gone", "camera", (3, 4), "<u2")


KILLED = """
import os, sys
import numpy as np
from nanoterasu.records import FrameFile
file = FrameFile(sys.argv[1], "camera", (3, 4), "<u2", max_age=60)
for number in range(200):
    file.append(np.full((3, 4), number, "<u2"))
    if number % 7 == 0:
        for name, document in file.announce():
            if name == "stream_datum":
                print(file.path, document["indices"]["stop"], flush=True)
os.kill(os.getpid(), 9)
"""


def test_every_frame_told_of_is_there_after_the_writer_was_killed(tmp_path: Path) -> None:
    writer = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert writer.returncode == -9, writer.stderr
    path, told = writer.stdout.splitlines()[-1].rsplit(" ", 1)
    with h5py.File(path, "r", swmr=True) as reader:
        stored: Any = reader["entry/data/data"]
        assert len(stored) >= int(told) == 197
        assert stored[: int(told), 0, 0].tolist() == list(range(197))
    with pytest.raises(OSError, match="already open for write"):
        h5py.File(path, "r")  # what a program that knows nothing of writers says


FULL = """
import resource, signal, sys
import numpy as np
from nanoterasu.records import FrameFile, RecordsError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
file = FrameFile(sys.argv[1], "camera", (100, 100), "<u2", durable=False)
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
told = 0
try:
    for number in range(100):
        file.append(np.full((100, 100), number, "<u2"))
        for name, document in file.announce():
            if name == "stream_datum":
                told = document["indices"]["stop"]
except RecordsError as error:
    print(file.path, told, error)
"""


def test_a_full_disk_is_told_and_what_was_told_of_before_is_kept(tmp_path: Path) -> None:
    writer = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=False
    )
    path, told, message = writer.stdout.split(" ", 2)
    assert "make room on the disk" in message
    assert int(told) >= 5
    with h5py.File(path, "r", swmr=True) as reader:
        stored: Any = reader["entry/data/data"]
        assert stored[: int(told), 50, 50].tolist() == list(range(int(told)))
