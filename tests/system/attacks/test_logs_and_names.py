"""Nothing that names a sample is written where more people look than read the run."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from .canaries import Target, sighted
from .house import House, password
from .principals import Principal

pytestmark = pytest.mark.system

# Where the data themselves are kept: in these, and in nothing else, may a canary be.
_STORES = (
    "tiled/files/",
    "tiled/catalog.sqlite",
    "tiled/tables.sqlite",
    "spool/BL13U/spool.sqlite",
)


@pytest.fixture
def asked(principals: dict[str, Principal], targets: dict[str, Target]) -> None:
    """Provoke the server: errors inside it, and requests that name what they ask for."""
    target = targets["unit-U1"]
    run = f"/api/v1/metadata/{target.tag}/{target.uid}"
    for name in ("owner", "rival company", "anonymous"):
        for path in (
            f"{run}?fields={target.canary}",
            f"/api/v1/search/{target.tag}?sort={target.canary}",
            f"/api/v1/search/?filter[regex][condition][key]=start.purpose"
            f"&filter[regex][condition][pattern]=({target.canary}",
            f"/api/v1/search/?filter[eq][condition][key]={target.canary}.x"
            f"&filter[eq][condition][value]={target.canary}",
            f"/api/v1/array/full/{target.tag}/{target.uid}/primary/picture?slice={target.canary}",
            f"/api/v1/array/full/{target.tag}/{target.uid}/primary/picture?format=image/png",
            f"/api/v1/table/full/{target.tag}/{target.uid}/primary/internal?column={target.canary}",
            f"/api/v1/metadata/{target.tag}/{target.canary}",
            f"/{target.canary}",
        ):
            principals[name].http.get(path)


def files(house: House) -> list[Path]:
    return [path for path in house.home.folder.rglob("*") if path.is_file()]


def test_no_file_or_folder_bears_a_name_that_tells(house: House) -> None:
    names = "\n".join(str(path) for path in house.home.folder.rglob("*")).encode()
    assert b"tiled/files/" in names
    assert b"spool/BL13U" in names
    assert sighted(house.canaries.values(), names) == []


@pytest.mark.usefixtures("asked")
def test_no_log_or_note_carries_a_canary(house: House) -> None:
    told = {}
    for path in files(house):
        place = path.relative_to(house.home.folder).as_posix()
        if not place.startswith(_STORES):
            told[place] = sighted(house.canaries.values(), path.read_bytes())
    assert {"run/tiled.log", "tiled/audit.sqlite"} <= set(told)
    assert any("ship" in place and place.endswith(".log") for place in told), sorted(told)
    assert {place: words for place, words in told.items() if words} == {}


def test_the_stores_do_carry_them_so_that_the_search_can_fail(house: House) -> None:
    stores = b"".join(
        path.read_bytes()
        for path in files(house)
        if path.relative_to(house.home.folder).as_posix().startswith(_STORES)
    )
    assert sorted(sighted(house.canaries.values(), stores)) == sorted(house.canaries.values())


def test_the_audit_trail_names_runs_by_uid_and_no_other_way(
    house: House, principals: dict[str, Principal], targets: dict[str, Target]
) -> None:
    target = targets["unit-U1"]
    principals["owner"].http.get(f"/api/v1/metadata/{target.tag}/{target.uid}")
    database = sqlite3.connect(house.home.audit)
    dump = "\n".join(database.iterdump()).encode()
    database.close()
    assert target.uid.encode() in dump
    assert sighted(house.canaries.values(), dump) == []


def test_no_password_or_key_is_written_in_clear(
    house: House, principals: dict[str, Principal]
) -> None:
    held = [
        str(principal.http.headers["Authorization"]).split()[1]
        for principal in principals.values()
        if "Authorization" in principal.http.headers
    ]
    words = [password("owner"), password("rival-company"), *held]
    found = {
        path.name: [word for word in words if word.encode() in content]
        for path in files(house)
        if (content := path.read_bytes())
    }
    assert {name: words for name, words in found.items() if words} == {}
