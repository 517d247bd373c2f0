from __future__ import annotations

import os
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

from nanoterasu.records import Catalog, TiledError, connect

pytestmark = pytest.mark.system


@pytest.fixture(autouse=True)
def _no_login_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "NANOTERASU_USER",
        "NANOTERASU_PASSWORD",
        "NANOTERASU_TILED_URI",
        "NANOTERASU_DIR",
        "TILED_API_KEY",
    ):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="module")
def catalog(records: Any, passwords: dict[str, str], shipped_runs: dict[str, str]) -> Catalog:
    word = passwords["alpha-member"]
    return connect(records.server.uri, username="alpha-member", password=word)


def uids(catalog: Catalog) -> list[str]:
    return [run.uid for run in catalog]


def test_the_newest_run_comes_first_across_groups(
    catalog: Catalog, shipped_runs: dict[str, str]
) -> None:
    expected = [shipped_runs["proposal-open"], shipped_runs["unit-alpha"]]
    assert uids(catalog) == expected
    assert [catalog[-1].uid, catalog[-2].uid] == expected
    assert len(catalog) == 2
    with pytest.raises(IndexError, match=r"holds 2 run"):
        catalog[-3]
    with pytest.raises(IndexError, match="scan_id=3"):
        catalog[3]


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        ({"technique": "XMCD"}, ["unit-alpha"]),
        ({"edge": "Fe L3", "beamtime": "BT-2"}, ["proposal-open"]),
        ({"beamline": "BL13U"}, ["proposal-open", "unit-alpha"]),
        ({"beamline": "BL02U"}, []),
        ({"sample.name": "secret alloy of unit-alpha"}, ["unit-alpha"]),
        ({"sample.name": "secret alloy of unit-beta"}, []),
        ({"since": "2026-05-31"}, ["proposal-open"]),
        ({"until": date(2026, 5, 29)}, ["unit-alpha"]),
        ({"since": datetime(2026, 5, 29, 5, 0), "until": "2026-05-29T06:00"}, ["unit-alpha"]),
        ({"until": "2026-05-28"}, []),
    ],
    ids=str,
)
def test_search(
    catalog: Catalog, shipped_runs: dict[str, str], terms: dict[str, Any], found: list[str]
) -> None:
    result = catalog.search(**terms)
    assert uids(result) == [shipped_runs[tag] for tag in found]
    assert len(result) == len(found)


def test_searches_narrow_each_other(catalog: Catalog) -> None:
    assert len(catalog.search(edge="Fe L3").search(technique="XMCD")) == 1


def test_a_date_that_is_none_is_explained(catalog: Catalog) -> None:
    with pytest.raises(ValueError, match="write it as 2026-11-22"):
        catalog.search(since="last week")


def test_a_run_is_found_by_the_beginning_of_its_uid(
    catalog: Catalog, shipped_runs: dict[str, str]
) -> None:
    uid = shipped_runs["unit-alpha"]
    assert catalog[uid].uid == catalog[uid[:8]].uid == uid
    with pytest.raises(KeyError, match="first 5 characters or more"):
        catalog[uid[:3]]
    with pytest.raises(KeyError, match="first 5 characters or more"):
        catalog["%%%%%%"]


def test_another_companys_run_is_not_found_in_the_same_words_as_none(
    catalog: Catalog, shipped_runs: dict[str, str]
) -> None:
    for uid in (shipped_runs["unit-beta"], "00000000-0000-4000-8000-000000000000"):
        with pytest.raises(KeyError, match=f"no run that you may read here .*{uid}"):
            catalog[uid]


def test_data_come_as_xarray_with_units_in_the_order_of_reading(
    catalog: Catalog, shipped_runs: dict[str, str]
) -> None:
    run = catalog[shipped_runs["unit-alpha"]]
    data = run.primary
    assert list(data.data_vars) == ["i0", "polarisation", "wave"]
    assert data["i0"].attrs["units"] == "A"
    assert data["wave"].attrs["units"] == "V"
    assert data["i0"].values.tolist() == [0.0, 1.5, 2.5, 3.5, 4.5]
    assert data["time"].dtype == np.dtype("datetime64[ns]")
    assert data.attrs["uid"] == run.uid
    assert run.streams == ("primary",)
    assert run.start["technique"] == "XMCD"
    assert run.stop is not None
    assert run.stop["exit_status"] == "success"
    with pytest.raises(KeyError, match="has no stream 'baseline'; it has primary"):
        _ = run.baseline


def test_the_table_shows_runs_to_a_person(catalog: Catalog, shipped_runs: dict[str, str]) -> None:
    text, page = repr(catalog), catalog._repr_html_()
    assert text.startswith("Catalog of 2 runs in proposal-open, published, unit-alpha\nrun")
    for shown in (shipped_runs["unit-alpha"][:8], "2026-05-29", "XMCD", "Fe L3", "BT-0"):
        assert shown in text
        assert shown in page


def test_a_stranger_reads_nothing(records: Any, shipped_runs: dict[str, str]) -> None:
    assert len(connect(records.server.uri)) == 0
    assert "0 runs in published" in repr(connect(records.server.uri))


def test_a_login_may_come_from_the_environment(
    records: Any, passwords: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NANOTERASU_USER", "staff")
    monkeypatch.setenv("NANOTERASU_PASSWORD", passwords["staff"])
    monkeypatch.setenv("NANOTERASU_DIR", str(records.home.folder))
    assert len(connect()) == 3


def test_a_wrong_password_is_explained(records: Any) -> None:
    with pytest.raises(TiledError, match="does not accept the login 'staff'"):
        connect(records.server.uri, username="staff", password="wrong")


def test_a_missing_password_is_explained(records: Any) -> None:
    with pytest.raises(TiledError, match="needs a password"):
        connect(records.server.uri, username="staff")


def test_a_server_that_is_away_is_explained_at_once() -> None:
    with pytest.raises(TiledError, match=r"No Tiled server answers at .*`nanoterasu serve"):
        connect("http://127.0.0.1:9/api/v1")


def test_a_wrong_key_is_explained(records: Any) -> None:
    with pytest.raises(TiledError, match="does not accept this key"):
        connect(records.server.uri, api_key="00" * 36)


DATABROKER = """
import sys
import databroker
from databroker.v1 import Broker

uid, rival = sys.argv[1:]
catalog = databroker.from_profile("alpha")
assert list(catalog) == list(databroker.catalog["alpha"]) == [uid]
run = catalog[uid]
print(run.primary.read()["i0"].values.sum(), run.start["technique"])
print(len(list(run.documents())))

# The ways of databroker's first two generations.
broker = Broker.named("alpha")
print(broker[uid].table()["i0"].sum(), broker[-1].start["uid"] == uid)
print([len(header.table()) for header in broker(technique="XMCD")], len(list(broker())))
second = broker.v2[uid].primary.read()
print(second["i0"].values.sum(), second["i0"].shape)

# What belongs to a rival is not there, by any of them.
print(sorted(databroker.from_profile("all")))
for look in (lambda: catalog[rival], lambda: broker[rival], lambda: broker.v2[rival],
             lambda: databroker.from_profile("beta"), lambda: Broker.named("beta")):
    try:
        look()
    except Exception as error:
        print(type(error).__name__, "canary" if "secret alloy" in str(error) else "nothing told")
    else:
        print("OPEN")
"""


@pytest.mark.timeout(320)
def test_the_same_catalog_opens_through_databroker_and_shows_no_rivals_run(
    records: Any, passwords: dict[str, str], shipped_runs: dict[str, str], tmp_path: Path
) -> None:
    pytest.importorskip("databroker.v1", reason="needs the extra databroker")
    uri = records.server.uri
    form = {"username": "alpha-member", "password": passwords["alpha-member"]}
    token = httpx.post(f"{uri}/auth/provider/house/token", data={"grant_type": "password"} | form)
    bearer = {"Authorization": f"Bearer {token.json()['access_token']}"}
    body = {"expires_in": 300, "scopes": ["read:metadata", "read:data"]}
    key = httpx.post(f"{uri}/auth/apikey", json=body, headers=bearer).json()["secret"]
    places = {"alpha": f"{uri}/metadata/unit-alpha", "beta": f"{uri}/metadata/unit-beta"}
    profiles = "".join(f"{name}:\n  uri: {at}\n" for name, at in {**places, "all": uri}.items())
    (tmp_path / "profiles.yml").write_text(profiles)
    uids = [shipped_runs["unit-alpha"], shipped_runs["unit-beta"]]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", DATABROKER, *uids],
        env=os.environ | {"TILED_PROFILES": str(tmp_path), "TILED_API_KEY": key},
        capture_output=True,
        text=True,
        timeout=300,
    )
    said = done.stdout.splitlines()
    assert said[:6] == [
        "12.0 XMCD",
        "8",
        "12.0 True",
        "[5] 1",
        "12.0 (5,)",
        "['analysis-proposal-open', 'analysis-unit-alpha', 'proposal-open', 'published', "
        "'unit-alpha']",
    ], done.stderr[-2000:]
    assert len(said) == 11
    assert all(line.endswith("Error nothing told") for line in said[6:])
