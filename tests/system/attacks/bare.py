"""A Tiled server as its documentation sets one up: two units, tags, nothing of this house."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

READ = ["read:metadata", "read:data"]
WRITE = [*READ, "write:metadata", "write:data", "create:node", "register"]
PEOPLE = {"admin": "adm", "alice": "a", "bob": "b"}
_SERVE = """
import sys, uvicorn
from tiled.config import parse_configs
from tiled.server.app import build_app_from_config
app = build_app_from_config(parse_configs(sys.argv[1]))
uvicorn.run(app, fd=int(sys.argv[2]), log_level="warning")
"""


@dataclass
class BareTiled:
    """Tiled alone, in a process of its own, below one folder.

    Attributes
    ----------
    catalog_uri
        Database of the catalog; a file below ``folder`` when not given.
    detectors
        Where files may be registered from.
    outside
        A harmless file that is no part of any storage.
    """

    folder: Path
    catalog_uri: str = ""
    server: subprocess.Popen[bytes] = field(init=False)
    site: str = field(init=False, default="")
    service: str = field(init=False, default="")

    @property
    def detectors(self) -> Path:
        return self.folder / "detectors"

    @property
    def outside(self) -> Path:
        return self.folder / "outside.txt"

    def __enter__(self) -> Self:
        for name in ("files", "detectors"):
            (self.folder / name).mkdir()
        (self.folder / "config.yml").write_text(json.dumps(self._config()))
        with socket.socket() as listening:
            listening.bind(("127.0.0.1", 0))
            listening.listen(128)
            self.site = f"http://127.0.0.1:{listening.getsockname()[1]}"
            command = [sys.executable, "-c", _SERVE, str(self.folder / "config.yml")]
            with (self.folder / "log").open("wb") as log:
                self.server = subprocess.Popen(
                    [*command, str(listening.fileno())],
                    pass_fds=[listening.fileno()],
                    stdout=log,
                    stderr=log,
                )
        try:
            self._begin()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.server.terminate()
        self.server.wait(20)

    def grant(self, readers: Mapping[str, list[str]]) -> None:
        """Let the logins of ``readers`` read each tag from now on."""
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, self._compile(readers)).result()

    def login(self, name: str) -> dict[str, str]:
        """Return the header with which ``name`` is known."""
        form = {"grant_type": "password", "username": name, "password": PEOPLE[name]}
        answer = httpx.post(f"{self.site}/api/v1/auth/provider/local/token", data=form, timeout=100)
        answer.raise_for_status()
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    def key(self, scopes: list[str], tags: list[str] | None = None) -> str:
        """Return a key of the writing service, limited to ``tags``."""
        admin = self.login("admin")
        answer = httpx.post(
            f"{self.site}/api/v1/auth/principal/{self.service}/apikey",
            headers=admin,
            json={"expires_in": None, "scopes": scopes, "access_tags": tags},
        )
        answer.raise_for_status()
        return answer.json()["secret"]

    def own_key(self, name: str) -> dict[str, str]:
        """Return the header with a key of ``name``, which is what a websocket takes."""
        answer = httpx.post(
            f"{self.site}/api/v1/auth/apikey",
            headers=self.login(name),
            json={"expires_in": None, "scopes": ["inherit"]},
        )
        answer.raise_for_status()
        return {"Authorization": f"Apikey {answer.json()['secret']}"}

    def client(self, key: str) -> Any:
        """Return Tiled's own client."""
        from tiled.client import from_uri

        return from_uri(f"{self.site}/api/v1", api_key=key)

    def get(self, path: str, login: str | None = None) -> httpx.Response:
        """Ask for ``path`` as ``login``."""
        headers = self.login(login) if login else {}
        return httpx.get(f"{self.site}{path}", headers=headers, timeout=30)

    def _begin(self) -> None:
        admin = self.login("admin")  # waits until the server answers
        answer = httpx.post(
            f"{self.site}/api/v1/auth/principal", params={"role": "admin"}, headers=admin
        )
        answer.raise_for_status()
        self.service = answer.json()["uuid"]
        self.grant({"unit-a": ["alice"], "unit-b": ["bob"]})

    async def _compile(self, readers: Mapping[str, list[str]]) -> None:
        from tiled.access_control.access_tags import AccessTagsCompiler
        from tiled.access_control.scopes import ALL_SCOPES
        from tiled.server.connection_pool import close_database_connection_pool
        from tiled.server.settings import DatabaseSettings

        writer = {"name": self.service, "role": "writer"}
        tags: dict[str, Any] = {
            "catalog_root": {"users": [writer], "auto_tags": [{"name": "public"}]}
        }
        for tag, names in readers.items():
            tags[tag] = {"users": [{"name": name, "role": "reader"} for name in names] + [writer]}
        definitions = {
            "roles": {"reader": {"scopes": READ}, "writer": {"scopes": WRITE}},
            "tags": tags,
            "tag_owners": {tag: {"users": [{"name": self.service}]} for tag in readers},
        }
        database = DatabaseSettings(uri=self._catalog)
        compiler = AccessTagsCompiler(ALL_SCOPES, definitions, database, None)
        compiler.load_tag_config()
        await compiler.compile()
        await close_database_connection_pool(database)

    @property
    def _catalog(self) -> str:
        return self.catalog_uri or self._database("catalog")

    def _database(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self.folder / name}.sqlite"

    def _config(self) -> dict[str, Any]:
        return {
            "authentication": {
                "providers": [
                    {
                        "provider": "local",
                        "authenticator": "tiled.authenticators:DictionaryAuthenticator",
                        "args": {"users_to_passwords": PEOPLE},
                    }
                ],
                "tiled_admins": [{"provider": "local", "id": "admin"}],
                "secret_keys": ["secret of this test alone"],
                "allow_anonymous_access": True,
            },
            "database": {"uri": self._database("authn"), "init_if_not_exists": True},
            "access_control": {
                "access_policy": "tiled.access_control.access_policies:TagBasedAccessPolicy",
                "args": {
                    "provider": "local",
                    "access_tags_parser": "tiled.access_control.access_tags:AccessTagsParser",
                },
            },
            "catalog": {
                "uri": self._catalog,
                "init_if_not_exists": True,
                "writable_storage": [
                    str(self.folder / "files"),
                    f"sqlite:///{self.folder / 'tables.sqlite'}",
                ],
                "readable_storage": [str(self.detectors)],
                "top_level_access_tags": ["catalog_root"],
            },
            "streaming_cache": {"uri": "memory"},
        }
