"""A plan may emit what it likes: a file of another beamtime never becomes readable through it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from event_model import ComposeStreamResource, compose_run

from nanoterasu.records import FrameFile, Shipper, ShipState, Spool, wait_until_shipped

pytestmark = [pytest.mark.system, pytest.mark.timeout(300)]

SHAPE = (2, 3)
SECRET = np.full(SHAPE, 4711, "<u4")
KEY = {
    "dtype": "array",
    "dtype_numpy": "<u4",
    "shape": list(SHAPE),
    "source": "test",
    "external": "STREAM:",
}
DATASET = {"dataset": "/entry/data/data", "chunk_shape": [1, *SHAPE], "swmr": True}


def written(records: Any, beamtime: str) -> Path:
    with FrameFile(records.home.files.beamtime(beamtime), "camera", SHAPE, "<u4") as file:
        file.append(SECRET)
    return file.path


@pytest.fixture
def rival(records: Any) -> Path:
    return written(records, "BT-rival")


def run_with(uri: str, parameters: dict[str, Any] = DATASET, **start: Any) -> list[Any]:
    """Return the documents of a run that brings in a file."""
    md = {"tiled_access_tags": ["unit-alpha"], "beamtime_id": "BT-1"} | start
    run = compose_run(metadata=md)
    stream = run.compose_descriptor(name="primary", data_keys={"camera": KEY})  # pyright: ignore[reportArgumentType]
    resource, datum = ComposeStreamResource(start=run.start_doc)(
        mimetype="application/x-hdf5", uri=uri, data_key="camera", parameters=parameters
    )
    frame = datum(
        seq_nums={"start": 1, "stop": 2},
        indices={"start": 0, "stop": 1},
        descriptor=stream.descriptor_doc,
    )
    return [
        ("start", dict(run.start_doc)),
        ("descriptor", dict(stream.descriptor_doc)),
        ("stream_resource", dict(resource)),
        ("stream_datum", dict(frame)),
        ("stop", dict(run.compose_stop())),
    ]


def old_run_with(root: str, path: str, **datum_kwargs: Any) -> list[Any]:
    """Return the same in the documents of old."""
    md = {"tiled_access_tags": ["unit-alpha"], "beamtime_id": "BT-1"}
    run = compose_run(metadata=md)
    key = KEY | {"external": "FILESTORE:"}
    stream = run.compose_descriptor(name="primary", data_keys={"camera": key})  # pyright: ignore[reportArgumentType]
    resource, datum, _ = run.compose_resource(
        spec="AD_HDF5", root=root, resource_path=path, resource_kwargs={"frame_per_point": 1}
    )
    piece = datum(datum_kwargs={"point_number": 0} | datum_kwargs)
    event = stream.compose_event(
        data={"camera": piece["datum_id"]}, timestamps={"camera": 0.0}, filled={"camera": False}
    )
    return [
        ("start", dict(run.start_doc)),
        ("descriptor", dict(stream.descriptor_doc)),
        ("resource", dict(resource)),
        ("datum", dict(piece)),
        ("event", dict(event)),
        ("stop", dict(run.compose_stop())),
    ]


def send(records: Any, spool: Spool, runs: list[list[Any]]) -> list[str]:
    """Ship ``runs`` and a good one after them; return the uids of the former."""
    last = run_with(f"file://localhost{written(records, 'BT-1')}")
    for run in [*runs, last]:
        for name, document in run:
            spool.append(name, document)
    with Shipper(spool.folder, records.home):
        wait_until_shipped(spool.folder, last[0][1]["uid"], 60)
    return [run[0][1]["uid"] for run in runs]


def test_files_of_others_are_refused_by_every_kind_of_document_and_the_rest_goes_on(
    records: Any, spool: Spool, rival: Path, beamtime: Path, read: Callable[[str], Any]
) -> None:
    link, second = beamtime / "to-a-rival.h5", beamtime / "second.h5"
    link.symlink_to(rival)
    os.link(rival, second)
    own = written(records, "BT-1")
    runs = [
        run_with(f"file://localhost{rival}"),
        run_with(f"file://{rival}"),
        run_with(f"file://localhost{beamtime}/../BT-rival/{rival.name}"),
        run_with(f"file://localhost{link}"),
        run_with(f"file://localhost{second}"),
        run_with("file://localhost/etc/passwd"),
        run_with(f"file://localhost{records.home.keys / 'ship.key'}"),
        run_with(f"file://elsewhere.example{own}"),
        run_with(
            f"file://localhost{beamtime}",
            DATASET | {"template": f"/../BT-rival/{rival.name}"},
        ),
        run_with(f"file://localhost{rival}", beamtime_id="BT-1/../BT-rival"),
        run_with(f"file://localhost{own}", beamtime_id=None),
        old_run_with(str(rival.parent), rival.name),
        old_run_with(str(beamtime), f"../BT-rival/{rival.name}"),
        # What the check of the resource cannot see yet comes with the datum.
        old_run_with(str(own.parent), own.name, template=f"/../BT-rival/{rival.name}"),
    ]
    uids = send(records, spool, runs)
    refused = ShipState(spool.folder).refused()
    for uid in uids:
        assert "is refused" in refused[uid] or "cannot name a folder" in refused[uid]
        with pytest.raises(KeyError):
            read(uid)["primary"]["camera"]
    link.unlink()
    second.unlink()


def test_a_run_whose_start_names_the_rivals_beamtime_stays_the_rivals(
    records: Any, spool: Spool, rival: Path
) -> None:
    """Start documents come from the session: their protected keys are what the wall stands on."""
    (uid,) = send(records, spool, [run_with(f"file://localhost{rival}", beamtime_id="BT-rival")])
    assert uid not in ShipState(spool.folder).refused()


def test_an_old_document_of_an_own_file_still_arrives(
    records: Any, spool: Spool, read: Callable[[str], Any]
) -> None:
    own = written(records, "BT-1")
    (uid,) = send(records, spool, [old_run_with(str(own.parent), own.name)])
    frames = read(uid)["primary"]["camera"].read()
    np.testing.assert_array_equal(frames.reshape(SHAPE), SECRET)


def test_a_link_that_takes_the_place_of_a_file_afterwards_is_not_followed(
    records: Any,
    spool: Spool,
    rival: Path,
    read: Callable[[str], Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Tiled's client takes a refusal for a fault, and would ask ten times in half a minute.
    monkeypatch.setattr("tiled.client.utils.TILED_RETRY_ATTEMPTS", 1)
    own = written(records, "BT-1")
    (uid,) = send(records, spool, [run_with(f"file://localhost{own}")])
    frames = read(uid)["primary"]["camera"]
    np.testing.assert_array_equal(frames[0], SECRET)
    own.unlink()
    own.symlink_to(rival)
    with pytest.raises(Exception, match="500"):
        frames[0]


def test_a_home_that_was_prepared_before_files_were_known_gives_its_old_key_the_right(
    records: Any, tmp_path: Path, tiled_roster: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    from nanoterasu.records import TiledHome, TiledServer, _home, _tags

    before = tuple(scope for scope in _tags.SHIPPER_SCOPES if scope != "register")
    home = TiledHome(tmp_path / "old")
    with monkeypatch.context() as old:
        old.setattr(_home, "SHIPPER_SCOPES", before)
        old.setattr(_tags, "SHIPPER_SCOPES", before)
        home.prepare(tiled_roster)
    key = home.key()
    headers = {"Authorization": f"Apikey {key}"}
    with TiledServer(home) as server:
        answer = httpx.post(f"{server.uri}/register/unit-alpha/x", json={}, headers=headers)
        assert answer.status_code in (401, 403)
        home.prepare(tiled_roster)
        assert home.key() == key
        answer = httpx.post(f"{server.uri}/register/unit-alpha/x", json={}, headers=headers)
        assert answer.status_code == 422, answer.text  # it may; what it sent is empty
