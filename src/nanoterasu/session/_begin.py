"""The door: what an IPython profile calls."""

from __future__ import annotations

import atexit
import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ._place import home_folder, place_of

if TYPE_CHECKING:
    from nanoterasu.facility import Person
    from nanoterasu.office import Register

    from ._session import Session


def begin(
    beamline: str,
    *,
    beamtime: str | None = None,
    operator: str | None = None,
    home: str | Path | None = None,
) -> Session:
    """Open a session at ``beamline``, with table, progress bar and banner.

    Parameters
    ----------
    beamline
        Code, as "BL13U".
    beamtime
        Id; else ``NANOTERASU_BEAMTIME``; else the one that the operator has there now.
    operator
        Login; else ``NANOTERASU_OPERATOR``; else that of the operating system.
    home
        Folder of the running system; see `nanoterasu.session.home_folder`.

    Raises
    ------
    nanoterasu.beamlines.AddressError
        If neither the site nor a running twin gives the beamline an address.
    LookupError
        If the operator is not in the office, or has no beamtime here now.
    """
    folder = home_folder(home)
    place = place_of(beamline.upper(), folder)
    # Channel Access reads its settings once, when its client library is first loaded.
    os.environ.update(place.environment)

    from nanoterasu.beamlines import table
    from nanoterasu.office import Register

    from ._console import log_to_file, say_plainly
    from ._session import Session
    from ._watching import watch

    devices = table(beamline)(place.prefix)
    log = folder / "run" / f"session-{beamline.upper()}.log"
    log_to_file(log)
    say_plainly(log)
    login = operator or os.environ.get("NANOTERASU_OPERATOR") or getpass.getuser()
    chosen = beamtime or os.environ.get("NANOTERASU_BEAMTIME")
    with Register(folder / "office.sqlite") as register:
        person = register.person(login)
        if chosen is None:
            chosen = _beamtime_now(register, person, type(devices).__name__)
    session = Session(devices, chosen, login, home=folder, twin=place.twin)
    atexit.register(session.close)
    watch(session)
    print(session.banner())
    return session


def _beamtime_now(register: Register, person: Person, station: str) -> str:
    """Return the one beamtime of ``person`` at ``station`` now."""
    from ._session import now

    own = [b.id for b in register.beamtimes(station, now()) if person.id in b.team]
    if len(own) == 1:
        return own[0]
    found = "no beamtime" if not own else f"{len(own)} beamtimes ({', '.join(own)})"
    raise LookupError(
        f"{person.login} has {found} at {station} now. Name the one to measure for, with "
        "--beamtime or NANOTERASU_BEAMTIME; the user office knows it."
    )
