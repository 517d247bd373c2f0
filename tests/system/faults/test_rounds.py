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
from typing import Any, Self

import pytest

from nanoterasu.twin import TwinProcess

from .compare import spool_keeps, tiled_holds
from .endstation import Endstation
from .measure import Document

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

ROUNDS = int(os.environ.get("NANOTERASU_FAULT_ROUNDS", "100"))
SEED = int(os.environ.get("NANOTERASU_FAULT_SEED", "4000"))
IN_A_BATCH = 25
AT_THE_TWIN = 20  # every so many rounds measure at the twin in a whole session
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


@dataclass(frozen=True, slots=True)
class Round:
    """What is killed, and when.

    Attributes
    ----------
    seed : int
        Everything follows from it.
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
        at_the_twin = seed % AT_THE_TWIN == 0
        return cls(
            seed,
            at_the_twin,
            chance.choice((1, 1, 1, 1, 1, 1, 1, 2)),
            chance.choice(_TWIN if at_the_twin else _SOFT),
            chance.randrange(12 if at_the_twin else 40),
            chance.choice((0.0, chance.uniform(0.0, 0.01), chance.uniform(0.0, 0.3))),
            chance.random() < 0.5,
        )


def play(round_: Round, endstation: Endstation, twin: Callable[[], TwinProcess]) -> list[Document]:
    """Measure, kill, start again; return what was acknowledged."""
    services = [name for name in ("shipper", "tiled") if name in round_.victims]
    if round_.at_the_twin:
        child = endstation.measure_at(twin(), round_.seed)
    else:
        child = endstation.measure(round_.seed, round_.runs)
    child.wait_for(round_.after)
    _PAUSE.wait(round_.delay)
    if "ioc" in round_.victims:
        twin().kill()
    if "session" in round_.victims:
        child.process.kill()
    endstation.kill(*services)
    for name in services if round_.shipper_first else reversed(services):
        endstation.start(name)
    if "ioc" in round_.victims:
        twin().start()
    child.join()
    if not {"session", "ioc"} & set(round_.victims):
        assert child.process.exitcode == 0, round_
    return child.acknowledged


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


@pytest.mark.parametrize("first", range(SEED, SEED + ROUNDS, IN_A_BATCH))
def test_nothing_is_lost_duplicated_or_reordered_whatever_is_killed(
    endstation: Endstation,
    twin: Callable[[], TwinProcess],
    first: int,
    record_property: Callable[[str, object], None],
) -> None:
    rounds = [Round.of(seed) for seed in range(first, min(first + IN_A_BATCH, SEED + ROUNDS))]
    for name in ("tiled", "shipper"):
        endstation.start(name)
    told = [play(one, endstation, twin) for one in rounds]
    state = endstation.wait_until_shipped()
    found = spool_keeps(endstation.spool, told)
    documents = found.documents
    found += tiled_holds(endstation.spool, endstation.home.uri(), endstation.home.key())
    found.rounds, found.documents = len(rounds), documents
    record_property("faults", [found.rounds, documents, *_wrong(found)])
    assert state.refused() == {}
    assert found.clean(), "\n".join([*found.problems[:20], *map(str, rounds)])


def _wrong(found: Any) -> list[int]:
    return [found.lost + found.changed, found.duplicated, found.reordered]
