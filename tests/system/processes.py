"""Processes that a test holds still."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

_PAUSE = threading.Event()  # never set


def freeze(pid: int) -> None:
    """Stop a process where it stands, and return when it stands."""
    os.kill(pid, signal.SIGSTOP)
    while Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "T":
        _PAUSE.wait(0.001)
