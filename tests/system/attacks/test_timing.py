"""How long an answer takes is no oracle either: both cases fall into one class.

The bounds are wide, since a loaded machine is a noisy clock; what they catch is an answer that does
the work (opens a table, counts a group, hashes a password) in one case only.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from functools import partial

import httpx
import pytest

from .asking import Probe
from .canaries import Target, invented
from .house import House
from .principals import Principal
from .routes import ARRAY, RUN, TABLE
from .searches import FILTERS

pytestmark = pytest.mark.system

PAIRS = 20
RATIO = 1.6

QUESTIONS = {
    "metadata": Probe("GET /api/v1/metadata/{path}", RUN),
    "metadata of a group": Probe("GET /api/v1/metadata/{path}", "{tag}"),
    "search of a group": Probe("GET /api/v1/search/{path}", "{tag}"),
    "search for a uid": Probe("GET /api/v1/search/{path}", f"?{FILTERS[5]}"),
    "table": Probe("GET /api/v1/table/full/{path}", TABLE),
    "array": Probe("GET /api/v1/array/full/{path}", ARRAY),
    "export": Probe("GET /api/v1/container/full/{path}", f"{RUN}?format=json"),
}


def medians(first: Callable[[], object], second: Callable[[], object], pairs: int) -> list[float]:
    """Return the median time [s] of each, asked in turn so that both meet the same load."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(2 * pairs):
        # Which of the two goes first changes, so that neither always finds a warm server.
        which = (number + number // 2) % 2
        began = time.perf_counter()
        (first, second)[which]()
        times[which].append(time.perf_counter() - began)
    return [statistics.median(one) for one in times]


def in_one_class(first: Callable[[], object], second: Callable[[], object], pairs: int) -> bool:
    """Return whether two questions take equally long; a doubt is cleared by asking again."""
    for _ in range(3):
        shorter, longer = sorted(medians(first, second, pairs))
        if longer < RATIO * shorter:
            return True
    return False


@pytest.mark.parametrize(
    ("name", "question"),
    [
        *(("rival company", question) for question in QUESTIONS),
        *(("anonymous", question) for question in ("metadata", "search for a uid")),
    ],
)
def test_a_foreign_run_takes_as_long_as_one_that_does_not_exist(
    principals: dict[str, Principal], targets: dict[str, Target], name: str, question: str
) -> None:
    target = targets["unit-U1"]
    ask = partial(QUESTIONS[question].ask, principals[name])
    assert in_one_class(partial(ask, target), partial(ask, invented(target)), PAIRS)


def test_a_run_that_one_may_read_takes_longer_so_that_the_clock_can_tell(
    principals: dict[str, Principal], targets: dict[str, Target]
) -> None:
    target = targets["unit-U1"]
    ask = partial(QUESTIONS["export"].ask, principals["owner"])
    assert not in_one_class(partial(ask, target), partial(ask, invented(target)), 6)


def test_a_wrong_password_takes_as_long_as_an_unknown_login(house: House) -> None:
    def try_to_enter(login: str) -> None:
        form = {"grant_type": "password", "username": login, "password": "guess"}
        answer = http.post("/api/v1/auth/provider/house/token", data=form)
        assert answer.status_code == 401

    with httpx.Client(base_url=house.site, timeout=30) as http:
        assert in_one_class(
            partial(try_to_enter, "owner"), partial(try_to_enter, "nobody-here"), 10
        )
