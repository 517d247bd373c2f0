"""Starting and stopping the shipper from another process."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from ._errors import ShipError, SpoolBusy
from ._home import TiledHome
from ._lifeline import Child, Service, tail
from ._private import private_folder


class Shipper(Service):
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

    def start(self) -> Self:
        """Start the shipper.

        Raises
        ------
        TiledError
            When the home is not prepared.
        SpoolBusy
            When another shipper reads the spool.
        ShipError
            When the process does not start.
        """
        self.home.key()
        private_folder(self.spool_folder)
        log = private_folder(self.home.run) / f"ship-{self.spool_folder.name}.log"
        arguments = ["--spool", str(self.spool_folder), "--home", str(self.home.folder)]
        arguments += ["--uri", self.uri] if self.uri else []
        said = self._launch(Child("nanoterasu.records.ship_process", arguments, log), 60.0)
        if "spool" not in said:
            self.stop()
            if said.get("busy"):
                raise SpoolBusy(said["error"])
            raise ShipError(
                said.get("error")
                or f"The shipper of {self.spool_folder} did not start ({tail(log)}). Read {log} "
                "for the reason; measured data wait safely in the spool."
            )
        return self
