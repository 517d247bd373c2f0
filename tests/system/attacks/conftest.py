"""One house for all attacks, everybody at its door, and the counts at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import pytest

from .asking import Tally
from .bare import BareTiled
from .canaries import Target
from .house import BYSTANDER, House
from .principals import Principal, everybody


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    try:
        house.open()
        yield house
    finally:
        house.close()


@pytest.fixture(scope="package")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BareTiled]:
    """Tiled without this house, on a port and in a folder of its own."""
    with BareTiled(tmp_path_factory.mktemp("bare")) as bare:
        yield bare


@pytest.fixture(scope="package")
def principals(house: House) -> Iterator[dict[str, Principal]]:
    with everybody(house) as principals:
        yield principals


@pytest.fixture(scope="package")
def targets(house: House, principals: dict[str, Principal]) -> dict[str, Target]:
    """The run of each tag, with a bystander's session, principal and key to name in requests."""
    answer = principals[BYSTANDER].http.get("/api/v1/auth/whoami")
    assert answer.status_code == 200, answer.text
    about = answer.json()
    secrets = {
        "session": about["sessions"][0]["uuid"],
        "principal": about["uuid"],
        "key": about["api_keys"][0]["first_eight"],
    }
    return {tag: replace(target, secrets=secrets) for tag, target in house.targets.items()}


@pytest.fixture(scope="package")
def content(principals: dict[str, Principal]) -> Callable[[Target], Mapping[str, bytes]]:
    """What a run holds, as one sees it who reads all runs of its tag."""

    def content_of(target: Target) -> Mapping[str, bytes]:
        reader = next(one for one in principals.values() if target.tag in one.may_read)
        run = f"{target.tag}/{target.uid}"
        paths = (
            f"/api/v1/metadata/{run}",
            f"/api/v1/table/full/{run}/primary/internal?format=text/csv",
            f"/api/v1/array/full/{run}/primary/picture",
        )
        answers = {path: reader.http.get(path) for path in paths}
        assert {answer.status_code for answer in answers.values()} == {200}
        return {path: answer.content for path, answer in answers.items()}

    return content_of


@pytest.fixture(scope="package")
def tally(say: Callable[[str], None]) -> Iterator[Tally]:
    """Count what is tried, and say it at the end."""
    tally = Tally()
    yield tally
    say(tally.line())
    for leak in tally.leaks[:20]:
        say(f"  {leak}")
