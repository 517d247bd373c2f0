"""What the tests of shipping do and ask."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from tiled.client import from_uri

from nanoterasu.records import Spool

PAUSE = threading.Event()  # never set: paces the measurement that a test imitates


def read(records: Any, uid: str, tag: str = "unit-alpha") -> Any:
    return from_uri(records.server.uri, api_key=records.home.key())[tag][uid]


def append(spool: Spool, documents: list[Any], *, every: float = 0.0) -> str:
    for name, document in documents:
        spool.append(name, document)
        if every:
            PAUSE.wait(every)
    return documents[0][1]["uid"]


def assert_exactly_once(records: Any, documents: list[Any]) -> None:
    """Compare what Tiled holds with what was measured, value by value."""
    sent = [document for name, document in documents if name == "event"]
    run = read(records, documents[0][1]["uid"])
    table = run["primary"].base["internal"].read()
    assert table["seq_num"].tolist() == [event["seq_num"] for event in sent]
    assert table["i0"].tolist() == [float(event["data"]["i0"]) for event in sent]
    assert table["polarisation"].tolist() == [event["data"]["polarisation"] for event in sent]
    waves = [event["data"]["wave"] for event in sent]
    np.testing.assert_array_equal(run["primary"].base["wave"].read(), waves)
    assert run.metadata["stop"]["uid"] == documents[-1][1]["uid"]
    assert "duplicated" not in str(run.metadata.get("notes"))


def has_rows(records: Any, uid: str) -> bool:
    try:
        return len(read(records, uid)["primary"].base["internal"].read()) > 0
    except KeyError:
        return False
