"""Importing does nothing: no socket, no file, no thread, no process, no clock."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


def watch(package: str, cwd: Path = ROOT) -> dict[str, Any]:
    """Import the package's every module in a process of its own; what they did, and their files."""
    command = [sys.executable, str(ROOT / "tests" / "watchman.py"), package]
    environment = {"PYTHONPATH": str(cwd)} if cwd != ROOT else None
    ran = subprocess.run(
        command, capture_output=True, text=True, cwd=cwd, env=environment, timeout=100
    )
    assert ran.returncode == 0, ran.stderr
    return json.loads(ran.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def house() -> dict[str, Any]:
    """The watchman's report of the whole house."""
    return watch("nanoterasu")


@pytest.mark.system
def test_importing_the_house_does_nothing(house: dict[str, Any]) -> None:
    assert house["charges"] == []


@pytest.mark.system
def test_every_module_of_the_house_was_imported_once(house: dict[str, Any]) -> None:
    real = [str(Path(file).resolve()) for file in house["files"].values()]
    assert sorted(real) == sorted(set(real))
    package = ROOT / "src" / "nanoterasu"
    links = [path.resolve() for path in package.iterdir() if path.is_symlink()]
    written = (path for folder in [package, *links] for path in folder.rglob("*.py"))
    assert set(real) == {str(path.resolve()) for path in written if path.name != "__main__.py"}


@pytest.mark.parametrize(
    ("body", "act"),
    [
        ("import time\nSTARTED = time.time()", "time.time"),
        ("from datetime import datetime\ndef f(at=datetime.now()): ...", "datetime.now"),
        ("open('left-behind', 'w').close()", "opening left-behind to write"),
        ("import threading\nthreading.Thread(target=int).start()", "_thread.start_new_thread"),
        ("import socket\nsocket.socket().close()", "socket.__new__"),
        ("import subprocess\nsubprocess.run(['true'])", "subprocess.Popen"),
        ("import sqlite3\nsqlite3.connect(':memory:').close()", "sqlite3.connect"),
    ],
    ids=["clock", "clock-in-default", "file", "thread", "socket", "process", "database"],
)
def test_the_watchman_sees(tmp_path: Path, body: str, act: str) -> None:
    room = tmp_path / "outhouse"
    room.mkdir()
    (room / "__init__.py").write_text('"""A room that acts when imported."""\n')
    (room / "_act.py").write_text(body + "\n")
    charges = watch("outhouse", tmp_path)["charges"]
    assert ["outhouse._act", act] in charges


def test_the_watchman_does_not_charge_a_room_with_what_a_library_does(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text("import time\nSTARTED = time.time()\n")
    room = tmp_path / "outhouse"
    room.mkdir()
    (room / "__init__.py").write_text("import library\n")
    assert watch("outhouse", tmp_path)["charges"] == []
