"""Child processes that end with the process that needs them, and say when they are ready."""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

_PR_SET_PDEATHSIG = 1


class Child:
    """A Python module in a process of its own.

    It receives ``--ready-to FD`` and writes one line of JSON there when it serves.

    Parameters
    ----------
    module
        Run as ``python -m module``.
    arguments
        Its command line.
    log
        File, mode 0600, that takes what it prints.
    """

    def __init__(self, module: str, arguments: Sequence[str], log: Path) -> None:
        self._tell, answer = os.pipe()
        command = [sys.executable, "-m", module, *arguments]
        command += ["--ready-to", str(answer), "--with-parent", str(os.getpid())]
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=descriptor,
                stderr=descriptor,
                pass_fds=[answer],
                env=_environment(),
                start_new_session=True,  # Ctrl-C belongs to the session, which then ends us
            )
        except BaseException:
            os.close(self._tell)
            raise
        finally:
            os.close(descriptor)
            os.close(answer)

    def ready(self, timeout: float) -> dict[str, Any] | None:
        """Wait for the child's line.

        Parameters
        ----------
        timeout
            [s]

        Returns
        -------
        dict or None
            What it said; None when it ended, or the time was over, without a word.
        """
        said, until = b"", time.monotonic() + timeout
        while not said.endswith(b"\n"):
            left = max(0.0, until - time.monotonic())
            if not select.select([self._tell], [], [], left)[0]:
                return None
            if not (part := os.read(self._tell, 4096)):
                return None
            said += part
        return json.loads(said)

    def stop(self, patience: float = 10.0) -> None:
        """End the process: SIGTERM, and SIGKILL after ``patience`` [s]."""
        if self._tell >= 0:
            os.close(self._tell)
            self._tell = -1
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(patience)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.process.wait()


class Service:
    """Something of a home that runs in a `Child`, for a ``with`` block.

    The child ends with the thread that started it, so start it from one that lasts.
    """

    _child: Child | None = None

    @property
    def pid(self) -> int | None:
        """Process id while it runs."""
        return self._child.process.pid if self._child else None

    def start(self) -> Self:
        """Start the child, and return when it serves."""
        raise NotImplementedError

    def stop(self) -> None:
        """End the child in order."""
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def _launch(self, child: Child, patience: float) -> dict[str, Any]:
        """Keep ``child`` and return what it says when it is ready; nothing if it says nothing."""
        self._child = child
        try:
            return child.ready(patience) or {}
        except BaseException:
            self.stop()
            raise

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def say(descriptor: int | None, message: Mapping[str, Any]) -> None:
    """Tell the parent, in the child, through the descriptor of ``--ready-to``."""
    if descriptor is not None:
        os.write(descriptor, json.dumps(message).encode() + b"\n")


def end_with_parent(parent: int | None) -> None:
    """Ask Linux for a SIGTERM when the thread that started this process is no more."""
    if parent is None:
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it was gone before we could ask
        sys.exit(0)


def tail(log: Path, lines: int = 3) -> str:
    """Return the last lines of ``log``, for an error message."""
    try:
        text = log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return " ".join(text.split("\n")[-lines - 1 :]).strip()


def _environment() -> dict[str, str]:
    """Return our environment without settings that would change a server behind our back."""
    return {k: v for k, v in os.environ.items() if not k.startswith("TILED_")}
