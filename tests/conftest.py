"""What every room's tests share: a port for Channel Access, a twin, a folder to live in."""

from __future__ import annotations

import os
import random
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadFileScheduling

# A machine that is busy makes no property wrong; and CI judges the change, not the dice.
settings.register_profile(
    "house",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


def _free_port() -> int:
    """Port that is free for UDP and TCP; none that the system hands out while the twin is off."""
    while True:
        address = ("127.0.0.1", random.randrange(20000, 32768))
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            try:
                tcp.bind(address)
                udp.bind(address)
            except OSError:
                continue
            return address[1]


# The client library reads these once in a process, when ophyd first makes a channel: so they are
# decided before any test module is imported.  The twins of these clients share the port, and each
# has an address of its own.
TWIN_PORT = _free_port()
TWIN_ADDRESSES = [f"127.0.0.{number}" for number in range(1, 12)]
os.environ.update(
    EPICS_CA_ADDR_LIST=" ".join(TWIN_ADDRESSES),
    EPICS_CA_AUTO_ADDR_LIST="NO",
    EPICS_CA_SERVER_PORT=str(TWIN_PORT),
    EPICS_CA_REPEATER_PORT=str(_free_port()),
)

from nanoterasu.twin import TwinProcess  # noqa: E402 - after the environment is set


class Dealing(LoadFileScheduling):
    """Deals out to workers: mostly files, whose tests share what one of them started."""

    together = ("tests/system/attacks/", "tests/system/reading/")  # a server for the folder
    apart = ("tests/system/faults/",)  # each test starts its own, and takes minutes

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(self.apart):
            return nodeid
        for folder in self.together:
            if nodeid.startswith(folder):
                return folder
        return super()._split_scope(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Dealing | None:
    return Dealing(config, log) if config.getoption("dist") == "loadfile" else None


SAID = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def say(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Have a line printed after the last test, also when a worker runs the test that says it."""
    of_a_worker: dict[str, Any] | None = getattr(pytestconfig, "workeroutput", None)
    if of_a_worker is not None:
        return of_a_worker.setdefault("said", []).append
    return pytestconfig.stash.setdefault(SAID, []).append


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    """Take over what a worker had to say; one that crashed says nothing."""
    said = getattr(node, "workeroutput", {}).get("said", [])
    node.config.stash.setdefault(SAID, []).extend(said)


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    _say_faults(terminalreporter)
    if said := config.stash.get(SAID, None):
        terminalreporter.section("measured")
        for line in said:
            terminalreporter.write_line(line)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Folder of a running system, closed to others."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture(scope="session")
def twin() -> Iterator[TwinProcess]:
    """The twin of BL13U, 50 times faster than the time, for the whole session.

    A test that leaves it dead, frozen or moved takes `fresh_twin` instead.
    """
    with TwinProcess("BL13U", port=TWIN_PORT, speed=50.0, seed=13) as process:
        yield process


@pytest.fixture(scope="session")
def twin_of(twin: TwinProcess) -> Iterator[Callable[[str], TwinProcess]]:
    """Return the twin of a beamline, by its code; each runs from its first use to the end."""
    with ExitStack() as stack:
        running = {twin.beamline: twin}

        def twin_of(code: str) -> TwinProcess:
            if code not in running:
                address = TWIN_ADDRESSES[len(running)]
                process = TwinProcess(code, address=address, port=TWIN_PORT, speed=50.0, seed=13)
                running[code] = stack.enter_context(process)
            return running[code]

        yield twin_of


@pytest.fixture
def fresh_twin(twin: TwinProcess) -> Iterator[TwinProcess]:
    """Yield the session's twin, just started; a test may kill, freeze or upset it."""
    yield twin.restart()
    twin.thaw()
    twin.restart()


def _say_faults(terminalreporter: pytest.TerminalReporter) -> None:
    """Say in one line how many rounds of faults were gone through; workers report them too."""
    counted = [
        value
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        for name, value in report.user_properties
        if name == "faults"
    ]
    if counted:
        sums = [sum(column) for column in zip(*counted, strict=True)]
        rounds, documents, frames, lost, duplicated, reordered = sums
        terminalreporter.section("faults")
        terminalreporter.write_line(
            f"{rounds} rounds, {documents} documents, {frames} frames, {lost} lost, "
            f"{duplicated} duplicated, {reordered} reordered"
        )
