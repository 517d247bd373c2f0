"""Starting and stopping the Tiled server from another process."""

from __future__ import annotations

import os
from typing import Self

from ._errors import TiledError
from ._home import TiledHome
from ._lifeline import Child, Service, tail
from ._private import private_folder


class TiledServer(Service):
    """A Tiled server in a child process, on the loopback interface, for a ``with`` block.

    The child ends with the thread that started it, so start it from one that lasts.

    Parameters
    ----------
    home
        A prepared home.
    port
        TCP port; 0 takes a free one.
    patience
        Longest time that it may take to start [s].

    Attributes
    ----------
    uri : str
        Its address, ``http://127.0.0.1:<port>/api/v1``; empty while it does not run.
    """

    def __init__(
        self,
        home: TiledHome | str | os.PathLike[str],
        port: int = 0,
        *,
        patience: float = 60.0,
    ) -> None:
        self.home = home if isinstance(home, TiledHome) else TiledHome(home)
        self.port = port
        self.patience = patience
        self.uri = ""

    def start(self) -> Self:
        """Start the server and return when it answers.

        Raises
        ------
        TiledError
            When the home is not prepared, the port is taken, or the server does not start.
        """
        self.home.key()
        log = private_folder(self.home.run) / "tiled.log"
        arguments = ["--home", str(self.home.folder), "--port", str(self.port)]
        said = self._launch(Child("nanoterasu.records.server", arguments, log), self.patience)
        if "uri" not in said:
            self.stop()
            raise TiledError(
                said.get("error")
                or f"The Tiled server on {self.home.folder} did not start ({tail(log)}). "
                f"Read {log} for the reason; measured data wait safely in the spool."
            )
        self.uri = said["uri"]
        return self

    def wait(self) -> int:
        """Wait until the server ends, and return its exit status."""
        if self._child is None:
            raise TiledError("This Tiled server has not been started: call start() first.")
        return self._child.process.wait()

    def stop(self) -> None:
        """Stop the server."""
        self.uri = ""
        super().stop()
