"""Tiled servers and shippers forked from a process that has imported everything.

Importing takes four fifths of the processor's time that a server needs to start.  What runs is the
same: only `nanoterasu.records._lifeline.Child` is another.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from functools import cache
from importlib import import_module
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any

from nanoterasu.records._lifeline import Child

from .faults.endstation import fork_server, serve

ROOT = Path(__file__).parents[__name__.count(".")]  # where children find these modules


@cache
def forks() -> ForkServerContext:
    """Return what forks children, started when it is first asked for."""
    return fork_server(str(ROOT))


class ForkedChild(Child):
    """A `Child` whose module has been imported before it begins."""

    process: Any

    def __init__(self, module: str, arguments: Sequence[str], log: Path) -> None:
        hear, tell = forks().Pipe(duplex=False)
        with hear, tell:
            about = (module, [*arguments], dict(os.environ), tell, log)
            forked = forks().Process(target=_be, args=about, daemon=True)
            forked.start()
            self._tell = os.dup(hear.fileno())
        self.process = _Process(forked)


class _Process:
    """A forked process, as `subprocess.Popen` offers one."""

    def __init__(self, process: ForkServerProcess) -> None:
        self._process = process
        assert process.pid is not None
        self.pid = process.pid
        self.terminate, self.kill = process.terminate, process.kill

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self._process.name, timeout or 0.0)
        return self._process.exitcode


def _be(
    module: str, arguments: list[str], environment: dict[str, str], tell: Connection, log: Path
) -> None:
    """Be ``module``, in the child."""
    os.setsid()
    os.environ.clear()
    os.environ.update({k: v for k, v in environment.items() if not k.startswith("TILED_")})
    serve(import_module(module).main, arguments, tell, log)
