"""Tiled behind its guard, as a process: ``python -m nanoterasu.records.server``."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ._errors import TiledError
from ._home import TiledHome
from ._lifeline import end_with_parent, say
from ._private import read_json, write_private

__all__ = ["main"]

_HOST = "127.0.0.1"


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until SIGTERM or SIGINT; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m nanoterasu.records.server")
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--ready-to", type=int, help="file descriptor to tell")
    parser.add_argument("--with-parent", type=int, help="process to end with")
    options = parser.parse_args(arguments)
    end_with_parent(options.with_parent)
    home = TiledHome(options.home)
    try:
        home.key()
        home.check_whole()
        listening = _listen(options.port)
    except TiledError as error:
        say(options.ready_to, {"error": str(error)})
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        message = (
            f"Port {options.port} of {_HOST} cannot be served ({error.strerror}). Another "
            "server has it: stop that one, or choose another port with --port (0 takes a free one)."
        )
        say(options.ready_to, {"error": message})
        print(message, file=sys.stderr)
        return 1
    return _serve(home, listening, options.ready_to)


def _listen(port: int) -> socket.socket:
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind((_HOST, port))
    listening.listen(128)
    return listening


def _serve(home: TiledHome, listening: socket.socket, ready_to: int | None) -> int:
    import uvicorn
    from tiled.config import parse_configs
    from tiled.server.app import build_app_from_config

    from ._asked_once import ask_once
    from ._audit import Audit
    from ._cursors import Cursors
    from ._guard import Guard
    from ._tables import Indexer, mind_connections

    mind_connections()
    tiled: Any = build_app_from_config(parse_configs(home.config))
    secret = (home.keys / "tiled.secret").read_bytes()
    app = Guard(ask_once(tiled), Audit(home.trail), Cursors(secret), home.key())
    uri = f"http://{_HOST}:{listening.getsockname()[1]}/api/v1"
    indexer = Indexer(home.tables_uri)
    note = home.run / "tiled.json"

    class Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                indexer.start()
                if home.settings.address is None:  # else this is one of several behind it
                    write_private(note, json.dumps({"uri": uri, "pid": os.getpid()}))
                say(ready_to, {"uri": uri})

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            # Here, for uvicorn raises the signal that ended it once more when it returns.
            if read_json(note).get("pid") == os.getpid():
                note.unlink(missing_ok=True)
            await super().shutdown(sockets)
            indexer.stop()

    config = uvicorn.Config(
        app,
        access_log=False,  # addresses carry search terms, which name samples
        log_level="warning",
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,  # a shipper that pauses between rows keeps its connection
        timeout_graceful_shutdown=5,
    )
    Server(config).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())
