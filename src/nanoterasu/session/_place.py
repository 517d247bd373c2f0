"""Where a session's things are: the home folder, the PV prefix, the twin that may be running."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from platformdirs import user_data_path


def home_folder(folder: str | Path | None = None) -> Path:
    """Folder of the running system: ``folder``, else ``NANOTERASU_DIR``, else the user's data.

    Raises
    ------
    PermissionError
        If it cannot be made or written to.
    """
    home = Path(folder or os.environ.get("NANOTERASU_DIR") or user_data_path("nanoterasu"))
    home = home.expanduser().absolute()
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(home, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied")
    except OSError as error:
        raise PermissionError(
            f"The folder {home} cannot be written to ({error.strerror}). Everything that is "
            "measured is kept there first, so nothing starts without it. Choose another folder "
            "with --dir or NANOTERASU_DIR, or change its permissions."
        ) from None
    return home


@dataclass(frozen=True, slots=True)
class Place:
    """Address of one beamline's control system.

    Attributes
    ----------
    prefix : str or None
        Before every PV suffix of the beamline.
    twin : bool
        Whether it is the digital twin.
    speed : float
        How many times faster than the wall clock the twin's instruments run.
    environment : dict
        ``EPICS_CA_*`` variables under which clients reach it.
    """

    prefix: str | None
    twin: bool
    speed: float
    environment: Mapping[str, str]


def place_of(beamline: str, home: Path) -> Place:
    """Address of ``beamline``: the site's, if it set one, else that of a running twin.

    The site's setting wins, so that a forgotten twin can never stand in for the beamline.
    """
    prefix = os.environ.get(f"NANOTERASU_PREFIX_{beamline}")
    if prefix:
        return Place(prefix, twin=False, speed=1.0, environment={})
    running = _running(home / "run" / f"twin-{beamline}.json")
    if running is None:
        return Place(None, twin=False, speed=1.0, environment={})
    environment = client_environment(running["address"], running["port"], running["repeater_port"])
    return Place(running["prefix"], True, float(running["speed"]), environment)


def client_environment(address: str, port: int, repeater_port: int) -> dict[str, str]:
    """Channel Access settings under which a client reaches one server, and no other."""
    return {
        "EPICS_CA_ADDR_LIST": address,
        "EPICS_CA_AUTO_ADDR_LIST": "NO",
        "EPICS_CA_SERVER_PORT": str(port),
        "EPICS_CA_REPEATER_PORT": str(repeater_port),
    }


def _running(path: Path) -> dict[str, Any] | None:
    """What the twin said of itself, if it still lives."""
    try:
        text = path.read_text()
    except FileNotFoundError:
        return None
    try:
        said = json.loads(text)
        pid = int(said["pid"])
    except (ValueError, TypeError, KeyError):
        raise ValueError(
            f"The note {path}, in which a twin says where it answers, cannot be understood. End "
            f"that twin if it runs, remove the note, and start it again with 'nanoterasu twin "
            f"{path.stem.removeprefix('twin-')}'."
        ) from None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        return said  # it lives, under another account
    return said
