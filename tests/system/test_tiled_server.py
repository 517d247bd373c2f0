from __future__ import annotations

import json
import os
import signal
import socket
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pyarrow
import pytest
from tiled.client import from_uri

from nanoterasu.records import TiledError, TiledHome, TiledServer, _lifeline, connect

pytestmark = pytest.mark.system


@pytest.fixture(scope="module", autouse=True)
def a_python_for_each() -> Iterator[None]:
    """Start servers as a user's command does, not forked: their start is what is tried here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("nanoterasu.records._server.Child", _lifeline.Child)
        yield


def login(uri: str, name: str, password: str) -> dict[str, str]:
    form = {"grant_type": "password", "username": name, "password": password}
    token = httpx.post(f"{uri}/auth/provider/house/token", data=form).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


def test_a_taken_port_is_named_with_what_to_do(records: Any) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(TiledError, match=rf"Port {port} .* choose another port"):
            TiledServer(records.home, port).start()


def test_a_home_that_was_never_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(TiledError, match=r"has not been prepared .*`nanoterasu serve --dir"):
        TiledServer(tmp_path / "nothing").start()


def test_an_unwritable_home_is_refused(tmp_path: Path, tiled_roster: Any) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(TiledError, match=r"cannot be prepared .* --dir"):
        TiledHome(tmp_path / "file" / "home").prepare(tiled_roster)


def test_a_password_for_somebody_unknown_is_refused(tmp_path: Path, tiled_roster: Any) -> None:
    with pytest.raises(TiledError, match="nobody, who are not in the office's roster"):
        TiledHome(tmp_path / "home").prepare(tiled_roster, {"nobody": "x"})


def test_no_secret_is_open_to_others(records: Any, passwords: dict[str, str]) -> None:
    home = records.home
    for path in (home.folder, home.tiled, home.keys, home.run):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700
    for path in (*home.keys.iterdir(), home.config, home.run / "tiled.log"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    everything = "".join(path.read_text() for path in (*home.keys.iterdir(), home.config))
    assert not [word for word in passwords.values() if word in everything]


def test_a_running_server_is_found_through_its_home_and_a_dead_one_is_not(records: Any) -> None:
    assert records.home.uri() == records.server.uri
    records.restart()
    assert records.home.uri() == records.server.uri
    records.server.stop()
    try:
        with pytest.raises(TiledError, match=r"No Tiled server runs on .*`nanoterasu serve"):
            connect(home=records.home.folder)
    finally:
        records.server.start()


def test_preparing_again_keeps_data_keys_and_passwords(
    records: Any, passwords: dict[str, str], shipped_runs: dict[str, str], tiled_roster: Any
) -> None:
    key = records.home.key()
    records.home.prepare(tiled_roster)
    assert records.home.key() == key
    records.restart()
    catalog = connect(
        records.server.uri, username="alpha-member", password=passwords["alpha-member"]
    )
    assert catalog[shipped_runs["unit-alpha"]].primary.sizes["time"] == 5


def test_a_home_of_earlier_days_is_limited_when_it_is_prepared_again(
    tmp_path: Path, tiled_roster: Any
) -> None:
    home = TiledHome(tmp_path / "home")
    home.prepare(tiled_roster)
    with sqlite3.connect(home.tiled / "authn.sqlite") as database:
        database.execute("UPDATE roles SET scopes = '[\"admin:apikeys\"]'")
        database.execute(
            "UPDATE principal_role_association SET role_id = "
            "(SELECT id FROM roles WHERE name = 'user')"
        )
    home.prepare(tiled_roster)
    found = dict(database.execute("SELECT name, scopes FROM roles").fetchall())
    reading = {"read:metadata", "read:data", "create:apikeys", "revoke:apikeys"}
    assert set(json.loads(found["user"])) == reading
    assert "admin:apikeys" not in found["shipper"]
    query = (
        "SELECT roles.name FROM principal_role_association JOIN roles ON roles.id = role_id "
        "JOIN principals ON principals.id = principal_id WHERE principals.type = 'service'"
    )
    assert database.execute(query).fetchall() == [("shipper",)]
    database.close()


def plans(tables: Path) -> list[str]:
    """How SQLite would look for one run, in each table of events."""
    with closing(sqlite3.connect(tables)) as database:
        return [
            str(
                database.execute(
                    f'EXPLAIN QUERY PLAN SELECT * FROM "{name}" WHERE _dataset_id = 1'
                ).fetchall()
            )
            for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name.startswith("table_")
        ]


def test_a_table_of_events_made_while_the_server_runs_gets_the_index_that_finds_a_run(
    records: Any, shipped_runs: dict[str, str]
) -> None:
    root = from_uri(records.server.uri, api_key=records.home.key())
    group = root["unit-alpha"]
    before = len(plans(records.home.tables))
    for name in ("one", "another"):  # the first table of all gets Tiled's own
        schema = pyarrow.schema([("seq_num", pyarrow.int64()), (name, pyarrow.float64())])
        group.create_appendable_table(schema, key=name, access_tags=["unit-alpha"])
    until = time.monotonic() + 20
    while not all("USING INDEX run_of_table_" in plan for plan in plans(records.home.tables)):
        assert time.monotonic() < until, plans(records.home.tables)
        time.sleep(0.1)
    assert len(plans(records.home.tables)) == before + 2


def test_runs_that_are_stored_at_the_same_moment_wait_for_one_another(
    records: Any, shipped_runs: dict[str, str]
) -> None:
    group = from_uri(records.server.uri, api_key=records.home.key())["unit-alpha"]
    schema = pyarrow.schema([("seq_num", pyarrow.int64())])

    def store(number: int) -> list[int]:
        key = f"at-once-{number}"
        table = group.create_appendable_table(schema, key=key, access_tags=["unit-alpha"])
        for row in range(10):
            table.append_partition(0, pyarrow.table({"seq_num": [row]}, schema=schema))
        return table.read()["seq_num"].tolist()

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(store, range(6))) == [list(range(10))] * 6


ORPHAN = """
import os, signal, sys
from nanoterasu.records import TiledServer
server = TiledServer(sys.argv[1]).start()
print(server.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_ends_with_the_process_that_started_it(tmp_path: Path, tiled_roster: Any) -> None:
    home = TiledHome(tmp_path / "home")
    home.prepare(tiled_roster)
    parent = subprocess.run(
        [sys.executable, "-c", ORPHAN, str(home.folder)], stdout=subprocess.PIPE, text=True
    )
    assert parent.returncode == -signal.SIGKILL
    pidfd = _open_process(int(parent.stdout))
    if pidfd is not None:
        import select

        assert select.select([pidfd], [], [], 20)[0]
        os.close(pidfd)


def _open_process(pid: int) -> int | None:
    try:
        return os.pidfd_open(pid)
    except ProcessLookupError:
        return None
