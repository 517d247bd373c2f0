"""What every room's tests share: a port for Channel Access, a twin, a folder to live in."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A machine that is busy makes no property wrong; and CI judges the change, not the dice.
settings.register_profile(
    "house",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("house")


def _free_port() -> int:
    """Port that is free for UDP and TCP at this moment."""
    while True:
        with socket.socket() as tcp, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            tcp.bind(("127.0.0.1", 0))
            try:
                udp.bind(tcp.getsockname())
            except OSError:
                continue
            return tcp.getsockname()[1]


# The client library reads these once in a process, when ophyd first makes a channel: so they are
# decided before any test module is imported, and the twin that these clients use has this port.
TWIN_PORT = _free_port()
os.environ.update(
    EPICS_CA_ADDR_LIST="127.0.0.1",
    EPICS_CA_AUTO_ADDR_LIST="NO",
    EPICS_CA_SERVER_PORT=str(TWIN_PORT),
    EPICS_CA_REPEATER_PORT=str(_free_port()),
)

from nanoterasu.twin import TwinProcess  # noqa: E402 - after the environment is set


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


@pytest.fixture
def fresh_twin(twin: TwinProcess) -> Iterator[TwinProcess]:
    """Yield the session's twin, just started; a test may kill, freeze or upset it."""
    yield twin.restart()
    twin.thaw()
    twin.restart()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
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
        rounds, documents, lost, duplicated, reordered = sums
        terminalreporter.section("faults")
        terminalreporter.write_line(
            f"{rounds} rounds, {documents} documents, {lost} lost, {duplicated} duplicated, "
            f"{reordered} reordered"
        )
