"""A whole site on loopback: what a machine of a facility runs, and what can be killed of it."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from nanoterasu.records import Shipper, TiledHome, TiledServer

from ..postgresql import PostgreSQL, free_port, write_settings
from .proxy import Proxy

PARTS = ("one", "two", "proxy", "postgresql")


class Site:
    """PostgreSQL, two servers of Tiled on one home, and a proxy before them.

    Parameters
    ----------
    folder
        Made here; holds the home, and the homes of stations.
    postgresql
        With empty databases.
    roster, passwords
        As for `TiledHome.prepare`.

    Attributes
    ----------
    home : TiledHome
        Of both servers.
    uri : str
        The proxy's, which everybody uses.
    """

    def __init__(
        self, folder: Path, postgresql: PostgreSQL, roster: Any, passwords: dict[str, str]
    ) -> None:
        folder.mkdir(parents=True)
        self.folder, self.postgresql, self.roster = folder, postgresql, roster
        door, *behind = (free_port() for _ in range(3))
        self.proxy = Proxy(folder, door, behind)
        self.uri = self.proxy.uri
        self._address = {"address": self.uri.removesuffix("/api/v1")}
        self.home = TiledHome(folder / "home")
        write_settings(self.home, self._address | postgresql.settings())
        self.home.prepare(roster, passwords)
        self.replicas = {
            name: TiledServer(self.home, port)
            for name, port in zip(("one", "two"), behind, strict=True)
        }

    @property
    def server(self) -> Site:
        """What has the address that others use: the site itself."""
        return self

    def station(self, name: str) -> TiledHome:
        """Return the home of a station's own account, which ships and cannot be served."""
        home = TiledHome(self.folder / f"station-{name}")
        catalog = self.postgresql.settings("catalog", login="nanoterasu_station")
        write_settings(home, self._address | catalog)
        home.keys.mkdir(mode=0o700)
        key = home.keys / "ship.key"
        key.touch(mode=0o600)
        key.write_text(self.home.key())
        return home

    def shipper(self, spool_folder: Path) -> Shipper:
        """Return a shipper from a station's spool, which ``station-<name>/spool/<name>`` holds."""
        return Shipper(spool_folder, self.station(spool_folder.name))

    def start(self, *names: str) -> None:
        """Start parts that do not run, and return when they serve; without names, all."""
        for name in names or PARTS[:3]:
            if name == "postgresql":
                self.postgresql.start()
            elif name == "proxy":
                self.proxy.start()
            else:
                self.replicas[name].start()

    def kill(self, *names: str) -> None:
        """End parts as a crash would."""
        for name in names:
            if name == "postgresql":
                self.postgresql.kill()
            elif name == "proxy":
                self.proxy.kill()
            else:
                server = self.replicas[name]
                assert server.pid is not None
                os.kill(server.pid, signal.SIGKILL)
                server.stop()

    def restart(self) -> None:
        """Kill both servers without a word, and start others."""
        self.kill("one", "two")
        self.start("one", "two")

    def close(self) -> None:
        """End what runs, but for PostgreSQL."""
        self.proxy.kill()
        for server in self.replicas.values():
            server.stop()
