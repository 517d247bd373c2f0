"""The analysts' door: ``catalog = connect()``."""

from __future__ import annotations

import os
import sys
from getpass import getpass
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from ._catalog import Catalog
from ._configuration import PROVIDER
from ._errors import TiledError
from ._home import TiledHome

if TYPE_CHECKING:
    from tiled.client.context import Context

_PATIENCE = 10.0  # s for the first answer
_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


def connect(
    uri: str | None = None,
    *,
    username: str | None = None,
    password: str | None = None,
    api_key: str | None = None,
    home: str | os.PathLike[str] | None = None,
) -> Catalog:
    """Open the catalog of all runs that you may read.

    Parameters
    ----------
    uri
        Address of Tiled.  Default: ``NANOTERASU_TILED_URI``, else that of the server that runs
        on ``home``.
    username, password
        Your login.  Default: ``NANOTERASU_USER`` and ``NANOTERASU_PASSWORD``, else asked for when
        somebody is there to answer.  Without any you read as a stranger.
    api_key
        In place of a login.  Default: ``TILED_API_KEY``.
    home
        Folder of a system on this machine.  Default: ``NANOTERASU_DIR``, else the account's own.

    Returns
    -------
    Catalog
        Of the runs of every access group that you belong to.

    Raises
    ------
    TiledError
        When no server answers, or it does not know the login.

    Examples
    --------
    >>> catalog = connect("http://127.0.0.1:8000/api/v1", username="staff")  # doctest: +SKIP
    """
    uri = uri or os.environ.get("NANOTERASU_TILED_URI") or TiledHome(_home(home)).uri()
    _probe(uri)
    if username is None and api_key is None:
        username = os.environ.get("NANOTERASU_USER")
        api_key = None if username else os.environ.get("TILED_API_KEY")
        if username is None and api_key is None and _interactive():
            username = input(f"Login at {uri} (empty: read as a stranger): ").strip() or None
    return _open(uri, username, password, api_key)


def _open(uri: str, username: str | None, password: str | None, api_key: str | None) -> Catalog:
    from tiled.client.constructors import from_context
    from tiled.client.context import Context

    try:
        context, _ = Context.from_any_uri(uri, api_key=api_key, headers=_headers(uri))
        if api_key is None:
            context.api_key = None  # one from the environment must not outrank a login
            if username:  # empty: a stranger, who is not asked for a name
                _log_in(context, username, _password(username, password))
        return Catalog(from_context(context, remember_me=False))
    except httpx.HTTPStatusError as error:
        if error.response.status_code == HTTPStatus.UNAUTHORIZED:
            who = f"the login {username!r}" if username else "this key"
            raise TiledError(
                f"Tiled at {uri} does not accept {who}: the name, the password or the key is "
                "wrong. Try again, or ask the user office to renew it."
            ) from None
        raise


def _headers(uri: str) -> dict[str, str] | None:
    """Return what a client asks for otherwise than Tiled's: on one machine, packing costs time."""
    return {"accept-encoding": "identity"} if httpx.URL(uri).host in _THIS_MACHINE else None


def _log_in(context: Context, username: str, password: str) -> None:
    """Log in for this process only: nothing is kept on disk."""
    from tiled.client.auth import TiledAuth
    from tiled.client.context import password_grant

    providers = {spec.provider: spec for spec in context.server_info.authentication.providers}
    spec = providers.get(PROVIDER) or next(iter(providers.values()))
    endpoint = spec.links["auth_endpoint"]
    tokens = password_grant(context.http_client, endpoint, spec.provider, username, password)
    links = context.server_info.authentication.links
    assert links is not None
    auth = TiledAuth(links.refresh_session, context.http_client.cookies["tiled_csrf"], None)
    auth.sync_tokens(tokens)
    context.http_client.auth = auth


def _probe(uri: str) -> None:
    """Ask once, so that a server that is away is reported at once and not after Tiled's retries."""
    try:
        httpx.get(uri, timeout=_PATIENCE)
    except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
        raise TiledError(
            f"No Tiled server answers at {uri} ({error}). Start it with `nanoterasu serve`, or "
            "give its address to connect() or in NANOTERASU_TILED_URI."
        ) from None


def _password(username: str, password: str | None) -> str:
    if password is None and os.environ.get("NANOTERASU_USER") == username:
        password = os.environ.get("NANOTERASU_PASSWORD")
    if password is None and _interactive():
        password = getpass(f"Password of {username}: ")
    if password is None:
        raise TiledError(
            f"The login {username!r} needs a password and nobody is here to type it: give it to "
            "connect(), or set NANOTERASU_USER and NANOTERASU_PASSWORD."
        )
    return password


def _interactive() -> bool:
    """Return whether somebody can answer: a terminal, or a notebook that asks."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:
        return bool(getattr(kernel, "_allow_stdin", False))
    return sys.stdin is not None and sys.stdin.isatty()


def _home(home: str | os.PathLike[str] | None) -> Path:
    from platformdirs import user_data_path

    return Path(home or os.environ.get("NANOTERASU_DIR") or user_data_path("nanoterasu"))
