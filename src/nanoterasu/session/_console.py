"""How a session speaks: errors as sentences at the prompt, the libraries' logs in a file."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

_LIBRARIES = ("bluesky", "ophyd", "caproto", "nanoterasu")


def log_to_file(path: Path) -> None:
    """Send the libraries' logs to ``path`` (mode 0600) instead of the screen.

    A failed plan is logged with its whole traceback, which may name what must stay confidential.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_APPEND, 0o600))
    handler = logging.FileHandler(path)
    handler.setFormatter(logging.Formatter("%(asctime)s %(name)s %(levelname)s %(message)s"))
    for name in _LIBRARIES:
        logger = logging.getLogger(name)
        logger.addHandler(handler)
        logger.propagate = False


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
        RecordsError,
        LimitError,
        DisconnectedError,
        MoveFailed,
        FailedStatus,
        RunEngineInterrupted,
    )
    shell.set_custom_exc(plain, show)
