"""How a session speaks: errors as sentences at the prompt, the libraries' logs in a file."""

from __future__ import annotations

import logging
import os
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

from ._withheld import Discreet, Withheld

_LIBRARIES = ("bluesky", "ophyd", "caproto", "nanoterasu")


def log_to_file(path: Path, withheld: Withheld | None = None) -> logging.Handler:
    """Send the libraries' logs to ``path`` (mode 0600) instead of the screen.

    A failed plan is logged with its whole traceback, which may name what must stay confidential.

    Parameters
    ----------
    path
        Of the log; its folder is made.
    withheld
        Words that are written as codes.

    Returns
    -------
    logging.Handler
        For `end_log`.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_APPEND, 0o600))
    handler = WatchedFileHandler(path)  # somebody may move it away
    handler.setFormatter(Discreet(withheld or Withheld()))
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.propagate = False
    return handler


def end_log(handler: logging.Handler) -> None:
    """Log no more to the file of `log_to_file`."""
    for name in _LIBRARIES:
        logging.getLogger(name).removeHandler(handler)
    handler.close()


def say_plainly(path: Path) -> None:
    """At an IPython prompt, show the errors that are sentences without their traceback.

    Parameters
    ----------
    path
        Where the traceback is kept.
    """
    from bluesky.utils import FailedStatus, RunEngineInterrupted
    from IPython.core.getipython import get_ipython
    from ophyd.utils import DisconnectedError, LimitError

    from nanoterasu.devices import MoveFailed
    from nanoterasu.facility import Refused
    from nanoterasu.records import RecordsError

    from ._engine import ProtectedKeyError
    from ._handover import HandoverError
    from ._second import SecondEngineError

    shell = get_ipython()
    if shell is None:
        return

    def show(
        shell: Any,
        kind: type[BaseException],
        error: BaseException,
        trace: Any,
        tb_offset: Any = None,
    ) -> None:
        if isinstance(error, RunEngineInterrupted):
            print(str(error).strip())  # what may be done now
            return
        logging.getLogger("nanoterasu").error("at the prompt", exc_info=error)
        # A failed status wraps what the device said.
        said = error.__cause__ if isinstance(error, FailedStatus) and error.__cause__ else error
        print(f"{type(said).__name__}: {said}\n(traceback: {path})")

    plain = (
        Refused,
        ProtectedKeyError,
        SecondEngineError,
        HandoverError,
        RecordsError,
        LimitError,
        DisconnectedError,
        MoveFailed,
        FailedStatus,
        RunEngineInterrupted,
    )
    shell.set_custom_exc(plain, show)


class NoSession(RuntimeError):
    """A session did not open at a prompt; the text says why, and what to do."""

    def _render_traceback_(self) -> list[str]:
        """What IPython shows: one paragraph, also while it runs a profile's startup files."""
        return textwrap.wrap(" ".join(str(self).split()), 100)


@contextmanager
def start_plainly() -> Iterator[None]:
    """At an IPython prompt, show what keeps a session from opening as one paragraph.

    No log yet: it would be the log of whoever measures here now.  ``NANOTERASU_DEBUG`` shows
    the traceback.

    Raises
    ------
    NoSession
        At such a prompt, for any error; elsewhere the error goes on as it is.
    """
    from IPython.core.getipython import get_ipython

    try:
        yield
    except Exception as error:
        shell = get_ipython()
        if shell is None or os.environ.get("NANOTERASU_DEBUG"):
            raise
        # It would announce a paragraph of ours as unknown.
        getattr(shell.parent, "log", logging.getLogger()).addFilter(_announces_nothing)
        said = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        raise NoSession(
            f"No session is open, so nothing can be measured here. {said or type(error).__name__}"
        ) from error


def _announces_nothing(record: logging.LogRecord) -> bool:
    return not str(record.msg).startswith("Unknown error in handling startup files")
