"""A home whose databases stand on a PostgreSQL server, and one server of Tiled on it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow
import pytest
from psycopg import sql
from tiled.client import from_uri

from nanoterasu.records import (
    Shipper,
    Spool,
    TiledError,
    TiledHome,
    TiledServer,
    connect,
    place_of,
    publish,
    reader_key,
    reads,
    wait_until_shipped,
)

from ..postgresql import PostgreSQL, write_settings
from .waiting import wait_until

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def home(
    postgresql: PostgreSQL,
    tmp_path_factory: pytest.TempPathFactory,
    tiled_roster: Any,
    passwords: dict[str, str],
) -> TiledHome:
    home = TiledHome(tmp_path_factory.mktemp("postgresql") / "home")
    write_settings(home, postgresql.settings())
    home.prepare(tiled_roster, passwords)
    return home


@pytest.fixture(scope="module")
def server(home: TiledHome) -> Iterator[TiledServer]:
    with TiledServer(home) as server:
        yield server


@pytest.fixture(scope="module")
def uids(
    home: TiledHome, server: TiledServer, make_run: Callable[..., list[Any]]
) -> dict[str, str]:
    """A run of each of two rivals."""
    folder = home.folder / "spool" / "BL13U"
    uids = {}
    with Spool(folder) as spool, Shipper(folder, home):
        for tag in ("unit-alpha", "unit-beta"):
            documents = make_run(5, tiled_access_tags=[tag])
            for name, document in documents:
                spool.append(name, document)
            uids[tag] = documents[0][1]["uid"]
        for uid in uids.values():
            wait_until_shipped(folder, uid, 90)
    return uids


def test_a_run_arrives_with_its_values_behind_its_wall(
    server: TiledServer, uids: dict[str, str], passwords: dict[str, str]
) -> None:
    for login, tag, other in (
        ("alpha-member", "unit-alpha", "unit-beta"),
        ("beta-member", "unit-beta", "unit-alpha"),
    ):
        catalog = connect(server.uri, username=login, password=passwords[login])
        data = catalog[uids[tag]].primary
        assert data["i0"].values.tolist() == [0.0, 1.5, 2.5, 3.5, 4.5]
        assert data["polarisation"].values.tolist() == ["plus"] * 5
        np.testing.assert_array_equal(data["wave"], [[n] * 3 for n in range(5)])
        with pytest.raises(KeyError):
            catalog[uids[other]]


def test_nothing_of_it_is_kept_in_files_of_sqlite(home: TiledHome, uids: dict[str, str]) -> None:
    assert not list(Path(home.tiled).rglob("*.sqlite"))


def test_a_run_is_published_there_and_the_trail_knows_who_read_it(
    home: TiledHome, server: TiledServer, uids: dict[str, str], passwords: dict[str, str]
) -> None:
    uid = uids["unit-alpha"]
    catalog = connect(server.uri, username="staff", password=passwords["staff"])
    assert catalog[uid].start["uid"] == uid
    assert place_of(home, uid) == "unit-alpha"
    assert publish(home, uid).entries > 1
    assert publish(home, uid).entries == 0
    assert place_of(home, uid) == "published"
    stranger = connect(server.uri, username="")
    assert stranger[uid].primary.sizes["time"] == 5
    assert {read.login for read in reads(home, uid)} >= {"staff", "anonymous"}


def test_the_proof_of_the_wall_works_there(
    home: TiledHome, server: TiledServer, uids: dict[str, str]
) -> None:
    uid = uids["unit-beta"]
    with reader_key(home, "beta-member") as key:
        assert connect(server.uri, api_key=key)[uid].start["uid"] == uid
    with reader_key(home, "alpha-member") as key, pytest.raises(KeyError):
        connect(server.uri, api_key=key)[uid]
    assert [read.login for read in reads(home, uid)][-1] == "who-can-read"


def test_whoever_leaves_the_roster_reads_no_more(
    home: TiledHome,
    server: TiledServer,
    uids: dict[str, str],
    passwords: dict[str, str],
    tiled_roster: Any,
) -> None:
    login = "beta-member"
    catalog = connect(server.uri, username=login, password=passwords[login])
    assert catalog[uids["unit-beta"]].start
    left = type(tiled_roster)(dict(tiled_roster.groups) | {"unit-beta": frozenset()})
    home.compile_tags(left)
    try:
        with pytest.raises(KeyError):
            connect(server.uri, username=login, password=passwords[login])[uids["unit-beta"]]
    finally:
        home.compile_tags(tiled_roster)


def test_the_password_of_the_databases_stands_in_private_files_alone(
    home: TiledHome, server: TiledServer, uids: dict[str, str], postgresql: PostgreSQL
) -> None:
    word = postgresql.settings("tables")["tables"].split(":")[2].split("@")[0]
    for path in (path for path in home.folder.rglob("*") if path.is_file()):
        content = path.read_bytes()
        if word.encode() in content or postgresql.password.encode() in content:
            assert path in (home.config, home.tiled / "settings.json")
            assert path.stat().st_mode & 0o077 == 0
    assert server.pid is not None
    assert word.encode() not in Path(f"/proc/{server.pid}/cmdline").read_bytes()
    assert word.encode() not in Path(f"/proc/{server.pid}/environ").read_bytes()
    assert postgresql.password not in postgresql.log()


def test_a_table_of_events_made_while_the_server_runs_gets_the_index_that_finds_a_run(
    home: TiledHome, server: TiledServer, uids: dict[str, str], postgresql: PostgreSQL
) -> None:
    group = from_uri(server.uri, api_key=home.key())["unit-alpha"]
    schema = pyarrow.schema([("seq_num", pyarrow.int64()), ("another", pyarrow.float64())])
    table = group.create_appendable_table(schema, key="another", access_tags=["unit-alpha"])
    name = table.data_sources()[0].parameters["table_name"]
    find = "SELECT count(*) FROM pg_indexes WHERE tablename = %s AND indexname = 'run_of_' || %s"
    with postgresql.connect("nanoterasu_tables") as connection:
        wait_until(lambda: connection.execute(find, (name, name)).fetchone() == (1,), 20)
        fill = (
            "INSERT INTO {} (_dataset_id, _partition_id) "
            "SELECT n / 10, 0 FROM generate_series(1, 100000) n"
        )
        which = sql.Identifier(name)
        connection.execute(sql.SQL(fill).format(which))
        connection.execute(sql.SQL("ANALYZE {}").format(which))
        plan = sql.SQL("EXPLAIN SELECT * FROM {} WHERE _dataset_id = 7").format(which)
        assert f"run_of_{name}" in str(connection.execute(plan).fetchall())


def test_every_request_is_answered_when_the_databases_are_back_and_the_trail_kept_each(
    home: TiledHome,
    server: TiledServer,
    uids: dict[str, str],
    passwords: dict[str, str],
    postgresql: PostgreSQL,
) -> None:
    form = {"username": "beta-member", "password": passwords["beta-member"]}
    token = httpx.post(
        f"{server.uri}/auth/provider/house/token", data=form | {"grant_type": "password"}
    )
    headers = {"Authorization": f"Bearer {token.json()['access_token']}"}
    table = f"{server.uri}/table/full/unit-beta/{uids['unit-beta']}/primary/internal"

    def statuses(_: object = None) -> int:
        return httpx.get(table, headers=headers, timeout=60).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(statuses, range(16))) == {200}  # several connections are kept
        postgresql.kill()
        assert statuses() >= 500
        postgresql.start()
        assert set(pool.map(statuses, range(16))) == {200}
    noted = [read for read in reads(home, uids["unit-beta"]) if read.login == "beta-member"]
    assert len(noted) >= 32


def test_databases_of_another_home_are_refused(
    tmp_path: Path, tiled_roster: Any, postgresql: PostgreSQL
) -> None:
    TiledHome(tmp_path / "home").prepare(tiled_roster)
    other = TiledHome(tmp_path / "home")
    write_settings(other, postgresql.settings())
    with pytest.raises(TiledError, match="does not know the shipping service"):
        other.prepare(tiled_roster)


def test_databases_that_do_not_answer_are_named_without_their_password(
    tmp_path: Path, tiled_roster: Any, postgresql: PostgreSQL
) -> None:
    home = TiledHome(tmp_path / "home")
    wrong = {name: uri.replace("%40", "x") for name, uri in postgresql.settings().items()}
    write_settings(home, wrong)
    with pytest.raises(TiledError, match=r"settings.json names cannot be used") as refused:
        home.prepare(tiled_roster)
    assert "%2F" not in str(refused.value)
    assert "ss/$" not in str(refused.value)
