"""Documents that are plainly right skip the schema; every other gets the schema's own answer."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import Any

import event_model
import numpy as np
import pytest
from event_model import DocumentNames
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from nanoterasu.session._hot_path import cheaper_steps, plain_event, plain_page

SCHEMA = {
    name.name: event_model.schema_validators[name]
    for name in (DocumentNames.event, DocumentNames.event_page)
}


EVENT: dict[str, Any] = {
    "uid": "e",
    "descriptor": "d",
    "time": 1.0,
    "seq_num": 1,
    "data": {"x": 1.5, "image": "datum/1"},
    "timestamps": {"x": 1.0, "image": 1.0},
    "filled": {"image": False},
}
PAGE: dict[str, Any] = {
    "uid": ["e", "f"],
    "descriptor": "d",
    "time": [1.0, 2],
    "seq_num": [1, 2],
    "data": {"x": [1.5, 2], "image": ["datum/1", "datum/2"], "wave": np.zeros((2, 3))},
    "timestamps": {"x": [1.0, 2.0], "image": np.array([1.0, 2.0]), "wave": (1.0, 2.0)},
    "filled": {"image": [False, "datum/2"]},
}
DOCUMENTS = {"event": EVENT, "event_page": PAGE}


class Text(str):
    pass


class Convertible:
    """No array, and can be made one."""

    def __array__(self) -> Any:
        return np.zeros(2)

    def __len__(self) -> int:
        return 2

    def __getitem__(self, index: int) -> float:
        return [0.0, 0.0][index]


SCALARS: list[Any] = [
    *(None, True, False, 0, 1, -1, 2**70, 0.0, 1.5, float("nan"), float("inf"), 1j, "", "uid"),
    *(b"x", Text("t"), np.str_("t"), np.float64(1), np.float32(1), np.int64(1), np.bool_(True)),
    *(np.datetime64("2026-11-24"), Convertible()),
]
ARRAYS: list[Any] = [
    *(np.array(1.0), np.zeros(0), np.zeros(2), np.zeros((2, 3)), np.arange(2), np.ones(2, "f4")),
    *(np.array(["a", "b"]), np.array([True, False]), np.array([1.0, None], dtype=object)),
    *(np.ma.zeros(2), np.zeros(2, "M8[s]"), np.zeros(2, complex), range(2), {1, 2}),
    *([], (), [[1.0]], {}, {"x": 1}, OrderedDict(x=[1]), {7: [True]}, {"x": [7]}, {"x": [None]}),
]
VALUES = [*SCALARS, *ARRAYS, *([value] for value in SCALARS), (1.0,), (True,)]
FIELDS = [*EVENT, "note", 7]


def spoil(document: Any, field: Any, value: Any) -> Iterator[Any]:
    """Yield ``document`` with ``value`` in place of ``field``, and of each thing within it."""
    yield document | {field: value}
    inner = document.get(field)
    if isinstance(inner, dict):
        for key in (*inner, 7):
            yield document | {field: inner | {key: value}}
            if isinstance(column := inner.get(key), list):
                yield document | {field: inner | {key: [*column[:-1], value]}}
    elif isinstance(inner, list):
        yield document | {field: [*inner[:-1], value]}


def answer(validator: Any, document: Any) -> object:
    """What a validator makes of a document: nothing, or an error of some kind, words and place."""
    try:
        return validator.validate(document)
    except Exception as error:  # noqa: BLE001  whatever it is, the other must give the same
        path = list(getattr(error, "absolute_path", ()))
        return type(error), getattr(error, "message", str(error.args)), path


def assert_same_answer(name: str, document: Any) -> None:
    with cheaper_steps():
        found = answer(event_model.schema_validators[DocumentNames[name]], document)
    assert found == answer(SCHEMA[name], document)


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_with_one_strange_value_gets_the_same_answer(name: str, field: Any) -> None:
    for value in VALUES:
        for document in spoil(DOCUMENTS[name], field, value):
            assert_same_answer(name, document)


@pytest.mark.parametrize("name", DOCUMENTS)
@given(data=st.data())
def test_a_document_with_several_strange_values_gets_the_same_answer(
    name: str, data: st.DataObject
) -> None:
    document = DOCUMENTS[name]
    for field in data.draw(st.lists(st.sampled_from(FIELDS), max_size=4)):
        ways = list(spoil(document, field, data.draw(st.sampled_from(VALUES))))
        document = data.draw(st.sampled_from(ways))
    without = data.draw(st.sets(st.sampled_from(FIELDS), max_size=1))
    document = {key: value for key, value in document.items() if key not in without}
    assert_same_answer(name, data.draw(st.sampled_from([dict, OrderedDict, list]))(document))


@pytest.mark.parametrize(("name", "is_plain"), [("event", plain_event), ("event_page", plain_page)])
def test_what_is_plainly_right_does_not_wait_for_the_schema(
    name: str, is_plain: Callable[[Any], bool]
) -> None:
    assert is_plain(DOCUMENTS[name])


@pytest.mark.parametrize("place", [0, 50_000, 99_999])
@pytest.mark.parametrize(
    ("field", "wrong"), [("seq_num", 1.5), ("time", "noon"), ("uid", 7), ("filled", 0)]
)
def test_one_wrong_value_in_a_long_page_is_found_wherever_it_is(
    field: str, wrong: Any, place: int
) -> None:
    rows = 100_000
    page: dict[str, Any] = {key: [PAGE[key][0]] * rows for key in ("uid", "time", "seq_num")}
    page |= {"descriptor": "d", "data": {"x": [0.5] * rows}, "timestamps": {"x": [0.5] * rows}}
    page["filled"] = {"x": [False] * rows}
    column = page["filled"]["x"] if field == "filled" else page[field]
    assert plain_page(page)
    column[place] = wrong
    assert not plain_page(page)


@pytest.mark.parametrize(
    ("what", "text", "known"),
    [
        ("the schema of an event", json.dumps(SCHEMA["event"].schema), "1ac4b18a4f612fa8"),
        ("the schema of a page", json.dumps(SCHEMA["event_page"].schema), "30072be73493889a"),
        (
            "what event-model takes for an array",
            inspect.getsource(event_model._is_array),
            "2ddb9029e789bdbd",
        ),
    ],
    ids=["event", "page", "array"],
)
def test_the_schema_is_the_one_that_this_was_written_for(what: str, text: str, known: str) -> None:
    found = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert found == known, (
        f"{what} has changed: see that plain_event and plain_page in session/_hot_path.py take "
        "nothing that it refuses, and whether docs/upstream/12-page-schema-by-number.md was "
        f"answered; then put {found!r} here."
    )


def test_the_schema_is_read_as_its_draft_says() -> None:
    for validator in SCHEMA.values():
        assert validator.META_SCHEMA == Draft202012Validator.META_SCHEMA
