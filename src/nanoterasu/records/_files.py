"""Where large data lie: one folder a beamtime, entered by the service's account and the unit."""

from __future__ import annotations

import grp
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._errors import RecordsError
from ._private import private_folder, read_json

SETTINGS = "files.json"

_BEAMTIME_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_ALONE, _WITH_UNIT = 0o700, 0o2750  # what is made below belongs to the unit's group too


@dataclass(frozen=True, slots=True)
class Files:
    """The folders of large data of one home.

    Attributes
    ----------
    folder : Path
        Holds one folder a beamtime, without links on the way to it.
    groups : mapping of str to str
        Unit id to the group of the operating system whose members enter the unit's folders.
    """

    folder: Path
    groups: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, home: str | os.PathLike[str]) -> Files:
        """Return what the file ``files.json`` of ``home`` sets; ``<home>/files`` without it.

        Its keys are ``"folder"``, an absolute path, and ``"groups"``, as the attributes here.

        Raises
        ------
        RecordsError
            When it says something else.
        """
        home = Path(home).absolute()
        said: Any = read_json(home / SETTINGS)
        folder, groups = said.get("folder", str(home / "files")), said.get("groups", {})
        unknown = sorted(set(said) - {"folder", "groups"})
        strings = isinstance(groups, dict) and all(isinstance(g, str) for g in groups.values())
        if unknown or not strings or not isinstance(folder, str) or not Path(folder).is_absolute():
            raise RecordsError(
                f"{home / SETTINGS} is not understood: it holds 'folder', an absolute path, and "
                "'groups', unit id to name of a group, and nothing else. Correct it; until then "
                "no large data are written."
            )
        return cls(Path(folder).resolve(), groups)

    def prepare(self) -> None:
        """Make `folder`, if it is not there, for this account alone.

        Raises
        ------
        OSError
            When it cannot be made.
        """
        if not self.folder.exists():
            private_folder(self.folder)

    def beamtime(self, beamtime_id: str, unit_id: str | None = None) -> Path:
        """Make the folder of a beamtime, if it is not there, and return it.

        Parameters
        ----------
        beamtime_id
            As in the start document.
        unit_id
            Whose group enters, if `groups` names one; without it this account alone does.

        Raises
        ------
        RecordsError
            When the id cannot name a folder, something else stands in its place, or the unit's
            group is not known to this machine.
        """
        path = self.folder / checked_beamtime_id(beamtime_id)
        group = self.groups.get(unit_id) if unit_id is not None else None
        number = -1 if group is None else _number_of(group, path)
        try:
            self.prepare()
            path.mkdir(mode=_ALONE, exist_ok=True)
            descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
            try:
                os.fchown(descriptor, -1, os.getegid() if group is None else number)
                # By descriptor, so that what stands there now and not a link is changed.
                os.fchmod(descriptor, _ALONE if group is None else _WITH_UNIT)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise RecordsError(
                f"The folder {path} cannot be made ready ({error.strerror}). Check that its disk "
                "has room, that no file or link stands in its place, and that this account "
                f"{'belongs to the group ' + group if group else 'owns it'}."
            ) from error
        return path


def checked_beamtime_id(beamtime_id: object) -> str:
    """Return ``beamtime_id`` when it can name a folder.

    Raises
    ------
    RecordsError
        When it cannot.

    >>> checked_beamtime_id("EX-2026A-1")
    'EX-2026A-1'
    """
    if isinstance(beamtime_id, str) and _BEAMTIME_ID.fullmatch(beamtime_id):
        return beamtime_id
    raise RecordsError(
        f"The beamtime id {beamtime_id!r} cannot name a folder of large data: it needs letters, "
        "digits, dots, dashes and underscores, and a letter or digit first. Have the beamtime "
        "renamed in the office."
    )


def make_private_file(path: Path) -> None:
    """Make an empty file that its account writes and the folder's group reads; durable by name.

    Raises
    ------
    OSError
        When it is there already, or cannot be made.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        inherited = bool(path.parent.stat().st_mode & stat.S_ISGID)
        os.fchmod(descriptor, 0o640 if inherited else 0o600)
    finally:
        os.close(descriptor)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _number_of(group: str, path: Path) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        raise RecordsError(
            f"{SETTINGS} names the group {group!r} for {path}, and this machine has none of that "
            "name. Have the group made, or take the line out: then this account alone enters."
        ) from None
