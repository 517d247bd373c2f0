"""The shipper as a process: ``python -m nanoterasu.records.ship_process``."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ._errors import RecordsError, SpoolBusy
from ._home import TiledHome
from ._lifeline import end_with_parent, say
from ._publish import place_of
from ._seal import Sealing

__all__ = ["main"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Ship until SIGTERM or SIGINT; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m nanoterasu.records.ship_process")
    parser.add_argument("--spool", type=Path, required=True)
    parser.add_argument("--home", type=Path, required=True, help="holds the key and the address")
    parser.add_argument("--uri", help="of Tiled; default: of the server that runs on the home")
    parser.add_argument("--once", action="store_true", help="send what is there and end")
    parser.add_argument("--ready-to", type=int, help="file descriptor to tell")
    parser.add_argument("--with-parent", type=int, help="process to end with")
    options = parser.parse_args(arguments)
    end_with_parent(options.with_parent)
    # Waiting for Tiled is our own business: its client would do it deaf to SIGTERM.
    os.environ["TILED_RETRY_ATTEMPTS"] = "1"
    from ._ship import ship

    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    home = TiledHome(options.home)
    try:
        with Sealing(home.files, home.run / "seal.lock"):
            ship(
                options.spool,
                options.uri or home.uri,
                home.key(),
                stop=stop,
                once=options.once,
                report=_print,
                begun=lambda: say(options.ready_to, {"spool": str(options.spool)}),
                place=lambda uid: place_of(home, uid),
                files=home.files.folder,
            )
    except RecordsError as error:
        busy = isinstance(error, SpoolBusy)
        say(options.ready_to, {"error": str(error), "busy": busy})
        print(error, file=sys.stderr)
        return 1
    return 0


def _print(message: str) -> None:
    print(datetime.now().astimezone().isoformat(timespec="seconds"), message, flush=True)


if __name__ == "__main__":
    sys.exit(main())
