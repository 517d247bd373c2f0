"""Starting and stopping the shipper from another process."""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType

from ._errors import ShipError
from ._home import TiledHome
from ._lifeline import Child, tail
from ._private import private_folder


class Shipper:
    """A shipper in a child process, for a ``with`` block.

    The child ends with the thread that started it, so start it from one that lasts.  It need not
    find Tiled running: it waits for it, and says so in `ShipState`.

    Parameters
    ----------
    spool_folder
        Folder of the `Spool` to read.
    home
        A prepared home: its key is used, and the address of the server that runs on it.
    uri
        Of Tiled, when it does not run on ``home``.
    """

    def __init__(
        self,
        spool_folder: str | os.PathLike[str],
        home: TiledHome | str | os.PathLike[str],
        *,
        uri: str | None = None,
    ) -> None:
        self.spool_folder = Path(spool_folder)
        self.home = home if isinstance(home, TiledHome) else TiledHome(home)
        self.uri = uri
        self._child: Child | None = None

    @property
    def pid(self) -> int | None:
        """Process id of the shipper."""
        return self._child.process.pid if self._child else None

    def start(self) -> Shipper:
        """Start the shipper.

        Raises
        ------
        TiledError
            When the home is not prepared.
        ShipError
            When the process does not start.
        """
        self.home.key()
        private_folder(self.spool_folder)
        log = private_folder(self.home.run) / f"ship-{self.spool_folder.name}.log"
        arguments = ["--spool", str(self.spool_folder), "--home", str(self.home.folder)]
        arguments += ["--uri", self.uri] if self.uri else []
        self._child = Child("nanoterasu.records.ship_process", arguments, log)
        try:
            said = self._child.ready(60.0) or {}
        except BaseException:
            self.stop()
            raise
        if "spool" not in said:
            self.stop()
            raise ShipError(
                said.get("error")
                or f"The shipper of {self.spool_folder} did not start ({tail(log)}). Read {log} "
                "for the reason; measured data wait safely in the spool."
            )
        return self

    def stop(self) -> None:
        """Stop the shipper; what it has not sent stays in the spool."""
        child, self._child = self._child, None
        if child is not None:
            child.stop()

    def __enter__(self) -> Shipper:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
