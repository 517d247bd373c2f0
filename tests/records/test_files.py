from __future__ import annotations

import grp
import json
import os
import stat
from pathlib import Path

import pytest

from nanoterasu.records import Files, FrameFile, RecordsError

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="giving a folder to a group takes root")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def another_group() -> grp.struct_group:
    return next(group for group in grp.getgrall() if group.gr_gid != os.getegid())


def test_without_a_setting_only_the_own_account_enters(tmp_path: Path) -> None:
    files = Files.of(tmp_path)
    assert files.folder == tmp_path / "files"
    folder = files.beamtime("EX-2026A-1", "U1")
    assert folder == tmp_path / "files" / "EX-2026A-1"
    assert mode(folder) == mode(files.folder) == 0o700
    with FrameFile(folder, "camera", (2, 2), "<u2") as file:
        assert mode(file.path) == 0o600


@needs_root
def test_a_unit_whose_group_is_named_enters_its_own_folders(tmp_path: Path) -> None:
    group = another_group()
    setting = {"folder": str(tmp_path / "large"), "groups": {"U1": group.gr_name}}
    (tmp_path / "files.json").write_text(json.dumps(setting))
    files = Files.of(tmp_path)
    own, foreign = files.beamtime("BT-1", "U1"), files.beamtime("BT-2", "U2")
    assert own == tmp_path / "large" / "BT-1"
    assert (mode(own), own.stat().st_gid) == (0o2750, group.gr_gid)
    assert mode(foreign) == 0o700
    with FrameFile(own, "camera", (2, 2), "<u2") as file:
        assert (mode(file.path), file.path.stat().st_gid) == (0o640, group.gr_gid)


@needs_root
def test_a_group_that_is_taken_out_of_the_settings_enters_no_more(tmp_path: Path) -> None:
    Files(tmp_path, {"U1": another_group().gr_name}).beamtime("BT-1", "U1")
    folder = Files(tmp_path).beamtime("BT-1", "U1")
    assert (mode(folder), folder.stat().st_gid) == (0o700, os.getegid())


def test_a_group_that_the_machine_does_not_know_is_refused_and_no_folder_is_made(
    tmp_path: Path,
) -> None:
    with pytest.raises(RecordsError, match=r"'no-such-group'.*Have the group made"):
        Files(tmp_path, {"U1": "no-such-group"}).beamtime("BT-1", "U1")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["", ".", "..", "../x", "a/b", "/etc", ".hidden", "a b", "a\0", "a\n", "ä", "x" * 101, 7],
)
def test_an_id_that_cannot_name_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(RecordsError, match="cannot name a folder"):
        Files(tmp_path).beamtime(name)


def test_a_link_in_the_place_of_a_beamtime_is_refused(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "BT-1").symlink_to(elsewhere)
    with pytest.raises(RecordsError, match="no file or link stands in its place"):
        Files.of(tmp_path).beamtime("BT-1")
    assert mode(elsewhere) == 0o755


@pytest.mark.parametrize(
    "setting",
    [
        {"folder": "relative"},
        {"folder": 7},
        {"groups": ["U1"]},
        {"groups": {"U1": None}},
        {"group": {"U1": "staff"}},
    ],
)
def test_settings_that_are_not_understood_are_refused(tmp_path: Path, setting: object) -> None:
    (tmp_path / "files.json").write_text(json.dumps(setting))
    with pytest.raises(RecordsError, match=r"files\.json is not understood"):
        Files.of(tmp_path)
