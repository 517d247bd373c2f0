"""Membership decides from one request to the next, for logins and for keys made long before."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from nanoterasu.records import TiledError, TiledHome

pytestmark = pytest.mark.system

READ = ["read:metadata", "read:data"]


class Door:
    """The server as one login meets it, by session and by a key made now."""

    def __init__(self, uri: str, login: str, password: str) -> None:
        form = {"grant_type": "password", "username": login, "password": password}
        token = httpx.post(f"{uri}/auth/provider/house/token", data=form).json()["access_token"]
        self.uri = uri
        self.session = httpx.Client(headers={"Authorization": f"Bearer {token}"}, timeout=30)
        answer = self.ask_for_key(scopes=READ, expires_in=3600)
        self.key = httpx.Client(
            headers={"Authorization": f"Apikey {answer.json()['secret']}"}, timeout=30
        )

    def ask_for_key(self, **body: Any) -> httpx.Response:
        return self.session.post(f"{self.uri}/auth/apikey", json=body)

    def reads(self, tag: str, uid: str) -> tuple[int, int]:
        url = f"{self.uri}/metadata/{tag}/{uid}"
        return self.session.get(url).status_code, self.key.get(url).status_code

    def finds(self, tag: str) -> set[int]:
        answers = [client.get(f"{self.uri}/search/{tag}") for client in (self.session, self.key)]
        return {len(answer.json().get("data", ())) for answer in answers}

    def close(self) -> None:
        self.session.close()
        self.key.close()


@pytest.fixture(scope="module")
def doors(
    records: Any, shipped_runs: dict[str, str], passwords: dict[str, str]
) -> Iterator[dict[str, Door]]:
    names = ("alpha-member", "beta-member", "staff")
    doors = {name: Door(records.server.uri, name, passwords[name]) for name in names}
    yield doors
    for door in doors.values():
        door.close()


@pytest.fixture
def office(records: Any, tiled_roster: Any) -> Iterator[Any]:
    """Compile another roster; the module's own comes back afterwards."""
    kind = type(tiled_roster)

    def compile_(**changes: Any) -> None:
        groups = dict(tiled_roster.groups) | changes.pop("groups", {})
        groups = {tag: members for tag, members in groups.items() if members is not None}
        records.home.compile_tags(kind(groups=groups, **changes))

    yield compile_
    records.home.compile_tags(tiled_roster)


def test_who_leaves_a_unit_loses_session_and_keys_on_the_next_request(
    doors: dict[str, Door], shipped_runs: dict[str, str], office: Any
) -> None:
    run = ("unit-alpha", shipped_runs["unit-alpha"])
    assert doors["alpha-member"].reads(*run) == (200, 200)
    office(groups={"unit-alpha": frozenset()})
    assert doors["alpha-member"].reads(*run) == (404, 404)
    assert doors["alpha-member"].finds("unit-alpha") == {0}
    assert doors["alpha-member"].finds("analysis-unit-alpha") == {0}
    assert doors["staff"].reads(*run) == (200, 200)


def test_staff_off_duty_read_no_group(
    doors: dict[str, Door], shipped_runs: dict[str, str], office: Any
) -> None:
    run = ("unit-alpha", shipped_runs["unit-alpha"])
    assert doors["staff"].reads(*run) == (200, 200)
    office(on_duty=frozenset())
    assert doors["staff"].reads(*run) == (404, 404)
    assert doors["alpha-member"].reads(*run) == (200, 200)


def test_a_unit_that_is_dissolved_is_read_by_nobody(
    doors: dict[str, Door], shipped_runs: dict[str, str], office: Any
) -> None:
    run = ("unit-alpha", shipped_runs["unit-alpha"])
    office(groups={"unit-alpha": None})
    assert {door.reads(*run) for door in doors.values()} == {(404, 404)}


def test_staff_on_duty_see_no_analysis(doors: dict[str, Door], records: Any) -> None:
    url = f"{records.server.uri}/metadata/analysis-unit-alpha"
    assert doors["staff"].session.get(url).status_code == 404
    assert doors["alpha-member"].session.get(url).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": ["inherit"], "expires_in": 60},
        {"scopes": None, "expires_in": 60},
        {"scopes": [], "expires_in": 60},
        {"scopes": [*READ, "write:metadata"], "expires_in": 60},
        {"scopes": READ, "expires_in": None},
        {"scopes": READ, "expires_in": 10**9},
        {"scopes": READ, "expires_in": True},
    ],
    ids=str,
)
def test_a_key_reads_only_and_ends(doors: dict[str, Door], body: dict[str, Any]) -> None:
    assert doors["alpha-member"].ask_for_key(**body).status_code == 403


def test_a_key_limited_to_other_tags_opens_nothing(
    doors: dict[str, Door], shipped_runs: dict[str, str], records: Any
) -> None:
    answer = doors["alpha-member"].ask_for_key(
        scopes=READ, expires_in=60, access_tags=["proposal-open"]
    )
    headers = {"Authorization": f"Apikey {answer.json()['secret']}"}
    url = f"{records.server.uri}/metadata/unit-alpha/{shipped_runs['unit-alpha']}"
    assert httpx.get(url, headers=headers).status_code == 404


def test_who_stays_reads_at_every_moment_of_a_recompilation(
    doors: dict[str, Door], shipped_runs: dict[str, str], office: Any
) -> None:
    run = ("proposal-open", shipped_runs["proposal-open"])
    statuses: list[tuple[int, int]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            statuses.append(doors["beta-member"].reads(*run))

    reader = threading.Thread(target=read)
    reader.start()
    try:
        while len(statuses) < 20 and reader.is_alive():
            office(groups={"unit-alpha": frozenset()})
            office()
    finally:
        done.set()
        reader.join()
    assert len(statuses) >= 20
    assert set(statuses) == {(200, 200)}


def test_a_roster_of_a_hundred_groups_compiles_in_well_under_a_second(
    office: Any, tiled_roster: Any, say: Callable[[str], None]
) -> None:
    groups = {f"unit-{n:03}": frozenset({f"member-{n}", f"other-{n}"}) for n in range(100)}
    office(groups=groups)  # makes the containers
    begun = time.perf_counter()
    office(groups=groups | {"unit-alpha": frozenset()})
    took = time.perf_counter() - begun
    say(f"compile_tags, 103 groups and their analysis: {took * 1e3:.0f} ms")
    assert took < 2


@pytest.mark.parametrize("tag", ["public", "catalog_root", "unit/a", ""])
def test_a_tag_that_tiled_keeps_for_itself_is_refused_and_changes_nothing(
    doors: dict[str, Door], shipped_runs: dict[str, str], office: Any, tag: str
) -> None:
    with pytest.raises(TiledError, match="rename the unit"):
        office(groups={tag: frozenset({"alpha-member"}), "unit-alpha": frozenset()})
    run = ("unit-alpha", shipped_runs["unit-alpha"])
    assert doors["alpha-member"].reads(*run) == (200, 200)


def test_a_home_that_was_never_prepared_has_nothing_to_compile(
    tmp_path: Any, tiled_roster: Any
) -> None:
    with pytest.raises(TiledError, match="has not been prepared"):
        TiledHome(tmp_path / "nothing").compile_tags(tiled_roster)
