from __future__ import annotations

import os
import shutil
import stat
import subprocess
import threading
from pathlib import Path

import numpy as np
import pytest

from nanoterasu.records import Files, FileState, FrameFile, RecordsError, check_file, seal
from nanoterasu.records import seal_closed as sweep
from nanoterasu.records._seal import Sealing, closed

LONG_AGO = 1.7e9
PAUSE = threading.Event()  # never set


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with FrameFile(Files(tmp_path).beamtime("BT-1"), "camera", (2, 2), "<u2") as file:
        file.append(np.ones((2, 2), "<u2"))
    return file.path


def quiet(path: Path) -> Path:
    os.utime(path, (LONG_AGO, LONG_AGO))
    return path


def sidecar(path: Path) -> Path:
    return path.with_name(f"{path.name}.sha256")


def test_a_sealed_file_is_read_only_and_its_checksum_is_checked_by_the_usual_program(
    path: Path,
) -> None:
    digest = seal(path)
    assert sidecar(path).read_text() == f"{digest}  {path.name}\n"
    for each in (path, sidecar(path)):
        assert stat.S_IMODE(each.stat().st_mode) == 0o440
    if program := shutil.which("sha256sum"):
        command = [program, "--check", "--strict", sidecar(path).name]
        assert subprocess.run(command, cwd=path.parent, check=False).returncode == 0


def test_the_states_of_a_file(path: Path) -> None:
    assert check_file(path) is FileState.UNSEALED
    seal(path)
    assert check_file(path) is FileState.OK
    path.chmod(0o640)
    with path.open("r+b") as file:
        file.seek(-1, os.SEEK_END)
        last = file.read(1)
        file.seek(-1, os.SEEK_END)
        file.write(bytes([last[0] ^ 1]))
    assert check_file(path) is FileState.CHANGED
    path.unlink()
    assert check_file(path) is FileState.MISSING
    sidecar(path).unlink()
    assert check_file(path) is FileState.MISSING


def test_sealing_again_changes_nothing_not_even_of_a_changed_file(path: Path) -> None:
    digest = seal(path)
    path.chmod(0o640)
    with path.open("ab") as file:
        file.write(b"more")
    assert seal(path) == digest
    assert check_file(path) is FileState.CHANGED


def test_a_seal_that_was_cut_short_is_completed(path: Path) -> None:
    path.chmod(0o440)  # the first thing that happens
    assert check_file(path) is FileState.UNSEALED
    seal(path)
    assert check_file(path) is FileState.OK


def test_a_checksum_of_something_else_is_told(path: Path) -> None:
    sidecar(path).write_text("0" * 64 + "  other.h5\n")
    with pytest.raises(RecordsError, match="is no checksum of"):
        check_file(path)


def test_a_file_that_its_writer_has_open_is_not_sealed(tmp_path: Path) -> None:
    with FrameFile(Files(tmp_path).beamtime("BT-1"), "camera", (2, 2), "<u2") as file:
        file.append(np.ones((2, 2), "<u2"))
        list(file.announce())
        assert not closed(file.path)
        with pytest.raises(RecordsError, match="Seal it when it has been closed"):
            seal(quiet(file.path))
        said: list[object] = []
        assert sweep(tmp_path, said.append) == []
        assert "is not sealed yet" in str(said)
        assert file.path.stat().st_mode & 0o200
    assert closed(file.path)
    assert sweep(tmp_path) == []  # a moment ago: it may be a copy that is still being made
    quiet(file.path)
    assert sweep(tmp_path) == [file.path]


def test_a_file_that_a_killed_writer_left_is_sealed_when_it_is_long_quiet(tmp_path: Path) -> None:
    file = FrameFile(Files(tmp_path).beamtime("BT-1"), "camera", (2, 2), "<u2")
    file.append(np.ones((2, 2), "<u2"))
    list(file.announce())
    left = tmp_path / "BT-1" / "left.h5"
    shutil.copy(file.path, left)  # as it stands at this instant, and no process has it open
    file.close()
    seal(file.path)
    assert not closed(left)
    assert sweep(tmp_path) == []
    quiet(left)
    assert sweep(tmp_path) == [left]
    assert check_file(left) is FileState.OK


def test_sealed_files_are_not_read_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet(path)
    assert sweep(path.parents[1]) == [path]

    def forbidden(*_: object) -> None:
        raise AssertionError("it is sealed already")

    monkeypatch.setattr("hashlib.file_digest", forbidden)
    assert sweep(path.parents[1]) == []


def test_what_is_no_file_of_its_own_is_left_alone(path: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.write_text("somebody else's")
    other.chmod(0o600)
    quiet(other)
    (path.parent / "link.h5").symlink_to(other)
    os.mkfifo(path.parent / "pipe.h5")  # opening it would wait for ever
    said: list[object] = []
    assert sweep(tmp_path, said.append) == []
    assert len(said) == 2
    assert stat.S_IMODE(other.stat().st_mode) == 0o600
    with pytest.raises(RecordsError, match="through a link"):
        seal(path.parent / "link.h5")


def test_one_of_several_that_seal_does_the_work(path: Path, tmp_path: Path) -> None:
    quiet(path)
    files, lock = Files(path.parents[1]), tmp_path / "seal.lock"
    with Sealing(files, lock), Sealing(files, lock):
        while check_file(path) is not FileState.OK:
            PAUSE.wait(0.02)
