"""Where a session's things are: the site's address first, and never a dead twin's."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.session import home_folder, place_of


def note(home: Path, **changes: Any) -> Path:
    path = home / "run" / "twin-BL13U.json"
    path.parent.mkdir()
    about = {
        "address": "127.0.0.1",
        "port": 5064,
        "repeater_port": 5065,
        "pid": os.getpid(),
        "prefix": "TWIN:BL13U-",
        "speed": 20.0,
    }
    path.write_text(json.dumps(about | changes))
    return path


@pytest.fixture(autouse=True)
def no_site(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NANOTERASU_PREFIX_BL13U", "NANOTERASU_DIR"):
        monkeypatch.delenv(name, raising=False)


def test_a_running_twin_is_found(home: Path) -> None:
    note(home)
    place = place_of("BL13U", home)
    assert (place.prefix, place.twin, place.speed) == ("TWIN:BL13U-", True, 20.0)
    assert place.environment["EPICS_CA_ADDR_LIST"] == "127.0.0.1"
    assert place.environment["EPICS_CA_AUTO_ADDR_LIST"] == "NO"
    assert place.environment["EPICS_CA_SERVER_PORT"] == "5064"


def test_the_sites_address_wins_over_a_twin(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note(home)
    monkeypatch.setenv("NANOTERASU_PREFIX_BL13U", "SITE:")
    place = place_of("BL13U", home)
    assert (place.prefix, place.twin, dict(place.environment)) == ("SITE:", False, {})


def test_a_dead_twins_note_is_not_believed(home: Path) -> None:
    with subprocess.Popen(["true"]) as gone:
        pass
    note(home, pid=gone.pid)
    place = place_of("BL13U", home)
    assert (place.prefix, place.twin) == (None, False)


def test_without_a_twin_there_is_no_address(home: Path) -> None:
    assert place_of("BL13U", home).prefix is None


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"pid": "x"}'])
def test_a_broken_note_is_named_in_a_sentence(home: Path, text: str) -> None:
    path = note(home)
    path.write_text(text)
    with pytest.raises(ValueError, match=r"nanoterasu twin BL13U") as raised:
        place_of("BL13U", home)
    assert str(path) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_home_is_made_and_closed_to_others(tmp_path: Path) -> None:
    home = home_folder(tmp_path / "new" / "home")
    assert home.stat().st_mode & 0o777 == 0o700


def test_the_home_is_the_given_folder_then_the_environments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NANOTERASU_DIR", str(tmp_path / "of the environment"))
    assert home_folder() == tmp_path / "of the environment"
    assert home_folder(tmp_path / "given") == tmp_path / "given"


@pytest.mark.parametrize("hindrance", ["a file in its place", "a folder of somebody else"])
def test_a_home_that_cannot_be_written_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, hindrance: str
) -> None:
    home = tmp_path / "home"
    if hindrance == "a file in its place":
        home.write_text("")
    else:
        # The superuser may write everywhere, and tests run as such in containers: so it is told.
        monkeypatch.setattr("os.access", lambda *_: False)
    with pytest.raises(PermissionError) as raised:
        home_folder(home)
    said = str(raised.value)
    assert str(home) in said
    assert "--dir" in said
    assert "\n" not in said
