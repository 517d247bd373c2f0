from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest

from nanoterasu.records._cursors import Cursors

CURSORS = Cursors(b"secret")


@pytest.mark.parametrize("number", [0, 1, 10**6, 2**63])
def test_a_mark_comes_back_as_its_number_and_shows_none(number: int) -> None:
    mark = CURSORS.seal(number)
    assert CURSORS.unseal(mark) == str(number)
    assert CURSORS.seal(number) == mark
    assert not mark[0].isdigit()


@pytest.mark.parametrize("mark", ["", "0", "42", "m", "zz", "m" + "00" * 16, "m" + "00" * 400])
def test_a_mark_of_ones_own_making_is_unknown(mark: str) -> None:
    assert CURSORS.unseal(mark) is None
    assert Cursors(b"another").unseal(CURSORS.seal(42)) is None


def test_no_two_marks_tell_how_far_apart_their_numbers_are() -> None:
    hidden = [int(CURSORS.seal(number)[17:], 16) for number in range(5)]
    assert len({later - earlier for earlier, later in pairwise(hidden)}) == 4


@pytest.mark.parametrize("name", ["page[cursor]", "page%5Bcursor%5D", "%70age[cursor]"])
def test_a_query_is_opened_in_every_spelling(name: str) -> None:
    query = f"sort=a&{name}={CURSORS.seal(7)}&x=".encode()
    assert CURSORS.open_query(query) == b"sort=a&page%5Bcursor%5D=7&x="
    assert CURSORS.open_query(f"{name}=7".encode()) is None


def test_a_query_without_a_mark_passes_as_it_is() -> None:
    assert CURSORS.open_query(b"page[limit]=1&%zz") == b"page[limit]=1&%zz"


def test_every_link_of_an_answer_is_hidden() -> None:
    link = "http://x/search/a?page[cursor]=41&page[limit]=1"
    content: Any = {"links": {"self": link, "next": link, "prev": None}, "data": []}
    CURSORS.hide(content)
    assert "cursor]=41" not in str(content)
    assert content["links"]["prev"] is None
    for other in ({"data": []}, {"links": None}, None, []):
        CURSORS.hide(other)
