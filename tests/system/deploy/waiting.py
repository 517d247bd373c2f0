"""Waiting for something to come true, with an end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

PAUSE = threading.Event()  # never set


def wait_until(condition: Callable[[], bool], patience: float) -> None:
    """Look until ``condition`` holds; fail after ``patience`` [s]."""
    until = time.monotonic() + patience
    while not condition():
        assert time.monotonic() < until, f"what was waited for did not come in {patience:g} s"
        PAUSE.wait(0.1)
