"""Who acts on the register of a home, and whether the register lets them.

The register belongs to the account that owns it: whoever cannot open it cannot act.  Beyond that,
an act needs a role which the register itself gives, so that a slip of an operator changes nothing,
and every act is journalled with who did it and why.
"""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import typer

from nanoterasu.facility import JST
from nanoterasu.office import Register, office_place
from nanoterasu.session import home_folder

USER_OFFICE = "user_office"
DATA_STEWARD = "data_steward"


@contextmanager
def opened(folder: Path | None, *, create: bool = False) -> Iterator[Register]:
    """Open the register of a home.

    Parameters
    ----------
    folder
        Of the system, as `nanoterasu.session.home_folder` takes it.
    create
        Whether to make one where there is none; one that is old stays as it is.

    Raises
    ------
    FileNotFoundError
        When there is none, with what to do.
    """
    place = office_place(home_folder(folder))
    there = "://" not in str(place) and Path(place).exists()
    try:
        register = Register(place, create=create and not there)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"There is no office register at {place}. Give the folder of a running system with "
            "--dir or the register's place in NANOTERASU_OFFICE; or make one from a file that "
            "names your people: nanoterasu office import FILE"
        ) from None
    with register:
        yield register


def now() -> datetime:
    """Return the present instant, in the facility's time."""
    return datetime.now(JST)


def account() -> str:
    """Return the login of the account that runs this command."""
    return getpass.getuser()


def user_office(register: Register, by: str | None) -> str:
    """Return the login of who changes ``register``, which must allow it.

    A register in which nobody holds the role (a new one) is changed by whoever owns it; this is
    said, and journalled.

    Raises
    ------
    PermissionError
        When the register names a user office, and this is not of it.
    """
    login, at = by or account(), now()
    if any(person.has_role(USER_OFFICE, at) for person in register.people()):
        return _holder(register, login, USER_OFFICE, "change the register", at)
    _owner(register)
    typer.echo(
        f"Nobody in {register.place} holds the role {USER_OFFICE} now, so that its owner may "
        f"change it: done as {login}. Give the role to a person, and only they may.",
        err=True,
    )
    register.note(
        "acted for the user office",
        "register",
        "register",
        by=login,
        why=f"Nobody held the role {USER_OFFICE}; the register's owner acted",
        details={"account": account()},
    )
    return login


def data_steward(register: Register, by: str | None) -> str:
    """Return the login of who publishes or moves a run: a data steward now.

    Raises
    ------
    PermissionError
        When the person does not hold the role now.
    """
    return _holder(register, by or account(), DATA_STEWARD, "publish or move runs", now())


def _holder(register: Register, login: str, role: str, act: str, at: datetime) -> str:
    """Return ``login``, refused unless the person holds ``role`` at ``at``."""
    try:
        person = register.person(login)
    except LookupError:
        person = None
    if person is None or not person.has_role(role, at):
        raise PermissionError(
            f"{login} may not {act}: that takes a person who holds the role {role} now, and the "
            f"register {register.place} does not give it to this login. Nothing was changed. "
            "Act as somebody who holds it, with --by LOGIN, or have the user office give the role."
        )
    return login


def _owner(register: Register) -> None:
    """Refuse a register in a file of another account; one in a server was opened with its login."""
    file = Path(register.place)
    if "://" not in register.place and file.stat().st_uid != os.geteuid():
        raise PermissionError(
            f"Nobody in {file} holds the role {USER_OFFICE} now, and the file belongs to another "
            "account. Nothing was changed: have its owner make the first entries."
        )
