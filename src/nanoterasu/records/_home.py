"""The folder of a running system, and its preparation for Tiled."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ._databases import limit_roles, make_databases, make_service
from ._errors import RecordsError, TiledError
from ._files import Files
from ._passwords import PasswordFile
from ._private import private_folder, read_json, write_private
from ._tags import (
    ROOT_TAG,
    SHIPPER_SCOPES,
    USER_SCOPES,
    AccessRoster,
    compile_tags,
    in_a_loop_of_its_own,
    logins,
    one_at_a_time,
)

PROVIDER = "house"


class TiledHome:
    """Configuration, secrets and data of one Tiled server, below one folder.

    ``tiled/`` holds the configuration, the databases and Tiled's own files, ``files/`` the large
    data of detectors (`Files`), ``keys/`` the secrets, ``run/`` what runs now.  All folders have
    mode 0700, all files with secrets 0600.

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
        self.catalog_uri = f"sqlite+aiosqlite:///{self.tiled / 'catalog.sqlite'}"
        self.authn_uri = f"sqlite+aiosqlite:///{self.tiled / 'authn.sqlite'}"

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
            When the folder cannot be written, or a password is given for a login that the
            roster does not know.
        """
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

    def uri(self) -> str:
        """Return the address of the server that runs on this home.

        Raises
        ------
        TiledError
            When none runs.
        """
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

    def _write_config(self) -> None:
        secret = self.keys / "tiled.secret"
        if not secret.exists():
            write_private(secret, secrets.token_hex(32))
        # JSON is YAML: no quoting of our own.
        config = self._configuration(secret.read_text(encoding="ascii").strip())
        write_private(self.config, json.dumps(config, indent=1))

    def _configuration(self, secret: str) -> dict[str, Any]:
        authenticator = {
            "provider": PROVIDER,
            "authenticator": "nanoterasu.records._authenticator:PasswordAuthenticator",
            "args": {"password_file": str(self.passwords.path)},
        }
        return {
            "authentication": {
                "providers": [authenticator],
                "secret_keys": [secret],
                # Strangers see an empty catalog, and later what has been published.
                "allow_anonymous_access": True,
            },
            "database": {"uri": self.authn_uri},
            "access_control": {
                "access_policy": "tiled.access_control.access_policies:TagBasedAccessPolicy",
                "args": {
                    "provider": PROVIDER,
                    "access_tags_parser": "tiled.access_control.access_tags:AccessTagsParser",
                },
            },
            "catalog": {
                "uri": self.catalog_uri,
                "writable_storage": [
                    str(self.tiled / "files"),
                    f"sqlite:///{self.tables}",
                ],
                "readable_storage": [str(self.files.folder)],
                "adapters_by_mimetype": {
                    "application/x-hdf5": "nanoterasu.records._adapter:FramesAdapter"
                },
                "top_level_access_tags": [ROOT_TAG],
            },
            "media_types": {
                "BlueskyRun": {
                    "application/json-seq": "bluesky_tiled_plugins.exporters:json_seq_exporter"
                }
            },
            "expose_raw_assets": False,
            "exact_count_limit": -1,  # estimates count what the reader may not see
            "metrics": {"prometheus": False},
        }

    async def _prepare_databases(self, roster: AccessRoster) -> None:
        await make_databases(self.catalog_uri, self.authn_uri)
        identity = self.keys / "service.id"
        service = identity.read_text(encoding="ascii").strip() if identity.exists() else None
        await limit_roles(self.authn_uri, USER_SCOPES, SHIPPER_SCOPES, service)
        if not (self.keys / "ship.key").exists():
            service, key = await make_service(self.authn_uri, SHIPPER_SCOPES)
            write_private(identity, service)
            write_private(self.keys / "ship.key", key)
        await self._compile(roster)

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
