"""A value that came back is the recorded one, or it is not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanoterasu.records._values import differing, measured, metadata_differences

NUMBER, INTEGER = {"dtype": "number", "dtype_numpy": "<f8"}, {"dtype": "integer"}
STRING, SINGLE = {"dtype": "string"}, {"dtype": "array", "dtype_numpy": "<f4"}


@pytest.mark.parametrize(
    ("recorded", "came_back", "about", "rows"),
    [
        ([1, 2.5], np.array([1.0, 2.5]), NUMBER, []),
        ([1, 2.5], np.array([1.0, 2.6]), NUMBER, [1]),
        ([float("nan"), None], np.array([np.nan, np.nan]), NUMBER, []),
        ([float("nan"), 0.0], np.array([0.0, np.nan]), NUMBER, [0, 1]),
        ([np.inf], np.array([1.7976e308]), NUMBER, [0]),
        ([2**70, 1], np.array([2.0**70, 1.0]), NUMBER, []),
        (["1.5"], np.array([1.5]), NUMBER, []),
        ([2**62 + 1], np.array([2**62]), INTEGER, [0]),
        ([300], np.array([44], "i1"), INTEGER, [0]),
        ([2**63], np.array([2**63], "u8"), INTEGER, []),
        ([5, None], np.array([5.0, np.nan]), INTEGER, []),
        ([1.5], np.array([1]), INTEGER, [0]),
        ([True, False], np.array([True, True]), {"dtype": "boolean"}, [1]),
        (["a", None, ""], np.array(["a", None, None], object), STRING, [2]),
        ([1], np.array(["1"], object), STRING, []),
        ([[0.1, 0.2]], np.array([[0.1, 0.2]], "f4"), SINGLE, []),
        ([[0.1, 0.2]], np.array([[0.1, 0.2]], "f4"), {"dtype": "array"}, [0]),
        ([[1, 2], [3]], np.array([[1, 2], [3]], object), {"dtype": "array"}, []),
        ([[1, 2], [3]], np.array([[1, 2], [3, np.nan]]), {"dtype": "array"}, [1]),
        ([np.zeros((2, 2))], np.zeros((1, 4)), {"dtype": "array"}, [0]),
        ([["a", "b"]], np.array([["a", "c"]]), {"dtype": "array"}, [0]),
    ],
)
def test_a_column_differs_where_a_value_does(
    recorded: list[Any], came_back: np.ndarray, about: dict[str, Any], rows: list[int]
) -> None:
    assert differing(recorded, came_back, about).tolist() == rows


@pytest.mark.parametrize(
    ("recorded", "came_back", "fields"),
    [
        ({"a": 1}, {"a": 1.0}, []),
        ({"a": True}, {"a": 1}, ["x.a"]),
        ({"a": {"b": [1, {"c": 2}]}}, {"a": {"b": [1, {"c": 3}]}}, ["x.a.b[1].c"]),
        ({"a": [1, 2]}, {"a": [1]}, ["x.a"]),
        ({"a": None}, {}, ["x.a"]),
        ({}, {"a": None}, ["x.a"]),
        ({"a": {}}, {"a": None}, ["x.a"]),
        ({"a": "1"}, {"a": 1}, ["x.a"]),
        (None, {"a": 1}, ["x"]),
        (None, None, []),
    ],
)
def test_metadata_differ_at_the_field_that_differs(
    recorded: Any, came_back: Any, fields: list[str]
) -> None:
    assert [field for field, _, _ in metadata_differences(recorded, came_back, "x")] == fields


def test_a_report_shows_numbers_but_no_text() -> None:
    shown = [measured(value) for value in (np.float64(0.1), np.int8(3), None, [1], "alloy K7")]
    assert shown == ["0.1", "3", "nothing", "list of 1", "text of 8 characters"]
