"""The folder of a running system, and its preparation for Tiled."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from ._configuration import configuration
from ._databases import database_errors, limit_roles, make_databases, make_service
from ._errors import RecordsError, TiledError
from ._files import Files
from ._passwords import PasswordFile
from ._private import private_folder, read_json, write_private
from ._settings import Settings, read_settings, with_driver
from ._tags import (
    SHIPPER_SCOPES,
    USER_SCOPES,
    AccessRoster,
    compile_tags,
    in_a_loop_of_its_own,
    logins,
    one_at_a_time,
)


class TiledHome:
    """Configuration, secrets and data of one Tiled server, below one folder.

    ``tiled/`` holds the configuration, the databases and Tiled's own files, ``files/`` the large
    data of detectors (`Files`), ``keys/`` the secrets, ``run/`` what runs now.  All folders have
    mode 0700, all files with secrets 0600.  With ``tiled/settings.json`` the databases are those
    of a PostgreSQL server, and several servers may run on the home behind one address.

    Parameters
    ----------
    folder
        The home of the system; made by `prepare`.
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).absolute()
        self.tiled = self.folder / "tiled"
        self.keys = self.folder / "keys"
        self.run = self.folder / "run"
        self.config = self.tiled / "config.yml"
        self.tables = self.tiled / "tables.sqlite"
        self.passwords = PasswordFile(self.keys / "passwords.json")
        self.audit = self.tiled / "audit.sqlite"

    @cached_property
    def settings(self) -> Settings:
        """What the site has set, as it was when first asked for.

        Raises
        ------
        TiledError
            When the file of settings cannot be used.
        """
        return read_settings(self.tiled / "settings.json")

    @property
    def catalog_uri(self) -> str:
        """Address of Tiled's catalog, for an asynchronous engine."""
        given = self.settings.catalog
        return with_driver(given, "asyncpg") if given else self._file("catalog")

    @property
    def authn_uri(self) -> str:
        """Address of the database of identities, for an asynchronous engine."""
        given = self.settings.authn
        return with_driver(given, "asyncpg") if given else self._file("authn")

    @property
    def tables_uri(self) -> str:
        """Address of the tables of events."""
        return self.settings.tables or f"sqlite:///{self.tables}"

    @property
    def trail(self) -> Path | str:
        """Where the audit trail is kept: its file, or the address of its database."""
        return self.settings.authn or self.audit

    def prepare(self, roster: AccessRoster, passwords: Mapping[str, str] | None = None) -> None:
        """Make or renew everything that a server needs; keep the data that are there.

        Parameters
        ----------
        roster
            Who belongs where (`nanoterasu.facility.Roster`).
        passwords
            Login to password of those whose password is new; the others keep theirs.

        Raises
        ------
        TiledError
            When the folder cannot be written, the databases that the site has set do not answer,
            or a password is given for a login that the roster does not know.
        """
        self.check_whole()
        passwords = passwords or {}
        if strangers := sorted(set(passwords) - logins(roster)):
            raise TiledError(
                f"Passwords were given for {', '.join(strangers)}, who are not in the office's "
                f"roster. Nothing was changed in {self.folder}: register them first, or leave "
                "them out."
            )
        try:
            for folder in (self.folder, self.tiled, self.tiled / "files", self.keys, self.run):
                private_folder(folder)
            self.files.prepare()
            with one_at_a_time(self.run / "roster.lock"):
                self.passwords.update(passwords, keep=logins(roster))
                self._write_config()
                in_a_loop_of_its_own(self._prepare_databases(roster))
        except OSError as error:
            raise TiledError(
                f"Tiled's folder {self.folder} cannot be prepared ({error}). Check that its disk "
                "has room and that it belongs to this account, or choose another with --dir."
            ) from error

    def compile_tags(self, roster: AccessRoster) -> None:
        """Let ``roster`` decide from now on; a running server obeys on its next request.

        Keys and logins that were made earlier obey too.  Quick enough to be called whenever
        something may have changed (some hundredths of a second for a hundred groups).

        Raises
        ------
        TiledError
            When the home has not been prepared.
        """
        self.key()
        with one_at_a_time(self.run / "roster.lock"):
            self.passwords.update({}, keep=logins(roster))
            in_a_loop_of_its_own(self._compile(roster))

    def key(self) -> str:
        """Return the shipping service's key.

        Raises
        ------
        TiledError
            When the home has not been prepared.
        """
        try:
            return (self.keys / "ship.key").read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise TiledError(_unprepared(self.folder)) from error

    def check_whole(self) -> None:
        """Refuse a home that can only look up where a run stands.

        Raises
        ------
        TiledError
            When its settings name the catalog alone.
        """
        if self.settings.catalog and not self.settings.authn:
            raise TiledError(
                f"{self.folder} is a station's home: its settings name the catalog alone, so it "
                "cannot be served. Prepare and serve the home that names all three databases."
            )

    def uri(self) -> str:
        """Return the address that the site has set, or of the server that runs on this home.

        Raises
        ------
        TiledError
            When none runs, and the site has set no address.
        """
        if self.settings.address:
            return self.settings.address
        running = read_json(self.run / "tiled.json")
        if "uri" not in running or not _alive(running.get("pid", 0)):
            raise TiledError(
                f"No Tiled server runs on {self.folder}. Start it with "
                f"`nanoterasu serve --dir {self.folder}`; measured data wait safely in the spool."
            )
        return running["uri"]

    @property
    def files(self) -> Files:
        """Where the large data of detectors lie.

        Raises
        ------
        TiledError
            When the home's settings for them are not understood.
        """
        try:
            return Files.of(self.folder)
        except RecordsError as error:
            raise TiledError(str(error)) from error

    def _file(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self.tiled / name}.sqlite"

    def _write_config(self) -> None:
        secret = self.keys / "tiled.secret"
        if not secret.exists():
            write_private(secret, secrets.token_hex(32))
        # JSON is YAML: no quoting of our own.
        config = configuration(self, secret.read_text(encoding="ascii").strip())
        write_private(self.config, json.dumps(config, indent=1))

    async def _prepare_databases(self, roster: AccessRoster) -> None:
        try:
            await self._make_databases()
            await self._compile(roster)
        except database_errors() as error:
            if self.settings.catalog is None:
                raise
            said = str(error).partition("\n")[0]
            raise TiledError(
                f"The databases that {self.tiled / 'settings.json'} names cannot be used "
                f"({said or type(error).__name__}). Start the PostgreSQL server, check the names "
                "and the password there, and try again."
            ) from None

    async def _make_databases(self) -> None:
        await make_databases(self.catalog_uri, self.authn_uri)
        identity = self.keys / "service.id"
        service = identity.read_text(encoding="ascii").strip() if identity.exists() else None
        known = await limit_roles(self.authn_uri, USER_SCOPES, SHIPPER_SCOPES, service)
        if service and not known:
            raise TiledError(
                f"The database of identities of {self.folder} does not know the shipping service "
                f"of its keys: it is new, or another home's. Name the databases that belong to "
                f"these keys; or, to begin with empty ones, move ship.key and service.id out of "
                f"{self.keys} first. Spools can be sent anew."
            )
        if not (self.keys / "ship.key").exists():
            service, key = await make_service(self.authn_uri, SHIPPER_SCOPES)
            write_private(identity, service)
            write_private(self.keys / "ship.key", key)

    async def _compile(self, roster: AccessRoster) -> None:
        try:
            service = (self.keys / "service.id").read_text(encoding="ascii").strip()
        except FileNotFoundError as error:
            raise TiledError(_unprepared(self.folder)) from error
        await compile_tags(self.catalog_uri, roster, service)


def _alive(pid: int) -> bool:
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _unprepared(folder: Path) -> str:
    return (
        f"{folder} has not been prepared for Tiled: it has no shipping key. Run "
        f"`nanoterasu serve --dir {folder}` once."
    )
