"""What a site may set for a home: the databases of a PostgreSQL server, and the public address.

They stand in ``tiled/settings.json``, a private file, since the addresses carry passwords.  Without
it everything is kept in SQLite files of the home, and the address is that of the running server.
"""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ._errors import TiledError

_DATABASES = ("catalog", "authn", "tables")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a site has set; None where it has not.

    Attributes
    ----------
    catalog, authn, tables : str or None
        ``postgresql://login:password@host:port/database`` of Tiled's catalog, of its identities
        with the audit trail, and of the tables of events: all three, or none.  A station's home
        that is never served names the catalog alone, to look up where a run stands.
    address : str or None
        Under which shippers and readers reach Tiled, ``http://host:port/api/v1``; that of the
        proxy when several servers stand behind one.
    """

    catalog: str | None = None
    authn: str | None = None
    tables: str | None = None
    address: str | None = None


def read_settings(path: Path) -> Settings:
    """Return the settings in ``path``; all None when there is no such file.

    Raises
    ------
    TiledError
        When others can read the file, or it is not of the form that `Settings` describes.
    """
    try:
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise _refusal(path, "other accounts can read it; make it private: chmod 600")
        given = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return Settings()
    except OSError as error:
        raise _refusal(path, f"{error.strerror}; it belongs to the account of this home") from error
    except ValueError:
        raise _refusal(path, "it is not JSON; write one object of names and texts") from None
    known = {*_DATABASES, "address"}
    if not isinstance(given, dict) or not all(isinstance(value, str) for value in given.values()):
        raise _refusal(path, "it is not one object of names and texts")
    if odd := sorted(given.keys() - known):
        raise _refusal(
            path, f"{', '.join(odd)} is no setting; known are {', '.join(sorted(known))}"
        )
    named = [name for name in _DATABASES if name in given]
    if named not in ([], ["catalog"], list(_DATABASES)):
        raise _refusal(path, "name catalog, authn and tables, all three, or none of them")
    for name in named:
        _check_database(path, name, given[name])
    # Tiled tells databases of one server, and of different ones, apart by this name alone.
    if len({urlsplit(given[name]).path for name in named}) < len(named):
        raise _refusal(path, "two of its databases have one name; give each its own")
    if "address" in given:
        given["address"] = _address(path, given["address"])
    return Settings(**given)


def with_driver(uri: str, driver: str) -> str:
    """Return a database's address with the driver that is to be used.

    >>> with_driver("postgresql://localhost/catalog", "asyncpg")
    'postgresql+asyncpg://localhost/catalog'
    """
    scheme, rest = uri.split("://", 1)
    return f"{scheme}+{driver}://{rest}"


def _check_database(path: Path, name: str, uri: str) -> None:
    # Never shown: it carries a password.
    if not uri.startswith("postgresql://") or not urlsplit(uri).path.strip("/"):
        raise _refusal(
            path, f"{name} is not of the form postgresql://login:password@host:port/database"
        )


def _address(path: Path, address: str) -> str:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username:
        raise _refusal(path, f"address {address!r} is not of the form https://host:port")
    return f"{parts.scheme}://{parts.netloc}/api/v1"


def _refusal(path: Path, reason: str) -> TiledError:
    return TiledError(f"The settings {path} cannot be used ({reason}). Nothing was started.")
