"""An endstation behind a network that fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from .ending import compared
from .endstation import Endstation, Measuring
from .proxy import FaultProxy, Request


@dataclass
class Network:
    """An endstation whose shipper reaches Tiled through a proxy, and all that was measured."""

    endstation: Endstation
    proxy: FaultProxy
    children: list[Measuring] = field(default_factory=list)

    def measure(self, runs: int) -> Measuring:
        """Measure ``runs`` runs, other ones each time."""
        child = self.endstation.measure(len(self.children), runs)
        child.join()
        self.children.append(child)
        return child

    def assert_exactly_once(self) -> None:
        state = self.endstation.wait_until_shipped()
        found = compared(self.endstation, [one.acknowledged for one in self.children])
        assert found.clean(), found.problems
        assert state.refused() == {}


def first(count: int, *which: Callable[[Request], bool]) -> Callable[[Request], bool]:
    """Say yes to the first ``count`` requests of each kind."""
    met = Counter[Callable[[Request], bool]]()

    def decide(request: Request) -> bool:
        kinds = [kind for kind in which if kind(request) and met[kind] < count]
        met.update(kinds)
        return bool(kinds)

    return decide
