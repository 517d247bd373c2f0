"""The proxy of ``deploy/haproxy``, on ports of the tests' own."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import httpx
import pytest

from .waiting import PAUSE

CONFIGURATION = Path(__file__).parents[3] / "deploy" / "haproxy" / "haproxy.cfg"
MISSING = "There is no haproxy: as root, `make deploy-test` installs it with apt-get."


def haproxy() -> str:
    """Return the program; fail where there is none."""
    program = shutil.which("haproxy", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
    return program or pytest.fail(MISSING)


class Proxy:
    """A proxy before ``servers``, which answers when `start` returns.

    Parameters
    ----------
    folder
        Takes its configuration.
    port
        Of its door.
    servers
        Ports of what stands behind it, two.
    """

    def __init__(self, folder: Path, port: int, servers: Sequence[int]) -> None:
        self.uri = f"http://127.0.0.1:{port}/api/v1"
        self._configuration = folder / "haproxy.cfg"
        text = CONFIGURATION.read_text()
        # Account, jail and log are the machine's.
        text, changed = re.subn(r"(?s)^global\n.*?(?=^defaults)", "", text, flags=re.MULTILINE)
        assert changed == 1
        for given, here in zip((8000, 8001, 8002), (port, *servers), strict=True):
            assert text.count(f"127.0.0.1:{given}") in (1, 2)  # once in a comment
            text = text.replace(f"127.0.0.1:{given}", f"127.0.0.1:{here}")
        self._configuration.write_text(text)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._process.pid if self._process else None

    def start(self, *, wait: bool = True) -> None:
        """Start it; with ``wait`` until one of its servers answers through it."""
        self._process = subprocess.Popen([haproxy(), "-db", "-f", str(self._configuration)])
        while wait and not answers(self.uri):
            assert self._process.poll() is None, "haproxy ended"

    def kill(self) -> None:
        """End it as a crash would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()


def answers(uri: str, patience: float = 30.0) -> bool:
    """Return whether a server answers at ``uri`` within ``patience`` [s]."""
    until = time.monotonic() + patience
    while time.monotonic() < until:
        try:
            if httpx.get(f"{uri.removesuffix('/api/v1')}/healthz", timeout=5).status_code == 200:
                return True
        except httpx.TransportError:
            pass  # not yet
        PAUSE.wait(0.1)
    return False
