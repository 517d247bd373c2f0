"""Data in files: how many there are, in which files, and where in them, is compared."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from event_model import compose_run
from tiled.catalog import in_memory
from tiled.client import Context, from_context
from tiled.server.app import build_app

from nanoterasu.records import differences
from nanoterasu.records._writer import RunWriter

pytestmark = pytest.mark.system

CAMERA = {
    "dtype": "array",
    "shape": [1, 3, 4],
    "dtype_numpy": "<u2",
    "source": "test",
    "external": "STREAM:",
}
KNOB: dict[str, Any] = {"dtype": "number", "shape": [], "source": "test"}


def stream_run(folder: Path) -> list[Any]:
    """Return a run with frames in two files, by stream datums."""
    run: Any = compose_run(metadata={"beamtime_id": "BT-1"})
    made = run.compose_descriptor(name="primary", data_keys={"camera": CAMERA, "knob": KNOB})
    documents = [("start", dict(run.start_doc)), ("descriptor", dict(made.descriptor_doc))]
    for file, (first, last) in enumerate(((0, 3), (3, 5))):
        resource = run.compose_stream_resource(
            mimetype="application/x-hdf5",
            uri=f"file://localhost{folder}/{file}.h5",
            data_key="camera",
            parameters={"dataset": "/entry/data", "chunk_shape": [1, 3, 4]},
        )
        documents.append(("stream_resource", dict(resource.stream_resource_doc)))
        for row in range(first, last):
            datum = resource.compose_stream_datum(
                {"start": row, "stop": row + 1},
                {"start": row + 1, "stop": row + 2},
                made.descriptor_doc,
            )
            documents.append(("stream_datum", dict(datum)))
            event = made.compose_event(data={"knob": 1.0}, timestamps={"knob": 0.0})
            documents.append(("event", dict(event)))
    documents.append(("stop", dict(run.compose_stop())))
    return [(number, *document) for number, document in enumerate(documents, start=1)]


def area_detector_run(folder: Path) -> list[Any]:
    """Return a run with frames in a file, by resources and datums of the older kind."""
    run: Any = compose_run(metadata={"beamtime_id": "BT-1"})
    about = {**CAMERA, "external": "FILESTORE:"}
    made = run.compose_descriptor(name="primary", data_keys={"camera": about, "knob": KNOB})
    resource = run.compose_resource(
        spec="AD_HDF5",
        root=str(folder),
        resource_path="frames.h5",
        resource_kwargs={"frame_per_point": 1},
    )
    documents = [
        ("start", dict(run.start_doc)),
        ("descriptor", dict(made.descriptor_doc)),
        ("resource", dict(resource.resource_doc)),
    ]
    for row in range(3):
        datum = resource.compose_datum(datum_kwargs={"point_number": row})
        documents.append(("datum", dict(datum)))
        event = made.compose_event(
            data={"camera": datum["datum_id"], "knob": 1.0},
            timestamps={"camera": 0.0, "knob": 0.0},
            filled={"camera": False},
        )
        documents.append(("event", dict(event)))
    documents.append(("stop", dict(run.compose_stop())))
    return [(number, *document) for number, document in enumerate(documents, start=1)]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A Tiled in this process, without the guard in front of it."""
    folder = tmp_path_factory.mktemp("tiled")
    storage = [str(folder / "files"), f"sqlite:///{folder / 'tables.sqlite'}"]
    tree = in_memory(writable_storage=storage, readable_storage=[str(folder)])
    with Context.from_app(build_app(tree)) as context:
        yield from_context(context)


@pytest.mark.parametrize("kind", [stream_run, area_detector_run])
def test_frames_files_and_datasets_are_compared(root: Any, tmp_path: Path, kind: Any) -> None:
    own = tmp_path / "BT-1"
    own.mkdir(mode=0o700)
    for name, dataset in (("0", "entry/data"), ("1", "entry/data"), ("frames", "entry/data/data")):
        with h5py.File(own / f"{name}.h5", "w") as file:
            file.create_dataset(dataset, data=np.zeros((5, 3, 4), "<u2"), chunks=(1, 3, 4))
    documents = kind(own)
    writer = RunWriter(root, files=tmp_path)
    for _, name, document in documents:
        writer(name, copy.deepcopy(document))
    run = root[documents[0][2]["uid"]]
    assert list(differences(run, documents)) == []

    last = next(each for each in reversed(documents) if each[1] in ("stream_datum", "datum"))
    fewer = [each for each in documents if each is not last]
    if kind is area_detector_run:
        event = next(each for each in reversed(documents) if each[1] == "event")
        fewer = [each for each in fewer if each is not event]
    assert "primary.camera shape" in {each.where for each in differences(run, fewer)}

    for field, value, where in (
        ("uri", "file://localhost/elsewhere.h5", "files"),
        ("resource_path", "elsewhere.h5", "files"),
        ("parameters", {"dataset": "/other", "chunk_shape": [1, 3, 4]}, "dataset"),
    ):
        changed = copy.deepcopy(documents)
        for _, name, document in changed:
            if name in ("resource", "stream_resource") and field in document:
                document[field] = value
        expected = [f"primary.camera {where}"] if changed != documents else []
        found = list(differences(run, changed))
        assert [each.where for each in found] == expected
        assert "elsewhere" not in " ".join(map(str, found))
