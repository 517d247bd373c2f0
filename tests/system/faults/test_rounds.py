"""Whatever is killed, whenever: no document is lost, duplicated or reordered.

``make faults`` runs 1,000 rounds.  A round follows from its seed; to run the round with seed 17
alone: ``NANOTERASU_FAULT_SEED=17 NANOTERASU_FAULT_ROUNDS=1``.
"""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Self

import pytest

from nanoterasu.twin import TwinProcess

from .ending import compared
from .endstation import Endstation
from .measure import Document

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

ROUNDS = int(os.environ.get("NANOTERASU_FAULT_ROUNDS", "100"))
SEED = int(os.environ.get("NANOTERASU_FAULT_SEED", "4000"))
IN_A_BATCH = 25
AT_THE_TWIN = 20  # every so many rounds measure at the twin in a whole session
ON_POSTGRESQL = 4  # every so many batches stand on PostgreSQL
_PAUSE = threading.Event()  # never set

_SOFT = (
    ("session",),
    ("shipper",),
    ("tiled",),
    ("shipper", "tiled"),
    ("session", "shipper"),
    ("session", "shipper", "tiled"),
)
_TWIN = (("ioc",), ("session",), ("session", "shipper", "tiled", "ioc"))
_SOFT_ON_POSTGRESQL = (
    ("postgresql",),
    ("session",),
    ("tiled",),
    ("session", "postgresql"),
    ("shipper", "postgresql"),
    ("tiled", "postgresql"),
    ("session", "shipper", "tiled", "postgresql"),
)
_TWIN_ON_POSTGRESQL = (("ioc",), ("session", "shipper", "tiled", "ioc", "postgresql"))


@dataclass(frozen=True, slots=True)
class Round:
    """What is killed, and when.

    Attributes
    ----------
    seed : int
        Everything follows from it.
    on_postgresql : bool
        Whether Tiled's databases stand on a PostgreSQL server.
    at_the_twin : bool
        Whether a whole session measures at the twin.
    runs : int
        How many are measured, if there is time.
    victims : tuple of str
        All killed at once.
    after : int
        Documents that are acknowledged first.
    delay : float
        What passes after that, so that it also hits the middle of a document [s].
    shipper_first : bool
        Whether the shipper is back before Tiled.
    """

    seed: int
    on_postgresql: bool
    at_the_twin: bool
    runs: int
    victims: tuple[str, ...]
    after: int
    delay: float
    shipper_first: bool

    @classmethod
    def of(cls, seed: int) -> Self:
        """Return the round of a seed."""
        chance = random.Random(seed)
        on_postgresql = seed // IN_A_BATCH % ON_POSTGRESQL == ON_POSTGRESQL - 2
        at_the_twin = seed % AT_THE_TWIN == 0
        if on_postgresql:
            victims = _TWIN_ON_POSTGRESQL if at_the_twin else _SOFT_ON_POSTGRESQL
        else:
            victims = _TWIN if at_the_twin else _SOFT
        return cls(
            seed,
            on_postgresql,
            at_the_twin,
            chance.choice((1, 1, 1, 1, 1, 1, 1, 2)),
            chance.choice(victims),
            chance.randrange(12 if at_the_twin else 40),
            chance.choice((0.0, chance.uniform(0.0, 0.01), chance.uniform(0.0, 0.3))),
            chance.random() < 0.5,
        )


def play(round_: Round, endstation: Endstation, twin: Callable[[], TwinProcess]) -> list[Document]:
    """Measure, kill, start again; return what was acknowledged."""
    services = [name for name in ("postgresql", "tiled") if name in round_.victims]
    if "shipper" in round_.victims:
        services.insert(0 if round_.shipper_first else len(services), "shipper")
    if round_.at_the_twin:
        child = endstation.measure_at(twin(), round_.seed)
    else:
        child = endstation.measure(round_.seed, round_.runs, frames=True)
    child.wait_for(round_.after)
    _PAUSE.wait(round_.delay)
    if "ioc" in round_.victims:
        twin().kill()
    if "session" in round_.victims:
        child.process.kill()
    endstation.kill(*services)
    for name in services:
        endstation.start(name)
    if "ioc" in round_.victims:
        twin().start()
    child.join()
    if not {"session", "ioc"} & set(round_.victims):
        assert child.process.exitcode == 0, round_
    return child.acknowledged


def batches(first: int, end: int) -> list[range]:
    """Return the seeds of the rounds that share an endstation, whatever ``first`` is."""
    together = groupby(range(first, end), lambda seed: seed // IN_A_BATCH)
    return [range(seeds[0], seeds[-1] + 1) for seeds in (list(some) for _, some in together)]


@pytest.fixture
def twin() -> Any:
    """Return the twin, started when it is first asked for."""
    with ExitStack() as opened:
        started: list[TwinProcess] = []

        def ask() -> TwinProcess:
            if not started:
                started.append(opened.enter_context(TwinProcess("BL13U", speed=50.0)))
            return started[0]

        yield ask


@pytest.mark.parametrize("seeds", batches(SEED, SEED + ROUNDS), ids=lambda seeds: str(seeds[0]))
def test_nothing_is_lost_duplicated_or_reordered_whatever_is_killed(
    endstations: Callable[..., Endstation],
    twin: Callable[[], TwinProcess],
    seeds: range,
    record_property: Callable[[str, object], None],
) -> None:
    rounds = [Round.of(seed) for seed in seeds]
    endstation = endstations(on_postgresql=rounds[0].on_postgresql)
    for name in ("tiled", "shipper"):
        endstation.start(name)
    told = [play(one, endstation, twin) for one in rounds]
    state = endstation.wait_until_shipped()
    found = compared(endstation, told)
    wrong = [found.lost + found.changed + found.unverified, found.duplicated, found.reordered]
    record_property("faults", [len(rounds), found.documents, found.frames, *wrong])
    assert state.refused() == {}
    assert found.clean(), "\n".join([*found.problems[:20], *map(str, rounds)])
