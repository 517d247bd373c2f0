"""A value takes the type that its descriptor declares, or says why it cannot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanoterasu.records._columns import ARRIVAL, Columns, Unstorable, Wider

SCALAR: dict[str, Any] = {"shape": []}


def event(number: int = 1, **data: Any) -> dict[str, Any]:
    stamps = dict.fromkeys(data, float(number))
    return {"seq_num": number, "time": float(number), "data": data, "timestamps": stamps}


def columns(dtype: str, wider: str | None = None, **about: Any) -> Columns:
    keys = {"x": {"dtype": dtype, **SCALAR, **about}}
    return Columns(keys, {"x": wider} if wider else {})


def stored(dtype: str, *values: Any, wider: str | None = None, **about: Any) -> Any:
    made = columns(dtype, wider, **about)
    for number, value in enumerate(values, 1):
        made.add(event(number, x=value))
    table = made.table()
    return table["x"].to_pylist() if "x" in table.column_names else made.arrays["x"]


@pytest.mark.parametrize(
    ("dtype", "values", "expected"),
    [
        ("number", [0, 0.5, np.float32(0.25), True, None], [0.0, 0.5, 0.25, 1.0, None]),
        ("integer", [1, np.int16(2), 3.0, True, None], [1, 2, 3, 1, None]),
        ("integer", [2**63 - 1, -(2**63)], [2**63 - 1, -(2**63)]),
        ("boolean", [True, np.bool_(False), 1, None], [True, False, True, None]),
        ("string", ["plus", np.str_("minus"), "", None], ["plus", "minus", "", None]),
    ],
)
def test_values_take_the_declared_type(dtype: str, values: list[Any], expected: list[Any]) -> None:
    found = stored(dtype, *values)
    assert found == expected
    assert list(map(type, found)) == list(map(type, expected))


@pytest.mark.parametrize(
    ("dtype", "value", "reason"),
    [
        ("number", "3.5", "is declared a number and is a str"),
        ("number", 1j, "is declared a number and is a complex"),
        ("number", [1.0, 2.0], r"is declared a number and is a list of shape \(2,\)"),
        ("integer", 2**64, "of more than 64 bits"),
        ("boolean", "yes", "is declared a boolean and is a str"),
        ("string", b"raw", "is declared a string and is a bytes"),
        ("array", 5.0, "is no array"),
        ("array", [{"a": 1}], "is no array"),
    ],
)
def test_a_value_without_a_place_is_refused_without_being_told(
    dtype: str, value: Any, reason: str
) -> None:
    made = columns(dtype)
    with pytest.raises(Unstorable, match=reason):
        made.add(event(x=value))
    assert len(made) == 0


@pytest.mark.parametrize("value", [2.5, float("nan"), float("inf"), 1e300])
def test_a_fraction_among_integers_asks_for_a_column_of_numbers(value: float) -> None:
    made = columns("integer")
    made.add(event(1, x=1))
    with pytest.raises(Wider) as asked:
        made.add(event(2, x=value))
    assert (asked.value.key, asked.value.kind) == ("x", "number")
    found = stored("integer", 1, value, wider="number")
    assert found[0] == 1.0
    assert found[1] == value or found[1] != found[1]


@pytest.mark.parametrize("missing", ["x", "y"])
def test_an_event_lacks_no_key_and_has_none_too_many(missing: str) -> None:
    keys = {key: {"dtype": "number", **SCALAR} for key in ("x", "y")}
    with pytest.raises(Unstorable, match="lacks the data keys"):
        Columns(keys, {}).add(event(**{"x": 1, "y": 2, missing: 3}) | {"data": {"x": 1}})
    with pytest.raises(Unstorable, match="does not name"):
        Columns({"x": keys["x"]}, {}).add(event(x=1, y=2))


def test_a_page_is_taken_whole_or_not_at_all() -> None:
    made = columns("number")
    page = {
        "seq_num": [1, 2, 3],
        "time": [1.0, 2.0, 3.0],
        "data": {"x": np.array([0.5, 1.5, 2.5])},
        "timestamps": {"x": [1, 2, 3]},
    }
    made.add_page(page)
    assert made.table()["x"].to_pylist() == [0.5, 1.5, 2.5]
    with pytest.raises(Unstorable):
        made.add_page(page | {"seq_num": [4, 5, 6], "data": {"x": [0.5, "a", 1.5]}})
    with pytest.raises(Unstorable, match="differ in length"):
        made.add_page(page | {"seq_num": [4, 5]})
    assert len(made) == 3


def test_rows_of_a_plan_that_went_back_carry_the_order_in_which_they_came() -> None:
    made = columns("number")
    for number in (1, 2, 3):
        made.add(event(number, x=number))
    with pytest.raises(Wider) as asked:
        made.add(event(2, x=2.5))
    assert (asked.value.key, asked.value.kind) == ("seq_num", ARRIVAL)
    again = Columns({"x": {"dtype": "number", **SCALAR}}, {"seq_num": ARRIVAL})
    for number in (1, 2, 3, 2, 3):
        again.add(event(number, x=number))
    assert again.table()[ARRIVAL].to_pylist() == [0, 1, 2, 3, 4]
    assert again.order_by == [ARRIVAL]


# Arrays.


def block(column: Any) -> np.ndarray:
    return column.block(column.values)


def test_integers_in_an_undeclared_array_become_numbers_as_fractions_may_follow() -> None:
    found = block(stored("array", [1, 2], [1.5, 2], shape=[2]))
    assert found.dtype == np.float64
    np.testing.assert_array_equal(found, [[1, 2], [1.5, 2]])


def test_a_declared_type_is_kept_and_one_that_does_not_suffice_is_widened() -> None:
    about = {"shape": [2], "dtype_numpy": "<u2"}
    assert block(stored("array", [1, 2], np.array([3, 4], "u1"), **about)).dtype == np.uint16
    with pytest.raises(Wider) as asked:
        stored("array", [1, 2], [0.5, 70000], **about)
    assert asked.value.kind == "<f8"
    assert block(stored("array", [1, 2], [0.5, 7e4], wider="<f8", **about)).tolist()[1][1] == 7e4


def test_longer_strings_widen_the_array_rather_than_being_cut() -> None:
    short, long = ["ab", "c"], ["x" * 100, ""]
    with pytest.raises(Wider) as asked:
        stored("array", short, long, shape=[2], dtype_numpy="<U2")
    found = block(stored("array", short, long, shape=[2], wider=asked.value.kind))
    assert found.tolist() == [short, long]


@pytest.mark.parametrize("declared", [[3], [None]])
def test_arrays_of_several_lengths_are_padded_and_tell_their_lengths(declared: list[Any]) -> None:
    rows, kind, made = [[1.0, 2.0, 3.0], [], [4.0, np.nan]], None, None
    for _ in range(4):  # each try may teach the next
        try:
            made = columns("array", kind, shape=declared)
            for number, row in enumerate(rows, 1):
                made.add(event(number, x=row))
            break
        except Wider as asked:
            kind = asked.kind
    assert made is not None
    assert made.table()["length_x"].to_pylist() == [3, 0, 2]
    found = block(made.arrays["x"])
    for row, padded in zip(rows, found, strict=True):
        np.testing.assert_array_equal(padded[: len(row)], row)
        assert np.isnan(padded[len(row) :]).all()
