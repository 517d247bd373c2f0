"""Metadata keep what they say, in the types of JSON."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from nanoterasu.records._in_json import in_json, metadata_of


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (1.5e16, 1.5e16),  # the field's writer cuts it to 2⁵³
        (2**60, 2**60),
        (2**80, str(2**80)),
        (float("inf"), "inf"),
        (-float("inf"), "-inf"),
        (float("nan"), None),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.array([[1, 2]]), [[1, 2]]),
        ((1, "a"), [1, "a"]),
        (b"abc", "YWJj"),
        (1 - 2j, [1.0, -2.0]),
        ({5: np.int8(1)}, {"5": 1}),
        (np.datetime64("2026-11-22T12:00:00"), "2026-11-22 12:00:00"),
    ],
)
def test_no_value_changes_silently(given: Any, kept: Any) -> None:
    found = in_json(given)
    assert found == kept
    assert type(found) is type(kept)
    assert json.loads(json.dumps(found)) == kept


def test_limits_of_a_data_key_stay_numbers_or_nothing() -> None:
    limits = {"control": {"low": -float("inf"), "high": 3.0}}
    about = {"dtype": "number", "shape": [], "source": "x", "limits": limits}
    given = {"data_keys": {"x": about}, "configuration": {"x": {"data": {"gain": float("inf")}}}}
    found = metadata_of("descriptor", given)
    assert found["data_keys"]["x"]["limits"]["control"] == {"low": None, "high": 3.0}
    assert found["configuration"]["x"]["data"]["gain"] == "inf"
