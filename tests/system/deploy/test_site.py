"""Ten endstations ship at once through the proxy, while parts of the site are killed."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from nanoterasu.records import connect, reads

from .fleet import TAGS, Fleet
from .site import Site
from .waiting import wait_until

pytestmark = [pytest.mark.deploy, pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def site(
    tmp_path_factory: pytest.TempPathFactory,
    postgresql: Any,
    tiled_roster: Any,
    passwords: dict[str, str],
) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site") / "site", postgresql, tiled_roster, passwords)
    try:
        site.start()
        yield site
    finally:
        site.close()


@pytest.fixture(scope="module")
def fleet(site: Site) -> Fleet:
    """Ten endstations whose runs have all been shipped, with nothing killed."""
    fleet = Fleet(site, "calm", stations=10, runs=2, points=30, pace=0.02)
    began = time.monotonic()
    fleet.ship()
    documents = sum(len(run) for run in fleet.runs())
    print(f"{documents} documents of 10 endstations in {time.monotonic() - began:.1f} s")
    return fleet


def test_ten_endstations_ship_at_once_and_each_run_arrives_exactly_once(fleet: Fleet) -> None:
    fleet.assert_exactly_once()


def test_the_walls_hold_through_the_proxy(
    site: Site, fleet: Fleet, passwords: dict[str, str]
) -> None:
    may_read = {
        "alpha-member": {"unit-alpha", "proposal-open"},
        "beta-member": {"unit-beta", "proposal-open"},
        "staff": set(TAGS),
        "outsider": set(),
        "": set(),
    }
    placed = [(run[0][1]["tiled_access_tags"][0], run[0][1]["uid"]) for run in fleet.runs()]
    for login, tags in may_read.items():
        catalog = connect(site.uri, username=login, password=passwords.get(login))
        assert {run.start["uid"] for run in catalog} == {uid for tag, uid in placed if tag in tags}


def test_both_servers_write_one_trail(site: Site, fleet: Fleet, passwords: dict[str, str]) -> None:
    run = next(run for run in fleet.runs() if run[0][1]["tiled_access_tags"] == ["unit-alpha"])
    uid = run[0][1]["uid"]
    logins = {"one": "alpha-member", "two": "staff"}
    for name, login in logins.items():
        catalog = connect(site.replicas[name].uri, username=login, password=passwords[login])
        assert catalog[uid].start["uid"] == uid
    assert {read.login for read in reads(site.home, uid)} >= set(logins.values())


def test_a_list_that_began_at_one_server_goes_on_at_the_other(site: Site, fleet: Fleet) -> None:
    uris = [server.uri for server in site.replicas.values()]
    headers = {"Authorization": f"Apikey {site.home.key()}"}
    found, page, turn = [], f"{uris[0]}/search/unit-alpha?page[limit]=3", 0
    while page:
        answer = httpx.get(page, headers=headers, timeout=30).raise_for_status().json()
        found += [one["id"] for one in answer["data"]]
        page = answer["links"]["next"]
        if page:
            assert page.startswith(uris[turn % 2])
            page = page.replace(uris[turn % 2], uris[(turn + 1) % 2])
            turn += 1
    assert turn >= 2
    expected = {
        run[0][1]["uid"] for run in fleet.runs() if run[0][1]["tiled_access_tags"] == ["unit-alpha"]
    }
    assert len(found) == len(set(found))
    assert set(found) >= expected


def test_a_login_at_one_server_holds_at_the_other(site: Site, passwords: dict[str, str]) -> None:
    one, two = (server.uri for server in site.replicas.values())
    form = {"grant_type": "password", "username": "staff", "password": passwords["staff"]}
    token = httpx.post(f"{one}/auth/provider/house/token", data=form).json()["access_token"]
    answer = httpx.get(f"{two}/auth/whoami", headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["identities"][0]["id"] == "staff"


@pytest.mark.parametrize("part", ["one", "proxy", "postgresql"])
def test_nothing_is_lost_or_doubled_when_a_part_is_killed(site: Site, part: str) -> None:
    fleet = Fleet(site, part, stations=5, runs=2, points=20, pace=0.05)

    def kill_and_start() -> None:
        before = fleet.complaints()
        site.kill(part)
        if part != "one":  # of two servers the other goes on
            wait_until(lambda: bool(fleet.complaints() - before), 60)
        site.start(part)

    fleet.ship(disturb=kill_and_start)
    fleet.assert_exactly_once()


def test_the_homes_address_is_the_proxys(site: Site) -> None:
    assert site.home.uri() == site.uri
    wait_until(lambda: httpx.get(f"{site.home.uri()}/").status_code == 200, 30)


def test_no_log_tells_a_password_of_a_database(site: Site, fleet: Fleet, tmp_path: Path) -> None:
    logs = [path for path in site.folder.rglob("*.log") if path.stat().st_size]
    assert logs
    for path in logs:
        assert site.postgresql.password not in path.read_text()
        assert "p%40ss" not in path.read_text()
    assert "uid" not in site.postgresql.log()
