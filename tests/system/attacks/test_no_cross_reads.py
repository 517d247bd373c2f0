"""Each principal asks for each run that is not theirs, on each route, in every way there is.

Every question is asked twice: of a run that exists, and of one that nobody ever made.  The two
answers have to agree in every byte, and neither may tell a word that its request did not name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from nanoterasu.facility import PUBLIC_TAG

from .asking import Probe, Tally, foreign_words, probes, told
from .canaries import Target, invented
from .house import BYSTANDER
from .principals import MAY_READ, Principal
from .routes import ROUTES, RUN, TABLE

pytestmark = pytest.mark.system

ALL = tuple(probes(ROUTES))
# What serves data to those who may read, and how a catalog is searched for one run.
CORE = tuple(
    probe
    for probe in ALL
    if (probe.route, probe.rest)
    in (
        ("GET /api/v1/metadata/{path}", RUN),
        ("GET /api/v1/table/full/{path}", TABLE),
        ("GET /api/v1/container/full/{path}", f"{RUN}?format=json"),
    )
    or (probe.route == "GET /api/v1/search/{path}" and probe.rest.startswith("?filter[eq]"))
)
# Everything is asked as these; as the others every route, in fewer ways.
THOROUGH = frozenset({"owner", "ex-member", "rival company", "anonymous"})


def brief() -> Iterator[Probe]:
    """Yield what is asked of every route: one question, and of a catalog that for one run."""
    for name in ROUTES:
        here = [probe for probe in ALL if probe.route == name]
        yield next((probe for probe in here if "{" in probe.rest), here[0])
    yield from (probe for probe in CORE if probe.route == "GET /api/v1/search/{path}")


BRIEF = tuple(brief())


@pytest.mark.parametrize("name", [name for name in MAY_READ if name != BYSTANDER])
def test_a_foreign_run_answers_like_one_that_does_not_exist(
    principals: dict[str, Principal], targets: dict[str, Target], tally: Tally, name: str
) -> None:
    principal = principals[name]
    foreign = [target for tag, target in targets.items() if tag not in principal.may_read]
    leaks: list[str] = []
    for number, target in enumerate(foreign):
        other = invented(target)
        first = ALL if name in THOROUGH else BRIEF
        for probe in first if number == 0 else CORE:
            real = probe.ask(principal, target)
            tally.requests += 1
            if words := foreign_words(real, foreign):
                leaks.append(f"{name}: {probe} on {target.tag} tells {words}")
            if probe.aims_at(target):
                tally.requests += 1
                if told(real, target) != told(fake := probe.ask(principal, other), other):
                    leaks.append(
                        f"{name}: {probe} tells {target.tag} from nothing: "
                        f"{real.status_code} {real.text[:150]!r} and "
                        f"{fake.status_code} {fake.text[:150]!r}"
                    )
    tally.principals.add(name)
    tally.routes.update(probe.route for probe in ALL)
    tally.runs.update(target.uid for target in foreign)
    tally.leaks += leaks
    assert foreign
    assert not leaks, "\n".join(leaks)


@pytest.mark.parametrize("name", [name for name, tags in MAY_READ.items() if tags - {PUBLIC_TAG}])
def test_who_may_read_is_served_by_the_same_requests(
    principals: dict[str, Principal], targets: dict[str, Target], tally: Tally, name: str
) -> None:
    principal = principals[name]
    for tag in principal.may_read & set(targets):
        seen = {
            probe.route
            for probe in CORE
            if f"the canary of {tag}"
            in foreign_words(probe.ask(principal, targets[tag]), [targets[tag]])
        }
        tally.sightings += len(seen)
        assert seen >= {
            "GET /api/v1/metadata/{path}",
            "GET /api/v1/table/full/{path}",
            "GET /api/v1/container/full/{path}",
        }


def test_the_owner_sees_the_canary_in_every_kind_of_answer(
    principals: dict[str, Principal], targets: dict[str, Target], tally: Tally
) -> None:
    seen = {
        probe.route
        for probe in ALL
        if foreign_words(probe.ask(principals["owner"], targets["unit-U1"]), [targets["unit-U1"]])
    }
    tally.sightings += len(seen)
    assert seen >= {
        f"{method} /api/v1/{kind}/{{path}}"
        for method, kind in (
            ("GET", "search"),
            ("GET", "distinct"),
            ("GET", "metadata"),
            ("GET", "array/full"),
            ("GET", "array/block"),
            ("GET", "table/full"),
            ("POST", "table/full"),
            ("GET", "table/partition"),
            ("GET", "container/full"),
        )
    }


@pytest.mark.parametrize("name", ["owner", "staff on duty", "public user", "anonymous"])
def test_a_reader_changes_nothing(
    principals: dict[str, Principal],
    targets: dict[str, Target],
    content: Callable[[Target], Mapping[str, bytes]],
    name: str,
) -> None:
    for tag in principals[name].may_read & set(targets):
        before = content(targets[tag])
        for probe in ALL:
            if "auth/" in probe.route or probe.route.startswith(("GET", "POST /api/v1/table")):
                continue
            answer = probe.ask(principals[name], targets[tag])
            if not probe.route.startswith("POST /api/v1/container"):
                assert answer.status_code in (401, 403, 404, 405, 422), str(probe)
        assert content(targets[tag]) == before
