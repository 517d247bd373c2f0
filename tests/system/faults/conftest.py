"""What every fault is tried on: endstations whose processes are forked, killed and restarted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from .endstation import Endstation, fork_server
from .network import Network
from .proxy import FaultProxy


@pytest.fixture(scope="session")
def forks() -> Iterator[ForkServerContext]:
    """Forks children that have imported everything."""
    root = str(Path(__file__).parents[__name__.count(".")])  # where children find these modules
    sys.path.append(root)
    yield fork_server(root)
    sys.path.remove(root)


@pytest.fixture
def endstations(forks: ForkServerContext, tmp_path: Path) -> Iterator[Callable[..., Endstation]]:
    """Make endstations, and end them after the test."""
    with ExitStack() as opened:
        yield lambda **more: opened.enter_context(
            closing(Endstation(forks, tmp_path / f"home-{len(list(tmp_path.iterdir()))}", **more))
        )


@pytest.fixture
def endstation(endstations: Callable[..., Endstation]) -> Endstation:
    """An endstation with nothing started."""
    return endstations()


@pytest.fixture(scope="session")
def archive(
    forks: ForkServerContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Endstation]:
    """A Tiled that takes the spools of all tests which need none of their own."""
    folder = tmp_path_factory.mktemp("archive") / "home"
    with closing(Endstation(forks, folder)) as archive:
        archive.start("tiled")
        yield archive


@pytest.fixture(scope="module")
def network(
    forks: ForkServerContext, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Network]:
    folder = tmp_path_factory.mktemp("network") / "home"
    with (
        FaultProxy(lambda: endstation.home.uri()) as proxy,
        closing(Endstation(forks, folder, uri=proxy.uri)) as endstation,
    ):
        endstation.start("tiled")
        endstation.start("shipper")
        yield Network(endstation, proxy)
