"""Publishing, moving, proving and auditing, with a catalog that ``nanoterasu serve`` serves."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner, Result

from nanoterasu.cli._commands import app
from nanoterasu.cli._follow import roster_now
from nanoterasu.cli._serve import prepare_example
from nanoterasu.facility import JST, Roster
from nanoterasu.office import Register
from nanoterasu.records import Spool, TiledHome, connect, wait_until_shipped

pytestmark = pytest.mark.system

NANOTERASU = [sys.executable, "-c", "from nanoterasu.cli import main; main()"]
ALPHA = ["academic", "alpha-colleague", "alpha-member", "staff"]
STEWARD = ("--by", "data-steward", "--why", "Paper is out")
OFFICE = ("--by", "user-office", "--why", "Left the topic")


@dataclass
class House:
    """A home that is served, its passwords, and a run of company Alpha's for each test."""

    home: Path
    uri: str
    passwords: dict[str, str]
    run_of: Callable[[str], str]

    def typed(self, *words: str) -> Result:
        return CliRunner().invoke(app, [*words, "--dir", str(self.home)])

    def done(self, *words: str) -> str:
        result = self.typed(*words)
        assert result.exit_code == 0, result.exception or result.output
        return result.stdout

    def proof(self, uid: str) -> dict[str, Any]:
        return json.loads(self.done("who-can-read", uid, "--json"))

    def key_of(self, login: str) -> str:
        """Return an API key that ``login`` makes for later."""
        tokens = httpx.post(
            f"{self.uri}/auth/provider/house/token",
            data={"grant_type": "password", "username": login, "password": self.passwords[login]},
        ).json()
        made = httpx.post(
            f"{self.uri}/auth/apikey",
            headers={"Authorization": f"Bearer {tokens['access_token']}"},
            json={"scopes": ["read:metadata", "read:data"], "expires_in": 3600},
        )
        return made.raise_for_status().json()["secret"]

    def opens(self, key: str, tag: str, uid: str) -> bool:
        headers = {"Authorization": f"Apikey {key}"}
        return httpx.get(f"{self.uri}/metadata/{tag}/{uid}", headers=headers).status_code == 200


def until(what: Callable[[], bool], patience: float = 20.0) -> bool:
    """Whether ``what`` came true within ``patience`` [s]."""
    end = time.monotonic() + patience
    while not (true := what()) and time.monotonic() < end:
        time.sleep(0.1)
    return true


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, make_run: Callable[..., list[Any]]
) -> Iterator[House]:
    home = tmp_path_factory.mktemp("wall") / "home"
    passwords, _ = prepare_example(home)
    spool_folder = home / "spool" / "BL13U"

    def run_of(tag: str) -> str:
        run = make_run(tiled_access_tags=[tag])
        with Spool(spool_folder) as spool:
            for name, document in run:
                spool.append(name, document)
        uid = run[0][1]["uid"]
        wait_until_shipped(spool_folder, uid, 30)
        return uid

    with Spool(spool_folder):
        pass  # so that it is shipped from at once
    command = [*NANOTERASU, "serve", "--dir", str(home), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        address = re.search(r"http://\S+/api/v1", server.stdout.readline())
        assert address is not None
        yield House(home, address.group(), passwords, run_of)
        server.send_signal(signal.SIGINT)
        assert server.wait(20) == 0


# Who can read


def test_members_and_staff_on_duty_read_and_the_server_agrees(house: House) -> None:
    uid = house.run_of("unit-EX-U1")
    proof = house.proof(uid)
    assert set(proof) == {"run_uid", "tag", "readers", "denied", "asked", "ways", "agrees"}
    assert proof["agrees"]
    assert sorted(proof["readers"]) == ALPHA
    assert proof["readers"]["alpha-member"] == "member of unit EX-U1"
    assert proof["readers"]["staff"].startswith("staff on duty at BL")
    assert {"alpha-former", "alpha-other", "staff-off-duty", "anonymous"} <= set(proof["denied"])
    assert set(proof["ways"]["alpha-member"]) == {"list", "search", "open", "fetch"}
    assert "it agrees" in house.done("who-can-read", uid)


def test_a_server_that_lets_in_somebody_else_is_an_error(house: House) -> None:
    uid = house.run_of("unit-EX-U1")
    roster = roster_now(house.home)
    members = roster.groups["unit-EX-U1"] | {"beta-member"}
    wrong = Roster({**roster.groups, "unit-EX-U1": members}, roster.on_duty, roster.people)
    TiledHome(house.home).compile_tags(wrong)
    try:
        asked = house.typed("who-can-read", uid)
        assert asked.exit_code == 1
        assert "the server lets academic, alpha-colleague, alpha-member, beta-member" in str(
            asked.exception
        )
        assert "DISAGREES" in asked.stdout
        assert re.search(r"beta-member +open +open +open +open", asked.stdout)
    finally:
        TiledHome(house.home).compile_tags(roster)
    assert house.proof(uid)["agrees"]


def test_a_run_that_nobody_knows_is_said(house: House) -> None:
    for command in (("who-can-read",), ("audit",), ("publish", *STEWARD)):
        asked = house.typed(command[0], "12345678-0000", *command[1:])
        assert asked.exit_code == 1
        assert "There is no run 12345678-0000 in this catalog" in str(asked.exception)


# Publish and move


def test_a_published_run_is_read_by_everybody_and_stays_so(house: House) -> None:
    uid = house.run_of("unit-EX-U1")
    for _ in range(2):  # doing it again is safe
        house.done("publish", uid, *STEWARD, "--consent", "EX-1, on 2026-11-20")
    proof = house.proof(uid)
    assert proof["agrees"]
    assert proof["denied"] == []
    assert "anonymous" in proof["readers"]
    assert connect(house.uri, username="")[uid].uid == uid


def test_a_run_that_is_moved_leaves_its_old_unit(house: House) -> None:
    uid = house.run_of("unit-EX-U1")
    house.done("move", uid, "--to", "EX-U2", *STEWARD)
    proof = house.proof(uid)
    assert proof["agrees"]
    assert sorted(proof["readers"]) == ["academic", "beta-colleague", "beta-member", "staff"]


def test_a_run_can_be_moved_to_a_unit_that_is_new(house: House, tmp_path: Path) -> None:
    uid = house.run_of("unit-EX-U1")
    unit = tmp_path / "unit.yaml"
    unit.write_text("{id: EX-U9, topic: New topic, organisation_id: EX-O1}")
    house.done("office", "add", "unit", str(unit), *OFFICE)
    assert "readable by nobody" in house.done("move", uid, "--to", "EX-U9", *STEWARD)
    proof = house.proof(uid)
    assert proof["agrees"]
    assert proof["readers"] == {}


# Audit


def test_the_trail_names_who_read_and_tells_proofs_from_readers(house: House) -> None:
    uid = house.run_of("unit-EX-U1")
    before = datetime.now(JST)
    reader = connect(house.uri, username="alpha-member", password=house.passwords["alpha-member"])
    assert reader[uid].uid == uid
    house.proof(uid)
    told = json.loads(house.done("audit", uid, "--json"))
    assert set(told) == {"run_uid", "tag", "reads", "acts", "unfinished"}
    assert {look["login"] for look in told["reads"]} == {"alpha-member", "who-can-read"}
    assert all(datetime.fromisoformat(look["at"]) >= before.replace(microsecond=0)
               for look in told["reads"])  # fmt: skip
    assert re.search(r"JST  alpha-member  +\w+", house.done("audit", uid))


# Following the office


def test_who_leaves_reads_no_more_not_even_with_an_earlier_key(house: House) -> None:
    uid = house.run_of("unit-EX-U2")
    key = house.key_of("beta-colleague")
    assert house.opens(key, "unit-EX-U2", uid)
    house.done("office", "close", "person", "EX-6", *OFFICE)
    assert until(lambda: not house.opens(key, "unit-EX-U2", uid))
    proof = house.proof(uid)
    assert proof["agrees"]
    assert "beta-colleague" in proof["denied"]


def test_who_joins_reads_what_was_measured_before(house: House) -> None:
    uid = house.run_of("unit-EX-U3")
    key = house.key_of("public-member")
    assert not house.opens(key, "unit-EX-U3", uid)
    with Register(house.home / "office.sqlite") as register:
        unit = register.unit("EX-U3")
        joined = replace(unit.members[0], person_id="EX-3")
        register.add(replace(unit, members=(*unit.members, joined)), replace=True)
    assert until(lambda: house.opens(key, "unit-EX-U3", uid))
