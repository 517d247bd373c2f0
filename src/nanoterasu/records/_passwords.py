"""Passwords at rest: scrypt, one salt each, in a file that only the server's account reads."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Collection, Mapping
from pathlib import Path

from ._private import read_json, write_private

# Cost of one check: 16 MiB and about 50 ms (RFC 7914, interactive logins).
_COST = {"n": 2**14, "r": 8, "p": 1}
_NOBODY = {"salt": "00" * 16, "hash": "00" * 32, **_COST}


class PasswordFile:
    """Logins and the scrypt hashes of their passwords.

    Parameters
    ----------
    path
        JSON file, mode 0600; read anew at each check, so that a change takes effect at once.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def update(self, passwords: Mapping[str, str], *, keep: Collection[str]) -> None:
        """Set ``passwords`` and drop every login that is not in ``keep``.

        Parameters
        ----------
        passwords
            Login to new password, in clear; others keep theirs.
        keep
            Logins that may remain.
        """
        known = read_json(self.path)
        entries = {name: entry for name, entry in known.items() if name in keep}
        for login, password in passwords.items():
            salt = secrets.token_bytes(16)
            entries[login] = {"salt": salt.hex(), "hash": _scrypt(password, salt, _COST), **_COST}
        if entries != known or not self.path.exists():
            write_private(self.path, json.dumps(entries, indent=1))

    def verify(self, login: str, password: str) -> bool:
        """Return whether ``password`` is that of ``login``; as slow for an unknown login."""
        entry = read_json(self.path).get(login, _NOBODY)
        found = _scrypt(password, bytes.fromhex(entry["salt"]), entry)
        return hmac.compare_digest(found, entry["hash"]) and entry is not _NOBODY


def _scrypt(password: str, salt: bytes, cost: Mapping[str, int]) -> str:
    body = password.encode("utf-8", "surrogatepass")
    n, r, p = cost["n"], cost["r"], cost["p"]
    return hashlib.scrypt(body, salt=salt, n=n, r=r, p=p, maxmem=2**26, dklen=32).hex()
