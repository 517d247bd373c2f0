from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from nanoterasu.facility import Roster
from nanoterasu.records import TiledError, TiledHome
from nanoterasu.records._settings import read_settings

WORD = "s3cret"
DATABASES = {
    name: f"postgresql://tiled:{WORD}@127.0.0.1/{name}" for name in ("catalog", "authn", "tables")
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "home" / "tiled" / "settings.json"


def write(file: Path, given: Any, mode: int = 0o600) -> Path:
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch()
    file.chmod(mode)
    file.write_text(given if isinstance(given, str) else json.dumps(given))
    return file


def home(file: Path) -> TiledHome:
    return TiledHome(file.parents[1])


def test_without_the_file_everything_stands_in_files_of_the_home(file: Path) -> None:
    tiled = home(file)
    for uri in (tiled.catalog_uri, tiled.authn_uri, tiled.tables_uri):
        assert uri.startswith("sqlite")
        assert str(tiled.tiled) in uri
    assert tiled.trail == tiled.tiled / "audit.sqlite"


def test_each_part_finds_its_database_with_its_driver(file: Path) -> None:
    write(file, DATABASES | {"address": "https://data.example/"})
    tiled = home(file)
    assert tiled.catalog_uri == f"postgresql+asyncpg://tiled:{WORD}@127.0.0.1/catalog"
    assert tiled.authn_uri == f"postgresql+asyncpg://tiled:{WORD}@127.0.0.1/authn"
    assert tiled.tables_uri == DATABASES["tables"]
    assert tiled.trail == DATABASES["authn"]
    assert tiled.uri() == "https://data.example/api/v1"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ("{", "not JSON"),
        ([], "not one object"),
        ({"catalog": 1}, "not one object"),
        (DATABASES | {"database": "x"}, "database is no setting"),
        ({"catalog": DATABASES["catalog"], "tables": DATABASES["tables"]}, "all three"),
        (DATABASES | {"tables": f"sqlite:///{WORD}"}, "tables is not of the form postgresql"),
        (DATABASES | {"authn": f"postgresql://tiled:{WORD}@127.0.0.1"}, "authn is not of the form"),
        (DATABASES | {"authn": DATABASES["tables"].replace("127", "128")}, "have one name"),
        ({"address": "data.example:8000"}, "address 'data.example:8000' is not of the form"),
    ],
)
def test_settings_that_cannot_hold_are_refused_without_a_password(
    file: Path, given: Any, reason: str
) -> None:
    with pytest.raises(TiledError, match=reason) as refused:
        read_settings(write(file, given))
    assert str(file) in str(refused.value)
    assert WORD not in str(refused.value)


@pytest.mark.parametrize("mode", [0o640, 0o604])
def test_settings_that_others_can_read_are_refused(file: Path, mode: int) -> None:
    with pytest.raises(TiledError, match="chmod 600"):
        read_settings(write(file, DATABASES, mode))


def test_the_home_of_a_station_is_not_prepared(file: Path) -> None:
    write(file, {"catalog": DATABASES["catalog"]})
    with pytest.raises(TiledError, match="a station's home"):
        home(file).prepare(Roster({}, {}, {}))
    assert [path.name for path in file.parent.iterdir()] == ["settings.json"]
