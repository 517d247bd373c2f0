"""Every kind of data that a device may give arrives as it was, or says why it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from event_model import compose_run

from nanoterasu.records import Run, Shipper, ShipState, Spool, wait_until_shipped

from .sending import append, read

pytestmark = pytest.mark.system

NUMBER: dict[str, Any] = {"dtype": "number", "shape": []}
INTEGER: dict[str, Any] = {"dtype": "integer", "shape": []}
TEXTS: dict[str, Any] = {"dtype": "array", "shape": [2]}


def wave(n: int) -> np.ndarray:
    return np.arange(n, dtype=float)


KINDS: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "integer_first": (NUMBER, [1, 0.5, 2]),
    "counts_then_fractions": (INTEGER, [1, 2, 2.5]),
    "nothing_first": (NUMBER, [None, 1.0, 2.0]),
    "odd numbers": (NUMBER, [float("inf"), -float("inf"), 1e300]),
    "large": (INTEGER, [2**62, 0, -(2**62)]),
    "flags": ({"dtype": "boolean", "shape": []}, [True, np.bool_(False), True]),
    "words": ({"dtype": "string", "shape": []}, ["plus", "ナノ", ""]),
    "short": ({"dtype": "array", "shape": [3]}, [wave(3), wave(3) + 0.5, [1, 2, 3]]),
    "integers_then_fractions": ({"dtype": "array", "shape": [2]}, [[1, 2], [0.5, 2], [3, 4]]),
    "ragged": ({"dtype": "array", "shape": [3]}, [wave(3), wave(5), wave(0)]),
    "ragged_declared": ({"dtype": "array", "shape": [None]}, [wave(2), wave(9), wave(1)]),
    "image": ({"dtype": "array", "shape": [4, 5], "dtype_numpy": "<u2"}, [np.eye(4, 5)] * 3),
    "texts": (TEXTS, [["a", "b"], ["long " * 30, "μ"], ["", "c"]]),
    "name with-space[0]": (NUMBER, [1.0, 2.0, 3.0]),
}


@pytest.fixture(scope="module")
def arrived(records: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    run = compose_run(metadata={"tiled_access_tags": ["unit-alpha"], "fluence": 1.5e16})
    keys = {key: {"source": "test", **about} for key, (about, _) in KINDS.items()}
    stream = run.compose_descriptor(name="primary", data_keys=keys)
    documents: list[Any] = [("start", run.start_doc), ("descriptor", stream.descriptor_doc)]
    for row in range(3):
        data = {key: values[row] for key, (_, values) in KINDS.items()}
        event = stream.compose_event(
            data=data, timestamps=dict.fromkeys(data, float(row)), validate=False
        )
        documents.append(("event", event))
    documents.append(("stop", run.compose_stop()))
    folder = tmp_path_factory.mktemp("types") / "spool"
    with Spool(folder) as spool, Shipper(folder, records.home):
        uid = append(spool, documents)
        wait_until_shipped(folder, uid, 60)
    state = ShipState(folder)
    assert state.verified(uid)
    assert state.set_aside() == []
    return read(records, uid)


@pytest.mark.parametrize("key", KINDS)
def test_what_was_measured_is_read(arrived: Any, key: str) -> None:
    found = Run(arrived).read("primary")
    _, sent = KINDS[key]
    if key.startswith("ragged"):
        lengths = found[f"length_{key}"].values.tolist()
        assert lengths == [len(row) for row in sent]
        rows = [row[:n] for row, n in zip(found[key].values, lengths, strict=True)]
    else:
        rows = list(found[key].values)
    for one, other in zip(rows, sent, strict=True):
        if other is None:
            assert one is None or np.isnan(one)
        else:
            np.testing.assert_array_equal(one, other)


def test_a_whole_number_beyond_what_tiled_writes_is_not_cut(arrived: Any) -> None:
    assert arrived.metadata["start"]["fluence"] == 1.5e16


def test_points_that_a_plan_measured_again_come_in_the_order_in_which_they_came(
    records: Any, spool: Spool, make_run: Callable[..., list[Any]]
) -> None:
    documents = make_run(6)
    for event, number in zip(documents[2:8], (1, 2, 3, 2, 3, 4), strict=True):
        event[1]["seq_num"] = number
    with Shipper(spool.folder, records.home):
        uid = append(spool, documents)
        wait_until_shipped(spool.folder, uid, 30)
    assert ShipState(spool.folder).verified(uid)
    table = read(records, uid)["primary"].base["internal"].read()
    assert table["seq_num"].tolist() == [1, 2, 3, 2, 3, 4]
    # Of a point that was measured again, the last counts.
    assert Run(read(records, uid)).read()["i0"].values.tolist() == [0.0, 3.5, 4.5, 5.5]
