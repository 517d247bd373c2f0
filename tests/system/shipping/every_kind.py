"""A run with a column of every kind, as documents that are compared."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from event_model import compose_run

Numbered = list[tuple[int, str, dict[str, Any]]]
SOURCE = {"source": "test"}
DATA_KEYS: dict[str, Any] = {
    "current": {"dtype": "number", "shape": [], "units": "A", **SOURCE},
    "counts": {"dtype": "integer", "shape": [], **SOURCE},
    "open": {"dtype": "boolean", "shape": [], **SOURCE},
    "helicity": {"dtype": "string", "shape": [], **SOURCE},
    "time": {"dtype": "number", "shape": [], **SOURCE},  # the writer renames it
    "wave": {"dtype": "array", "shape": [3], **SOURCE},
    "image": {"dtype": "array", "shape": [2, 2], "dtype_numpy": "<u2", **SOURCE},
    "words": {"dtype": "array", "shape": [2], "dtype_numpy": "<U5", **SOURCE},
}
CURRENTS = [1, 0.1, float("nan"), float("inf"), None, np.float32(0.1)]


def values(row: int) -> dict[str, Any]:
    return {
        "current": CURRENTS[row % len(CURRENTS)],
        "counts": 2**62 + row,
        "open": bool(row % 2),
        "helicity": ["plus", "", "右"][row % 3],
        "time": float(row),
        "wave": np.array([row, float("nan"), 0.1]),
        "image": np.array([[row, 65535], [0, 1]], "u2"),
        "words": ["Fe", f"L{row % 4}"],
    }


def measure(points: int = 7, pages: int = 1) -> Numbered:
    """Return a run of two streams: ``primary`` by events, ``fast`` by pages; one reconfigured."""
    run: Any = compose_run(
        metadata={
            "tiled_access_tags": ["unit-alpha"],
            "sample": {"name": "alloy K7", "parts": (1, float("nan"), None, float("inf"))},
            "huge": 2**60,
            "matrix": np.eye(2),
            "raw": b"abc",
            "scan_id": 3,
            "exposures": np.int64(3),
        }
    )
    configuration = {
        "amplifier": {
            "data": {"gain": 1e6},
            "timestamps": {"gain": 1.0},
            "data_keys": {"gain": {"dtype": "number", "shape": [], **SOURCE}},
        }
    }
    documents: list[tuple[str, dict[str, Any]]] = [("start", dict(run.start_doc))]
    streams = {}
    for name in ("primary", "fast"):
        streams[name] = run.compose_descriptor(
            name=name,
            validate=False,
            data_keys=copy.deepcopy(DATA_KEYS),
            configuration=copy.deepcopy(configuration),
            hints={"amplifier": {"fields": ["current"]}},
            object_keys={"amplifier": list(DATA_KEYS)},
        )
        documents.append(("descriptor", dict(streams[name].descriptor_doc)))
    for row in range(points):
        stamps = {key: 1.8e9 + row + number for number, key in enumerate(DATA_KEYS)}
        event = streams["primary"].compose_event(
            data=values(row), timestamps=stamps, validate=False
        )
        documents.append(("event", dict(event)))
        if row == 2:
            later = copy.deepcopy(documents[1][1]) | {"uid": "later", "time": 1.8e9}
            later["configuration"]["amplifier"]["data"]["gain"] = 1e7
            documents.append(("descriptor", later))
    for page in range(pages):
        rows = range(points * page, points * (page + 1))
        content = {
            "data": {key: [values(row)[key] for row in rows] for key in DATA_KEYS},
            "timestamps": {key: [float(row) for row in rows] for key in DATA_KEYS},
            "seq_num": [row + 1 for row in rows],
            "time": np.array([float(row) for row in rows]),
            "filled": {},
            "uid": [f"{page}-{row}" for row in rows],
            "descriptor": streams["fast"].descriptor_doc["uid"],
        }
        documents.append(("event_page", content))
    documents.append(("stop", dict(run.compose_stop())))
    return [(number, *document) for number, document in enumerate(documents, start=11)]
