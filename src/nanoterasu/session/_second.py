"""One RunEngine in a console: any other refuses to run plans, and says which to use."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bluesky import RunEngine


class SecondEngineError(RuntimeError):
    """A RunEngine that is not the session's was asked to run a plan in its console."""


@contextmanager
def only_engine(mine: Callable[[], RunEngine]) -> Iterator[None]:
    """Let no RunEngine of this process run plans but the one that ``mine`` returns.

    Code that means to can go around this (another process, or bluesky taken apart); see
    ``docs/decisions/0008-second-engine.md``.
    """
    before = RunEngine.__call__

    @functools.wraps(before)
    def call(self: RunEngine, *args: Any, **kwargs: Any) -> Any:
        if self is not mine():
            raise SecondEngineError(
                "This RunEngine is not the session's, so it runs no plan here: what it measured "
                "would belong to nobody and be kept nowhere. Use RE, as in RE(xas(...)); to try "
                "a plan without measuring, use dry_run(...)."
            )
        return before(self, *args, **kwargs)

    RunEngine.__call__ = call
    try:
        yield
    finally:
        # Not where somebody else patched it since: theirs goes on, and ours lets all through.
        if RunEngine.__call__ is call:
            RunEngine.__call__ = before
