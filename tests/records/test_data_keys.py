"""What no catalog can hold is refused while nothing has moved yet."""

from __future__ import annotations

from typing import Any

import pytest

from nanoterasu.records import UnstorableKeys, check_data_keys

NUMBER: dict[str, Any] = {"dtype": "number", "shape": []}


@pytest.mark.parametrize("key", ["i0", "I0", "mono_energy", "sample x-y", "_private", "zé", "a[1]"])
def test_an_ordinary_name_passes(key: str) -> None:
    check_data_keys({key: NUMBER}, device="det")


@pytest.mark.parametrize("key", [*"()'\";=+%./\\`", "a--b", "a/*b", "1st", "é", ""])
def test_a_name_that_tiled_refuses_is_refused(key: str) -> None:
    name = key if len(key) != 1 or key.isalnum() else f"a{key}b"
    with pytest.raises(UnstorableKeys, match=r"det cannot be recorded.*no name for a column"):
        check_data_keys({name: NUMBER}, device="det")


@pytest.mark.parametrize(
    ("keys", "reason"),
    [
        (["I0", "i0"], "differ in case only"),
        (["x", "ts_x"], "collide with a column of instants"),
        (["TS_x", "x"], "collide with a column of instants"),
        (["time"], "a name that the catalog needs for itself"),
        (["Seq_Num"], "a name that the catalog needs for itself"),
        (["arrival"], "a name that the catalog needs for itself"),
        (["x" * 61], "longer than 60 bytes"),
    ],
)
def test_names_that_collide_in_a_table_are_refused(keys: list[str], reason: str) -> None:
    with pytest.raises(UnstorableKeys, match=reason):
        check_data_keys(dict.fromkeys(keys, NUMBER), device="det")


@pytest.mark.parametrize(("kind", "reason"), [("|O", "only a file"), ("<zz", "no type of numpy's")])
def test_a_type_that_no_column_takes_is_refused(kind: str, reason: str) -> None:
    about = {"dtype": "array", "shape": [3], "dtype_numpy": kind}
    with pytest.raises(UnstorableKeys, match=reason):
        check_data_keys({"x": about}, device="det")
    check_data_keys({"x": about | {"external": "STREAM:"}}, device="det")
