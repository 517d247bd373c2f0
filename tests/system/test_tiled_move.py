"""Moving and publishing runs: all or nothing, and never before they have ended."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from nanoterasu.records import (
    MoveRefused,
    Shipper,
    Spool,
    connect,
    move,
    publish,
    wait_until_shipped,
)

pytestmark = pytest.mark.system

BELOW = ("", "/primary", "/primary/internal", "/primary/wave")


@pytest.fixture(scope="module")
def runs(records: Any, make_run: Callable[..., Any]) -> list[str]:
    """The uids of new runs of alpha's, one for each test that takes one."""
    runs = [make_run(sample={"name": "canary of alpha"}) for _ in range(12)]
    uids = [run[0][1]["uid"] for run in runs]
    with Spool(records.spool_folder) as spool, Shipper(records.spool_folder, records.home):
        for name, document in (entry for run in runs for entry in run):
            spool.append(name, document)
        for uid in uids:
            wait_until_shipped(records.spool_folder, uid, 60)
    return uids


@pytest.fixture
def run(runs: list[str]) -> str:
    return runs.pop()


@pytest.fixture(scope="module")
def clients(records: Any, passwords: dict[str, str]) -> Iterator[dict[str, httpx.Client]]:
    clients = {"anonymous": httpx.Client(timeout=30)}
    for login in ("alpha-member", "beta-member"):
        form = {"grant_type": "password", "username": login, "password": passwords[login]}
        url = f"{records.server.uri}/auth/provider/house/token"
        token = httpx.post(url, data=form).json()["access_token"]
        clients[login] = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30)
    yield clients
    for client in clients.values():
        client.close()


def statuses(client: httpx.Client, uri: str, tag: str, uid: str) -> set[int]:
    """Answers for a run and all below it, of metadata and of data."""
    urls = [f"{uri}/metadata/{tag}/{uid}{below}" for below in BELOW]
    urls += [
        f"{uri}/{kind}/full/{tag}/{uid}/primary/{name}"
        for kind, name in (("table", "internal"), ("array", "wave"))
    ]
    return {client.get(url).status_code for url in urls}


def found(client: httpx.Client, uri: str, tag: str, uid: str) -> bool:
    answer = client.get(f"{uri}/search/{tag}?page[limit]=300")
    return uid in {entry["id"] for entry in answer.json().get("data", ())}


def test_a_run_of_one_unit_becomes_anothers_with_all_below_it(
    records: Any, clients: dict[str, httpx.Client], run: str
) -> None:
    uri = records.server.uri
    assert statuses(clients["alpha-member"], uri, "unit-alpha", run) == {200}
    moved = move(records.home, run, "unit-beta")
    assert (moved.from_tag, moved.to_tag, moved.entries) == ("unit-alpha", "unit-beta", 4)
    for tag in ("unit-alpha", "unit-beta"):
        assert statuses(clients["alpha-member"], uri, tag, run) == {404}
        assert not found(clients["alpha-member"], uri, tag, run)
    assert statuses(clients["beta-member"], uri, "unit-beta", run) == {200}
    assert found(clients["beta-member"], uri, "unit-beta", run)


def test_a_published_run_is_read_by_everybody_through_the_usual_door(
    records: Any, clients: dict[str, httpx.Client], run: str
) -> None:
    uri = records.server.uri
    assert statuses(clients["anonymous"], uri, "unit-alpha", run) == {404}
    publish(records.home, run)
    assert statuses(clients["anonymous"], uri, "published", run) == {200}
    catalog = connect(uri, username="")
    assert catalog[run].start["sample"]["name"] == "canary of alpha"
    assert catalog[run].primary.sizes["time"] == 5
    answer = clients["anonymous"].get(f"{uri}/metadata/published/{run}?include_data_sources=true")
    assert "unit-alpha" not in answer.text
    assert str(records.home.folder) not in answer.text


def test_what_was_published_can_be_taken_back(
    records: Any, clients: dict[str, httpx.Client], run: str
) -> None:
    publish(records.home, run)
    move(records.home, run, "unit-alpha")
    uri = records.server.uri
    assert statuses(clients["anonymous"], uri, "published", run) == {404}
    assert statuses(clients["alpha-member"], uri, "unit-alpha", run) == {200}


def test_a_moved_run_is_not_sent_again_when_the_shipper_loses_its_notes(
    records: Any, clients: dict[str, httpx.Client], run: str
) -> None:
    move(records.home, run, "unit-beta")
    for notes in records.spool_folder.glob("shipped.sqlite*"):
        notes.unlink()
    with Shipper(records.spool_folder, records.home):
        wait_until_shipped(records.spool_folder, run, 60)
    assert statuses(clients["alpha-member"], records.server.uri, "unit-alpha", run) == {404}
    assert statuses(clients["beta-member"], records.server.uri, "unit-beta", run) == {200}


def test_moving_again_changes_nothing(records: Any, run: str) -> None:
    assert publish(records.home, run).entries == 4
    again = publish(records.home, run)
    assert (again.from_tag, again.entries) == ("published", 0)


KILLED = """
import os, signal, sys
from nanoterasu.records import _publish
async def die(connection): os.kill(os.getpid(), signal.SIGKILL)
_publish._commit = die
_publish.publish(sys.argv[1], sys.argv[2])
"""


def test_a_crash_before_the_end_changes_nothing(
    records: Any, clients: dict[str, httpx.Client], run: str
) -> None:
    arguments = [sys.executable, "-c", KILLED, str(records.home.folder), run]
    assert subprocess.run(arguments).returncode == -signal.SIGKILL
    uri = records.server.uri
    assert statuses(clients["anonymous"], uri, "published", run) == {404}
    assert statuses(clients["alpha-member"], uri, "unit-alpha", run) == {200}
    assert publish(records.home, run).entries == 4


def test_no_reader_ever_sees_half_a_run_or_none(
    records: Any, clients: dict[str, httpx.Client], run: str
) -> None:
    """Each look at the catalog's tables, at any moment, finds one place and one tag."""
    database = sqlite3.connect(f"file:{records.home.tiled}/catalog.sqlite?mode=ro", uri=True)
    query = """
        SELECT place.key, group_concat(DISTINCT tag.name), count(*)
        FROM nodes run JOIN nodes place ON run.parent = place.id
        JOIN nodes_closure c ON c.ancestor = run.id
        JOIN nodes_closure up ON up.ancestor = place.id AND up.descendant = c.descendant
        JOIN node_access_tags_association link ON link.node_id = c.descendant
        JOIN access_tags tag ON tag.id = link.tag_id WHERE run.key = ? GROUP BY place.key
    """
    seen: set[Any] = set()
    done = threading.Event()

    def move_to_and_fro() -> None:
        for _ in range(10):
            publish(records.home, run)
            move(records.home, run, "unit-alpha")
        done.set()

    mover = threading.Thread(target=move_to_and_fro)
    mover.start()
    while not done.is_set():
        seen.add(tuple(database.execute(query, (run,)).fetchall()))
    mover.join()
    database.close()
    whole = {(("unit-alpha", "unit-alpha", 4),), (("published", "published", 4),)}
    assert seen == whole


def test_older_metadata_go_with_the_old_place(records: Any, run: str) -> None:
    with sqlite3.connect(records.home.tiled / "catalog.sqlite") as database:
        database.execute(
            "INSERT INTO revisions (node_id, revision_number, metadata, specs) "
            "SELECT id, 1, '{}', '[]' FROM nodes WHERE key = ?",
            (run,),
        )
    publish(records.home, run)
    left = "SELECT count(*) FROM revisions JOIN nodes ON nodes.id = node_id WHERE key = ?"
    assert database.execute(left, (run,)).fetchone() == (0,)
    database.close()


def test_a_run_that_still_goes_on_is_refused(records: Any, make_run: Callable[..., Any]) -> None:
    *begun, _stop = make_run()
    uid = begun[0][1]["uid"]
    with Spool(records.spool_folder) as spool:
        for name, document in begun:
            spool.append(name, document)
        with pytest.raises(MoveRefused, match="still in the spool"):
            publish(records.home, uid)
    elsewhere = records.spool_folder.rename(records.spool_folder.with_name("elsewhere"))
    try:
        with pytest.raises(MoveRefused, match="still in the spool"):
            publish(records.home, uid)
    finally:
        elsewhere.rename(records.spool_folder)


def test_a_run_without_an_end_is_refused(
    records: Any, clients: dict[str, httpx.Client], run: str
) -> None:
    with sqlite3.connect(records.home.tiled / "catalog.sqlite") as database:
        database.execute(
            "UPDATE nodes SET metadata = json_remove(metadata, '$.stop') WHERE key = ?", (run,)
        )
    database.close()
    with pytest.raises(MoveRefused, match=r"no stop document.*Nothing was changed"):
        publish(records.home, run)
    assert statuses(clients["anonymous"], records.server.uri, "published", run) == {404}


def test_an_unknown_run_and_an_unknown_group_are_refused(records: Any, run: str) -> None:
    with pytest.raises(MoveRefused, match="There is no run"):
        publish(records.home, str(uuid4()))
    with pytest.raises(MoveRefused, match="no such access group"):
        move(records.home, run, "unit-gamma")
    with pytest.raises(MoveRefused, match="results of analysis"):
        move(records.home, run, "analysis-unit-alpha")


def test_the_shipping_service_cannot_publish(records: Any, run: str) -> None:
    headers = {"Authorization": f"Apikey {records.home.key()}"}
    with httpx.Client(base_url=records.server.uri, headers=headers) as service:
        body = {"structure_family": "container", "metadata": {}, "data_sources": [], "specs": []}
        for path in ("metadata/published", "metadata/unit-alpha"):
            answer = service.post(path, json=body | {"access_tags": ["published"]})
            assert answer.status_code == 403
        patch = {"content-type": "application/json-patch+json", "metadata": []}
        for tags in (["published"], [{"op": "add", "path": "/-", "value": "published"}]):
            url = f"metadata/unit-alpha/{run}"
            assert service.patch(url, json=patch | {"access_tags": tags}).status_code == 403
            assert service.put(url, json={"access_tags": tags}).status_code == 403
            blob = {"access_blob": {"tags": ["published"]}}
            assert service.patch(url, json=patch | blob).status_code == 403
