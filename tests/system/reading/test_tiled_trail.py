"""Who read what: every answer that carried something of a run, or no answer at all."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from nanoterasu.records import connect, publish, reader_key, reads

pytestmark = pytest.mark.system


@pytest.fixture
def trail(records: Any) -> Iterator[sqlite3.Connection]:
    """The trail, emptied."""
    database = sqlite3.connect(records.home.audit, isolation_level=None)
    database.execute("DELETE FROM look")
    yield database
    database.close()


@pytest.mark.parametrize(
    ("address", "what"),
    [
        ("metadata/{tag}/{uid}", "metadata"),
        ("metadata//{tag}//{uid}/", "metadata"),
        ("metadata/{tag}%2F{uid}", "metadata"),
        ("metadata/{tag}/{uid}/primary", "metadata of primary"),
        ("search/{tag}", "listing"),
        ("search/{tag}?fields=", "listing"),
        ("search/{tag}/{uid}", "metadata"),
        ("search/{tag}?filter[fulltext][condition][text]=nothing", "count of the group's runs"),
        ("distinct/{tag}?metadata=start.uid", "facets of the group"),
        ("table/full/{tag}/{uid}/primary/internal", "data of primary/internal"),
        (
            "table/partition/{tag}/{uid}/primary/internal?partition=0",
            "data of primary/internal",
        ),
        ("array/full/{tag}/{uid}/primary/wave", "data of primary/wave"),
        ("array/block/{tag}/{uid}/primary/wave?block=0,0", "data of primary/wave"),
        ("container/full/{tag}/{uid}?format=json", "data"),
        ("container/full/{tag}/{uid}?format=application/json-seq", "data"),
    ],
)
@pytest.mark.parametrize("kind", ["application/json", "application/x-msgpack"])
def test_each_way_to_a_run_leaves_one_row_with_the_reader(
    records: Any,
    shipped_runs: dict[str, str],
    trail: sqlite3.Connection,
    member: httpx.Client,
    address: str,
    what: str,
    kind: str,
) -> None:
    uid = shipped_runs["unit-alpha"]
    before = datetime.now(UTC) - timedelta(milliseconds=1)
    headers = {} if "/full" in address or "/block" in address else {"Accept": kind}
    if "partition" in address:
        headers = {}
    answer = member.get(address.format(tag="unit-alpha", uid=uid), headers=headers)
    assert answer.status_code == 200
    (read,) = reads(records.home, uid)
    assert (read.login, read.what) == ("alpha-member", what)
    assert before <= read.at <= datetime.now(UTC)


def test_an_answer_of_not_modified_is_a_reading_too(
    records: Any, shipped_runs: dict[str, str], trail: sqlite3.Connection, member: httpx.Client
) -> None:
    uid = shipped_runs["unit-alpha"]
    first = member.get(f"metadata/unit-alpha/{uid}")
    headers = {"If-None-Match": first.headers["etag"]}
    again = member.get(f"metadata/unit-alpha/{uid}", headers=headers)
    assert again.status_code == 304
    assert len(reads(records.home, uid)) == 2


def test_a_catalog_as_analysts_use_it_leaves_its_rows(
    records: Any,
    shipped_runs: dict[str, str],
    trail: sqlite3.Connection,
    passwords: dict[str, str],
) -> None:
    uid = shipped_runs["unit-alpha"]
    uri = records.server.uri
    catalog = connect(uri, username="alpha-member", password=passwords["alpha-member"])
    assert catalog[uid].primary.sizes["time"] == 5
    found = reads(records.home, uid)
    assert {read.login for read in found} == {"alpha-member"}
    assert {read.what.split(" ")[0] for read in found} >= {"listing", "metadata", "data"}


def test_who_is_refused_leaves_no_row_and_neither_does_the_shipper(
    records: Any, shipped_runs: dict[str, str], trail: sqlite3.Connection
) -> None:
    uid = shipped_runs["unit-alpha"]
    url = f"{records.server.uri}/metadata/unit-alpha/{uid}"
    assert httpx.get(url).status_code == 404
    service = {"Authorization": f"Apikey {records.home.key()}"}
    assert httpx.get(url, headers=service).status_code == 200
    assert reads(records.home, uid) == ()


def test_a_reader_without_a_login_is_anonymous(
    records: Any, shipped_runs: dict[str, str], trail: sqlite3.Connection, make_run: Any
) -> None:
    uid = shipped_runs["proposal-open"]
    publish(records.home, uid)
    try:
        url = f"{records.server.uri}/metadata/published/{uid}"
        assert httpx.get(url).status_code == 200
        assert [read.login for read in reads(records.home, uid)] == ["anonymous"]
    finally:
        from nanoterasu.records import move

        move(records.home, uid, "proposal-open")


def test_facets_count_for_the_runs_that_stood_in_the_group_then(
    records: Any, shipped_runs: dict[str, str], trail: sqlite3.Connection, member: httpx.Client
) -> None:
    from nanoterasu.records import move

    uid = shipped_runs["proposal-open"]
    member.get("distinct/proposal-open?metadata=start.uid")
    publish(records.home, uid)
    member.get("distinct/proposal-open?metadata=start.uid")
    httpx.get(f"{records.server.uri}/distinct/published?metadata=start.uid")
    move(records.home, uid, "proposal-open")
    found = [(read.login, read.what) for read in reads(records.home, uid)]
    assert found == [
        ("alpha-member", "facets of the group"),
        ("anonymous", "facets of the group"),
    ]


@pytest.mark.parametrize(
    "address",
    [
        "metadata/{tag}/{uid}",
        "search/{tag}",
        "distinct/{tag}?metadata=start.uid",
        "table/full/{tag}/{uid}/primary/internal",
        "array/full/{tag}/{uid}/primary/wave",
    ],
)
def test_a_trail_that_cannot_be_written_stops_all_reading(
    shipped_runs: dict[str, str], trail: sqlite3.Connection, member: httpx.Client, address: str
) -> None:
    address = address.format(tag="unit-alpha", uid=shipped_runs["unit-alpha"])
    trail.execute("BEGIN EXCLUSIVE")
    answer = member.get(address)
    trail.execute("ROLLBACK")
    assert answer.status_code == 503
    assert "secret alloy" not in answer.text
    assert member.get(address).status_code == 200


def test_the_trail_belongs_to_its_account_alone(records: Any, shipped_runs: Any) -> None:
    for path in records.home.tiled.glob("audit.sqlite*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize(("login", "status"), [("alpha-member", 200), ("outsider", 404)])
def test_a_lent_key_reads_what_its_login_reads_and_counts_as_proof(
    records: Any,
    shipped_runs: dict[str, str],
    trail: sqlite3.Connection,
    login: str,
    status: int,
) -> None:
    uid = shipped_runs["unit-alpha"]
    url = f"{records.server.uri}/metadata/unit-alpha/{uid}"
    before = identities(records)
    with reader_key(records.home, login) as key:
        headers = {"Authorization": f"Apikey {key}"}
        assert httpx.get(url, headers=headers).status_code == status
    assert httpx.get(url, headers=headers).status_code == 401
    assert identities(records) == before
    found = [(read.login, read.what) for read in reads(records.home, uid)]
    proof = [("who-can-read", f"proof as {login}: metadata")]
    assert found == (proof if status == 200 else [])


def test_a_lent_key_ends_within_a_minute_though_its_borrower_was_killed(records: Any) -> None:
    with reader_key(records.home, "outsider"):
        database = sqlite3.connect(records.home.tiled / "authn.sqlite")
        query = "SELECT expiration_time FROM api_keys WHERE note = 'who-can-read'"
        ((ends,),) = database.execute(query).fetchall()
        database.close()
    left = datetime.fromisoformat(ends).replace(tzinfo=UTC) - datetime.now(UTC)
    assert left <= timedelta(seconds=60)


def identities(records: Any) -> set[tuple[str, int]]:
    database = sqlite3.connect(records.home.tiled / "authn.sqlite")
    found = set(database.execute("SELECT id, principal_id FROM identities"))
    database.close()
    return found
