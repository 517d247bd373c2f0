"""The door: what an IPython profile calls."""

from __future__ import annotations

import atexit
import getpass
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

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

    What the last party left is swept first, if it had another owner.  While the session is open,
    no other RunEngine of this console runs plans.  An error at an IPython prompt is one paragraph.

    Parameters
    ----------
    beamline
        Code, as "BL13U", or of a station, as "BL07U-HORNET".
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
    nanoterasu.facility.Refused
        If the beamtime does not allow a run here and now.
    HandoverError
        If what the last party left cannot be swept.
    """
    from ._console import start_plainly

    with start_plainly():
        session = _open(beamline, beamtime, operator, home_folder(home))
    from ._console import say_plainly
    from ._prompt import name_terminal

    say_plainly(session.log)
    name_terminal(f"{session.station} {session.beamtime_id}")
    print(session.banner())
    return session


def _open(beamline: str, beamtime: str | None, operator: str | None, folder: Path) -> Session:
    place = place_of(beamline.partition("-")[0].upper(), folder)
    # Channel Access reads its settings once, when its client library is first loaded.
    os.environ.update(place.environment)

    from nanoterasu.beamlines import station
    from nanoterasu.office import Register, office_place

    from ._session import Session

    kind, code = station(beamline)
    devices = kind(place.prefix, station=code)
    login = operator or os.environ.get("NANOTERASU_OPERATOR") or getpass.getuser()
    chosen = beamtime or os.environ.get("NANOTERASU_BEAMTIME")
    if chosen is None:
        with Register(office_place(folder)) as register:
            person = register.person(login)
            chosen = _beamtime_now(register, person, code)
    session = Session(
        devices,
        chosen,
        login,
        home=folder,
        twin=place.twin,
        console=_names_of_console(),
        durability_window=_durability_window(),
    )
    atexit.register(session.close)
    return session


def _durability_window() -> float:
    """Return the site's setting [ms]; none means that a power cut takes nothing."""
    given = os.environ.get("NANOTERASU_DURABILITY_WINDOW", "0")
    try:
        window = float(given)
    except ValueError:
        window = -1.0
    if not 0 <= window <= 1000:
        raise ValueError(
            f"NANOTERASU_DURABILITY_WINDOW is {given!r}: give milliseconds from 0 (the default: "
            "every document is on the disk before the plan goes on) to 1000."
        )
    return window


def _names_of_console() -> dict[str, Any]:
    """Names that a person at this console sees."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    return sys.modules["__main__"].__dict__ if shell is None else shell.user_ns


def _beamtime_now(register: Register, person: Person, station: str) -> str:
    """Return the one beamtime of ``person`` at ``station`` now."""
    from nanoterasu.facility import may_operate

    from ._session import now

    at = now()
    own = [b.id for b in register.beamtimes(station, at) if may_operate(b, person, at)]
    if len(own) == 1:
        return own[0]
    found = "no beamtime" if not own else f"{len(own)} beamtimes ({', '.join(own)})"
    raise LookupError(
        f"{person.login} has {found} at {station} now. Name the one to measure for, with "
        "--beamtime or NANOTERASU_BEAMTIME; the user office knows it."
    )
