from __future__ import annotations

import pytest

from .app_routes import routes_of
from .asking import Probe, foreign_words, probes, told
from .canaries import Target, invented
from .house import House
from .principals import Principal
from .routes import ROUTES, SERVED, SHUT

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def there(house: House) -> frozenset[str]:
    return routes_of(house.home)


def test_every_route_of_the_running_server_has_its_attacks(there: frozenset[str]) -> None:
    unknown = sorted(there - set(ROUTES))
    assert not unknown, f"New in Tiled: look at {unknown}, and add each to routes.py"


def test_no_attack_is_on_a_route_that_is_gone(there: frozenset[str]) -> None:
    assert not sorted(set(ROUTES) - there)


@pytest.mark.parametrize("name", ["owner", "staff on duty", "anonymous"])
def test_what_is_shut_is_shut_for_everybody(
    principals: dict[str, Principal], targets: dict[str, Target], name: str
) -> None:
    passed = [
        f"{probe}: {status}"
        for probe in probes(SHUT)
        if (status := probe.ask(principals[name], targets["unit-U1"]).status_code) != 404
    ]
    assert not passed


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE", "PROPFIND"])
def test_a_method_that_no_route_declares_tells_nothing_either(
    principals: dict[str, Principal], targets: dict[str, Target], method: str
) -> None:
    rival, real = principals["rival company"], targets["unit-U1"]
    other = invented(real)
    paths = {probe.route.split(" ")[1]: probe.rest for probe in probes(SERVED) if probe.rest}
    for path, rest in paths.items():
        probe = Probe(f"{method} {path}", rest)
        answer = probe.ask(rival, real)
        assert foreign_words(answer, [real]) == []
        assert told(answer, real) == told(probe.ask(rival, other), other), str(probe)
