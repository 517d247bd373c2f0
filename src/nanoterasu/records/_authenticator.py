"""Tiled's login: named users against a `PasswordFile`.  Loaded by the server alone."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tiled.server.protocols import InternalAuthenticator, UserSessionState

from ._passwords import PasswordFile

_AT_ONCE = 2  # a flood of guesses waits here rather than filling memory, 16 MiB each


class PasswordAuthenticator(InternalAuthenticator):
    """Check passwords against their scrypt hashes.

    Parameters
    ----------
    password_file
        Path of the `PasswordFile`.
    confirmation_message
        Shown by the client after a login.
    """

    def __init__(self, password_file: str, confirmation_message: str = "") -> None:
        self.confirmation_message = confirmation_message
        self._passwords = PasswordFile(Path(password_file))
        self._turn = asyncio.Semaphore(_AT_ONCE)

    # Tiled awaits the answer, although its base class declares a plain method.
    async def authenticate(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, username: str, password: str
    ) -> UserSessionState | None:
        """Return the session of ``username``, or None."""
        async with self._turn:
            right = await asyncio.to_thread(self._passwords.verify, username, password)
        return UserSessionState(username, {}) if right else None
