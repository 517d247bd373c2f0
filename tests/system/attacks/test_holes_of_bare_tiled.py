"""What Tiled 0.2.20 lets through when it stands alone, and that our wall does not.

Each test asks a bare server first, so that it says when a release has closed the hole: then look
whether the guard is still needed.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas
import pytest
from tiled.structures.core import StructureFamily
from tiled.structures.data_source import Asset, DataSource, Management
from tiled.structures.table import TableStructure
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from .bare import READ, WRITE, BareTiled
from .canaries import Target, canary
from .house import House
from .principals import Principal

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def catalog(bare: BareTiled) -> Any:
    """The writer's client, with a run of each unit."""
    catalog = bare.client(bare.key(WRITE))
    for unit in ("a", "b"):
        catalog.create_container(f"run-{unit}", access_tags=[f"unit-{unit}"])
        run = catalog[f"run-{unit}"]
        run.write_array(np.arange(9), key="picture", access_tags=[f"unit-{unit}"])
    return catalog


@pytest.fixture
def outside(bare: BareTiled, catalog: Any) -> str:
    """A canary in a file that no storage holds, and a link to it from inside Bob's array."""
    word = canary()
    bare.outside.write_text(word)
    link = bare.folder / "files" / "run-b" / "picture" / "link"
    link.unlink(missing_ok=True)
    link.symlink_to(bare.outside)
    return word


def escapes(file: Path) -> dict[str, str]:
    up = "../" * 30
    return {
        "plain": f"{up}{str(file)[1:]}",
        "encoded": f"{up}{str(file)[1:]}".replace("../", "%2e%2e%2f"),
        "symlink": "link",
        "absolute": str(file),
    }


@pytest.mark.parametrize("form", ["plain", "encoded", "symlink", "absolute"])
def test_a_raw_asset_leaves_its_directory(
    bare: BareTiled,
    outside: str,
    principals: dict[str, Principal],
    targets: dict[str, Target],
    form: str,
) -> None:
    about = bare.get("/api/v1/metadata/run-b/picture?include_data_sources=true", "bob").json()
    number = about["data"]["attributes"]["data_sources"][0]["assets"][0]["id"]
    query = f"id={number}&relative_path={escapes(bare.outside)[form]}"
    answer = bare.get(f"/api/v1/asset/bytes/run-b/picture?{query}", "bob")
    # The absolute form is the one that Tiled itself refuses.
    assert (outside in answer.text) == (form != "absolute")

    own = targets["unit-U2"]
    for name in ("rival company", "staff on duty", "anonymous"):
        for asset in range(1, 20):
            query = f"id={asset}&relative_path={escapes(bare.outside)[form]}"
            path = f"/api/v1/asset/bytes/{own.tag}/{own.uid}/primary/picture?{query}"
            answer = principals[name].http.get(path)
            assert (answer.status_code, outside in answer.text) == (404, False)


@pytest.mark.parametrize("path", ["/ui/{file}", "/ui/" + "%2e%2e/" * 30 + "{file}"])
def test_the_web_page_serves_any_file_to_anybody(
    bare: BareTiled, outside: str, principals: dict[str, Principal], path: str
) -> None:
    path = path.format(file=bare.outside)
    assert outside in bare.get(path).text
    for name in ("owner", "anonymous"):
        answer = principals[name].http.get(path)
        assert (answer.status_code, outside in answer.text) == (404, False)


def subscribe(site: str, path: str, headers: dict[str, str]) -> ClientConnection:
    address = f"{site.replace('http', 'ws', 1)}/api/v1/stream/single/{path}?envelope_format=json"
    socket = connect(address, additional_headers=headers, open_timeout=20)
    socket.recv(timeout=20)  # the schema; what is created from now on is told
    return socket


def test_a_websocket_on_a_shared_ancestor_tells_of_everybodys_runs(
    bare: BareTiled, catalog: Any, house: House, principals: dict[str, Principal]
) -> None:
    word = canary()
    for headers in ({}, bare.own_key("bob")):
        with subscribe(bare.site, "", headers) as socket:
            catalog.create_container(metadata={"sample": word}, access_tags=["unit-a"])
            assert word in str(socket.recv(timeout=20))

    for name in ("anonymous", "rival company", "owner"):
        headers = dict(principals[name].http.headers)
        with pytest.raises(InvalidStatus):
            subscribe(house.site, "", {"Authorization": headers.get("authorization", "")})


def test_a_websocket_outlives_the_membership(
    bare: BareTiled, catalog: Any, house: House, principals: dict[str, Principal]
) -> None:
    word, alice = canary(), bare.own_key("alice")
    with subscribe(bare.site, "run-a", alice) as socket:
        bare.grant({"unit-a": [], "unit-b": ["bob"]})
        try:
            address = f"{bare.site}/api/v1/metadata/run-a"
            assert httpx.get(address, headers=alice).status_code == 404
            catalog["run-a"].create_container(metadata={"sample": word}, access_tags=["unit-a"])
            assert word in str(socket.recv(timeout=20))
        finally:
            bare.grant({"unit-a": ["alice"], "unit-b": ["bob"]})

    with pytest.raises(InvalidStatus):
        subscribe(house.site, "unit-U1", dict(principals["ex-member"].http.headers))


def test_whoever_may_register_reads_any_file_of_any_unit(
    bare: BareTiled, house: House, targets: dict[str, Target]
) -> None:
    word = canary()
    file = bare.detectors / "of-unit-a.csv"
    file.write_text(f"sample\n{word}\n")
    structure = TableStructure.from_pandas(pandas.read_csv(file))
    source = DataSource(
        structure_family=StructureFamily.table,
        structure=structure,
        mimetype="text/csv",
        management=Management.external,
        assets=[
            Asset(
                data_uri=f"file://localhost{file}",
                is_directory=False,
                parameter="data_uris",
                num=0,
            )
        ],
    )
    limited = bare.client(bare.key(WRITE, ["unit-b", "catalog_root"]))
    limited.new(
        StructureFamily.table, [source], key="mine", metadata={}, specs=[], access_tags=["unit-b"]
    )
    assert word in bare.get("/api/v1/table/full/mine?format=text/csv", "bob").text

    run = targets["unit-U2"]
    # With the one key that registers; it is asked for more by test_files.py, and others are there.
    headers = {"Authorization": f"Apikey {house.home.key()}"}
    for path in (f"register/{run.tag}", "register/"):
        answer = httpx.post(f"{house.site}/api/v1/{path}", json={}, headers=headers)
        assert answer.status_code == 404


def test_readers_are_shown_the_tags_and_the_servers_file_paths(
    bare: BareTiled, catalog: Any, principals: dict[str, Principal], targets: dict[str, Target]
) -> None:
    catalog.create_container("joint", access_tags=["unit-a", "unit-b"])
    asked = "?include_data_sources=true"
    assert "unit-a" in bare.get(f"/api/v1/metadata/joint{asked}", "bob").text
    shown = bare.get(f"/api/v1/metadata/run-b/picture{asked}", "bob").text
    assert str(bare.folder / "files") in shown

    run = targets["unit-U2"]
    for path in (f"metadata/{run.tag}/{run.uid}/primary/picture", f"search/{run.tag}/{run.uid}"):
        answer = principals["rival company"].http.get(f"/api/v1/{path}{asked}")
        assert answer.status_code == 200
        for part in ("file:", "/tiled/files", '"access_tags":["', '"access_tags": ["'):
            assert part not in answer.text


def test_a_reader_limited_to_one_tag_stays_a_reader(bare: BareTiled, catalog: Any) -> None:
    """The positive control: what is asked for above is refused where Tiled does check."""
    key = bare.key(READ, ["unit-b", "catalog_root"])
    headers = {"Authorization": f"Apikey {key}"}
    assert httpx.get(f"{bare.site}/api/v1/metadata/run-a", headers=headers).status_code == 404
    assert httpx.get(f"{bare.site}/api/v1/metadata/run-b", headers=headers).status_code == 200
