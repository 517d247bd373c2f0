"""``nanoterasu follow`` beside a server that is a process of its own, as a site runs them."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from nanoterasu.cli._serve import prepare_example
from nanoterasu.facility import JST
from nanoterasu.office import Register
from nanoterasu.records import TiledServer, connect

pytestmark = pytest.mark.system

FOLLOW = [sys.executable, "-c", "from nanoterasu.cli import main; main()", "follow", "--dir"]


def until(what: Callable[[], bool], patience: float = 30.0) -> bool:
    """Whether ``what`` came true within ``patience`` [s]."""
    end = time.monotonic() + patience
    while not (true := what()) and time.monotonic() < end:
        time.sleep(0.1)
    return true


def test_a_catalog_served_elsewhere_obeys_the_office_while_it_is_followed(tmp_path: Path) -> None:
    home = tmp_path / "home"
    passwords, _ = prepare_example(home)
    login = "beta-colleague"

    def may_enter() -> bool:
        catalog = connect(server.uri, username=login, password=passwords[login])
        return "unit-EX-U2" in catalog.groups

    with (
        TiledServer(home) as server,
        subprocess.Popen([*FOLLOW, str(home)], stdout=subprocess.PIPE, text=True) as follow,
    ):
        assert follow.stdout is not None
        assert f"The catalog of {home} obeys the office" in follow.stdout.readline()
        assert may_enter()
        with Register(home / "office.sqlite") as register:
            register.close_entry("person", "EX-6", at=datetime.now(JST), by="x", why="left")
        assert until(lambda: not may_enter())
        follow.send_signal(signal.SIGTERM)
        assert follow.wait(20) == 0
