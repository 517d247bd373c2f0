"""Files of detectors: who registers them, who reads their frames, and who learns where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import numpy as np
import pytest
from event_model import compose_run

from nanoterasu.records import FrameFile

from .asking import Probe, foreign_words, told
from .canaries import Document, Target, canary, invented
from .house import House
from .principals import MAY_READ, Principal

pytestmark = pytest.mark.system

FRAMES = "{tag}/{uid}/primary/camera"
READING = tuple(
    Probe(*probe)
    for probe in (
        ("GET /api/v1/metadata/{path}", FRAMES),
        ("GET /api/v1/metadata/{path}", f"{FRAMES}?include_data_sources=true"),
        ("GET /api/v1/search/{path}", "{tag}/{uid}/primary?include_data_sources=true"),
        ("GET /api/v1/array/full/{path}", FRAMES),
        ("GET /api/v1/array/full/{path}", f"{FRAMES}?format=image/png&slice=0"),
        ("GET /api/v1/array/block/{path}", f"{FRAMES}?block=0,0,0"),
        ("GET /api/v1/container/full/{path}", "{tag}/{uid}?format=application/x-hdf5"),
        ("GET /api/v1/asset/bytes/{path}", f"{FRAMES}?id=1"),
        ("GET /api/v1/asset/manifest/{path}", f"{FRAMES}?id=1"),
    )
)


@pytest.fixture(scope="module")
def measured(house: House) -> tuple[Target, Path]:
    """A run of unit U1 with frames that spell its canary, and their file."""
    word = canary()
    picture = np.frombuffer(word.encode(), dtype="|u1").reshape(1, -1)
    with FrameFile(house.home.files.beamtime("BT-1"), "camera", picture.shape, "|u1") as file:
        file.append(picture)
        documents = run_with(list(file.announce()), picture.shape)
    (uid,) = house.ship([documents])
    return Target("unit-U1", uid, word), file.path


def run_with(assets: list[Any], shape: tuple[int, ...], beamtime: str = "BT-1") -> list[Document]:
    """Return the documents of a run of unit U1 that brings in files."""
    run = compose_run(metadata={"tiled_access_tags": ["unit-U1"], "beamtime_id": beamtime})
    key = {
        "dtype": "array",
        "dtype_numpy": "|u1",
        "shape": list(shape),
        "source": "test",
        "external": "STREAM:",
    }
    stream = run.compose_descriptor(name="primary", data_keys={"camera": key})  # pyright: ignore[reportArgumentType]
    documents: list[Document] = [
        ("start", dict(run.start_doc)),
        ("descriptor", dict(stream.descriptor_doc)),
    ]
    for name, document in assets:
        if name == "stream_resource":
            documents.append((name, document | {"run_start": run.start_doc["uid"]}))
        else:
            own = {"descriptor": stream.descriptor_doc["uid"], "seq_nums": {"start": 1, "stop": 2}}
            documents.append((name, document | own))
    return [*documents, ("stop", dict(run.compose_stop()))]


@pytest.mark.parametrize("name", [name for name, tags in MAY_READ.items() if "unit-U1" not in tags])
def test_frames_of_others_answer_like_frames_that_do_not_exist(
    principals: dict[str, Principal], measured: tuple[Target, Path], name: str
) -> None:
    target, path = measured
    other = invented(target)
    for probe in READING:
        real = probe.ask(principals[name], target)
        assert told(real, target) == told(probe.ask(principals[name], other), other), str(probe)
        assert foreign_words(real, [target]) == []
        assert path.stem.encode() not in real.content


@pytest.mark.parametrize("name", [name for name, tags in MAY_READ.items() if "unit-U1" in tags])
def test_who_may_read_sees_the_frames_and_not_where_they_lie(
    principals: dict[str, Principal], measured: tuple[Target, Path], house: House, name: str
) -> None:
    target, path = measured
    answers = [probe.ask(principals[name], target) for probe in READING]
    seen = [str(answer.url) for answer in answers if foreign_words(answer, [target])]
    assert len(seen) >= 2, "neither the array nor its block carried the canary"
    for answer in answers:
        for word in (path.stem, str(house.home.folder), "BT-1/"):
            assert word.encode() not in answer.content, str(answer.url)
    assert {answer.status_code for answer in answers if "/asset/" in str(answer.url)} == {404}


def door(path: Path) -> dict[str, Any]:
    """Return what would make the frames of ``path`` readable."""
    width = len(canary())
    source = {
        "structure_family": "array",
        "structure": {
            "data_type": {"endianness": "not_applicable", "kind": "u", "itemsize": 1},
            "chunks": [[1], [1], [width]],
            "shape": [1, 1, width],
            "dims": None,
            "resizable": False,
        },
        "mimetype": "application/x-hdf5",
        "management": "external",
        "parameters": {"dataset": "/entry/data/data", "swmr": True},
        "assets": [
            {"data_uri": f"file://localhost{path}", "is_directory": False, "parameter": "data_uris"}
        ],
    }
    return {
        "structure_family": "array",
        "metadata": {},
        "data_sources": [source],
        "specs": [],
        "id": f"door-{uuid4()}",
    }


@pytest.fixture
def bearer(house: House) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=house.site, timeout=30) as http:
        yield http


def attempts(house: House, principals: dict[str, Principal]) -> Iterator[tuple[str, Any]]:
    """Yield ways in which somebody who is not the shipping service may ask to register."""
    key = house.home.key()
    for name, principal in principals.items():
        authorization = principal.http.headers.get("Authorization")
        own = {"Authorization": authorization} if authorization else {}
        yield name, {"headers": own}
        # Even with the service's key, where a page or a proxy may put it for somebody else.
        yield f"{name}, key in the address", {"headers": own, "params": {"api_key": key}}
        yield f"{name}, key in a cookie", {"headers": own | {"Cookie": f"tiled_api_key={key}"}}
        if authorization:
            both = [("Authorization", authorization), ("Authorization", f"Apikey {key}")]
            yield f"{name}, two headers", {"headers": both}
    for name, value in (
        ("longer", f"Apikey {key}00"),
        ("shorter", f"Apikey {key[:-2]}"),
        ("another kind", f"Bearer {key}"),
        ("nothing", "Apikey"),
        ("beginning", f"Apikey {key[:8]}"),
    ):
        yield f"a key that is {name}", {"headers": {"Authorization": value}}


def test_nobody_but_the_shipping_service_registers_a_file(
    house: House,
    principals: dict[str, Principal],
    measured: tuple[Target, Path],
    bearer: httpx.Client,
) -> None:
    target, path = measured
    rival = house.targets["unit-U2"]
    passed = []
    for name, how in attempts(house, principals):
        for run in (target, rival, invented(target)):
            node = f"{run.tag}/{run.uid}/primary"
            for method, route, body in (
                ("POST", f"register/{node}", door(path) | {"access_tags": [run.tag]}),
                ("POST", f"register/{node}", door(path)),
                ("PUT", f"data_source/{node}/camera", {"data_source": door(path) | {"id": 1}}),
                ("PUT", f"data_source/{node}/picture", {"data_source": door(path) | {"id": 1}}),
            ):
                bearer.cookies.clear()
                answer = bearer.request(method, f"/api/v1/{route}", json=body, **how)
                if (answer.status_code, answer.text) != (404, '{"detail": "Not Found"}'):
                    passed.append(f"{name}: {method} {route} answers {answer.status_code}")
    assert not passed, "\n".join(passed[:20])


def test_no_key_that_a_user_makes_registers(
    principals: dict[str, Principal], house: House, measured: tuple[Target, Path]
) -> None:
    target, path = measured
    http = principals["owner"].http
    for scopes in (["register"], ["read:data", "register"], ["inherit"], ["write:metadata"]):
        answer = http.post("/api/v1/auth/apikey", json={"scopes": scopes, "expires_in": 60})
        assert answer.status_code == 403
    body = {"scopes": ["read:metadata", "read:data"], "expires_in": 60}
    key = http.post("/api/v1/auth/apikey", json=body).json()["secret"]
    answer = httpx.post(
        f"{house.site}/api/v1/register/{target.tag}/{target.uid}/primary",
        json=door(path),
        headers={"Authorization": f"Apikey {key}"},
    )
    assert answer.status_code == 404


def test_tiled_itself_gives_the_right_to_register_to_the_service_alone(house: House) -> None:
    """Behind the guard stands a second wall, which this asks directly."""
    import sqlite3

    with sqlite3.connect(house.home.tiled / "authn.sqlite") as database:
        roles = dict(database.execute("SELECT name, scopes FROM roles"))
        keys = database.execute("SELECT note, scopes FROM api_keys").fetchall()
    assert {name for name, scopes in roles.items() if "register" in scopes} == {"shipper", "admin"}
    with sqlite3.connect(house.home.tiled / "authn.sqlite") as database:
        admins = database.execute(
            "SELECT count(*) FROM principal_role_association JOIN roles"
            " ON roles.id = role_id WHERE roles.name = 'admin'"
        ).fetchone()
    assert admins == (0,)
    assert {note for note, scopes in keys if "register" in scopes} == {"records.ship"}


def test_even_the_shipping_key_registers_under_the_tag_of_the_group_alone(
    house: House, measured: tuple[Target, Path]
) -> None:
    target, path = measured
    for tags in (["unit-U2"], ["published"], ["public"], ["unit-U1", "unit-U2"]):
        answer = httpx.post(
            f"{house.site}/api/v1/register/{target.tag}/{target.uid}/primary",
            json=door(path) | {"access_tags": tags},
            headers={"Authorization": f"Apikey {house.home.key()}"},
        )
        assert answer.status_code == 403


@pytest.mark.parametrize(
    "way", ["/../../keys/ship.key", "/../../tiled/config.yml", "/link.h5", "/second.h5", "/door.h5"]
)
def test_a_file_that_slipped_in_is_not_served_all_the_same(
    house: House, principals: dict[str, Principal], measured: tuple[Target, Path], way: str
) -> None:
    """Tiled takes any path when it is registered; what is read is looked at again."""
    import h5py

    target, path = measured
    word = canary()
    picture = np.frombuffer(word.encode(), dtype="|u1").reshape(1, -1)
    with FrameFile(house.home.files.beamtime("BT-2"), "camera", picture.shape, "|u1") as foreign:
        foreign.append(picture)
    planted = Path(f"{path.parent}{way}")
    planted.unlink(missing_ok=True) if planted.name.endswith(".h5") else None
    if planted.name == "link.h5":
        planted.symlink_to(foreign.path)
    elif planted.name == "second.h5":
        planted.hardlink_to(foreign.path)
    elif planted.name == "door.h5":
        with h5py.File(planted, "w", libver="latest") as file:
            file["/entry/data/data"] = h5py.ExternalLink(str(foreign.path), "/entry/data/data")
    body = door(planted) | {"access_tags": [target.tag]}
    node = f"{target.tag}/{target.uid}/primary"
    answer = httpx.post(
        f"{house.site}/api/v1/register/{node}",
        json=body,
        headers={"Authorization": f"Apikey {house.home.key()}"},
    )
    assert answer.status_code == 200, answer.text
    read = principals["owner"].http.get(f"/api/v1/array/full/{node}/{body['id']}")
    assert read.status_code == 500
    assert read.json() == {"detail": "Internal Server Error"}
    assert word.encode() not in read.content
