"""The commands about records tell what is where, beside a session that measures."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from nanoterasu.cli._commands import app
from nanoterasu.records import Shipper, ShipState, Spool, SpoolReader, TiledHome

pytestmark = pytest.mark.system
MakeRun = Callable[..., list[Any]]
CANARY = "canary of company alpha"


@pytest.fixture(scope="module")
def home(records: Any) -> Path:
    return records.home.folder


@pytest.fixture
def spool(home: Path) -> Iterator[Spool]:
    """The spool of a session that is open."""
    folder = home / "spool" / "BL13U"
    for left in folder.glob("*"):
        left.unlink()
    with Spool(folder) as spool:
        yield spool


def append(spool: Spool, documents: list[Any]) -> str:
    for name, document in documents:
        spool.append(name, document)
    return documents[0][1]["uid"]


def typed(home: Path, *words: str) -> Result:
    return CliRunner().invoke(app, ["records", *words, "--dir", str(home)])


def done(home: Path, *words: str) -> str:
    result = typed(home, *words)
    assert result.exit_code == 0, result.exception or result.output
    return result.stdout


def wait(spool: Spool, uid: str) -> None:
    state = ShipState(spool.folder)
    state.wait(uid, 60)
    state.close()


def test_from_the_first_run_to_its_retirement(home: Path, spool: Spool, make_run: MakeRun) -> None:
    sample = {"sample": {"name": CANARY}}
    uid = append(spool, make_run(3, **sample))
    refused = append(spool, make_run(1, tiled_access_tags=["unit-nobody"], **sample))
    before = json.loads(done(home, "status", "--json"))["BL13U"]
    assert before["writer"].startswith("process ")
    assert before["shipper"]["state"] == "never started"
    assert before["oldest_waiting"] > 0
    said = done(home, "retire", "--older-than", "0")
    assert f"BL13U  {uid}" in said
    assert said.endswith("0 run(s) deleted, 2 kept.\n")

    with Shipper(spool.folder, TiledHome(home)):
        last = append(spool, make_run(2))
        wait(spool, last)
        goes_on = append(spool, make_run(2)[:-1])
        said = done(home, "status", "--station", "bl13u")
        assert "runs              4, 1 open" in said
        assert "2 shipped, 2 verified, 1 waiting, 1 set aside" in said
        assert f"set aside         {refused}: RecordsError: Tiled has no container for" in said
        assert "'unit-nobody'" in said
        result = typed(home, "verify")
        assert result.exit_code == 1
        assert f"BL13U  {refused}  set aside: " in result.stdout
        assert f"BL13U  {goes_on}  open\n" in result.stdout
        assert result.stdout.endswith("4 run(s): 2 verified, 1 set aside, 1 open.\n")
        assert f"BL13U  {uid}  kept  0.0 days old" in done(home, "retire")
        dry = done(home, "retire", "--older-than", "0", "--dry-run")
        assert f"BL13U  {uid}  would delete" in dry
        assert len(SpoolReader(spool.folder).runs()) == 4
        said = done(home, "retire", "--older-than", "0")
        assert said.endswith("2 run(s) deleted, 2 kept.\n")
    assert set(SpoolReader(spool.folder).runs()) == {refused, goes_on}
    assert CANARY not in said + dry + result.stdout


def test_what_differs_is_told_with_status_1_and_mended(
    home: Path, spool: Spool, records: Any, make_run: MakeRun
) -> None:
    uid = append(spool, make_run(3, sample=CANARY))
    with Shipper(spool.folder, TiledHome(home)):
        wait(spool, uid)
        with sqlite3.connect(records.home.tables) as tables:
            names = tables.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in names:
                if name.startswith("table_"):
                    tables.execute(f'UPDATE "{name}" SET i0 = 7 WHERE seq_num = 2')
        result = typed(home, "verify")
        assert result.exit_code == 1
        assert f"BL13U  {uid}  differs" in result.stdout
        assert "primary.i0[1]: the spool holds 1.5, Tiled 7.0" in result.stdout
        assert done(home, "replay", "--run", uid) == "1 run(s): 1 verified.\n"
    assert done(home, "verify") == "1 run(s): 1 verified.\n"
    [told] = json.loads(done(home, "verify", "--json"))["BL13U"]
    assert (told["uid"], told["outcome"], told["differences"]) == (uid, "verified", [])
    assert CANARY not in result.stdout


def test_a_second_tiled_is_filled_by_its_address(
    home: Path, spool: Spool, records: Any, make_run: MakeRun, tmp_path: Path
) -> None:
    append(spool, make_run(2))
    key = tmp_path / "key"
    key.write_text(f"{records.home.key()}\n")
    to = ("--to", records.server.uri, "--key-file", str(key))
    assert done(home, "replay", *to) == "1 run(s): 1 verified.\n"
    assert "1 waiting" in done(home, "status")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("replay", "--run", "0123"), "No spool below .* holds run 0123"),
        (("status", "--station", "BL02U"), "Nothing was measured at BL02U"),
        (("retire", "--older-than", "-1"), "would be in the future"),
    ],
)
def test_a_mistake_is_explained(
    home: Path, spool: Spool, make_run: MakeRun, words: tuple[str, ...], said: str
) -> None:
    append(spool, make_run(1))
    result = typed(home, *words)
    assert result.exception is not None
    with pytest.raises(type(result.exception), match=said):
        raise result.exception
