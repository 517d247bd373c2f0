"""Checksums of large data: each closed file gets one beside it, and is not written again.

Beside ``<uid>.h5`` stands ``<uid>.h5.sha256``, which ``sha256sum --check`` understands.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
import threading
import time
from collections.abc import Callable, Iterator
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Self

from ._errors import RecordsError
from ._files import Files, sync_folder
from ._own_file import refuse_doors
from ._private import write_private

_READ_ONLY = 0o440
_PERIOD = 5.0  # s between looks for files that have been closed
_QUIET = 2.0  # s without a change, after which a closed file is not still being copied
_LEFT = 3600.0  # s without a change, after which a file's writer is taken for dead
_SIGNATURE = b"\x89HDF\r\n\x1a\n"
_FLAGS = 11  # byte of the superblock, version 3, that says whether a writer has the file open

logger = logging.getLogger(__name__)


class FileState(StrEnum):
    """What a file is, compared with its checksum."""

    OK = "ok"
    CHANGED = "changed"
    MISSING = "missing"
    UNSEALED = "unsealed"


def seal(path: str | os.PathLike[str]) -> str:
    """Make a file read-only and write its checksum beside it, durably.

    A file that is sealed already stays as it is; an interrupted call is completed by the next.

    Returns
    -------
    str
        SHA-256 of the file, in hexadecimal digits.

    Raises
    ------
    RecordsError
        When the file is still being written, is a link, or cannot be read or sealed.
    """
    path = Path(path)
    refuse_doors(path.parent.resolve() / path.name)
    try:
        with path.open("rb") as file:
            if _held(file.fileno()):
                raise RecordsError(f"{path} is open. Seal it when it has been closed.")
            os.fchmod(file.fileno(), _READ_ONLY)
            if _sidecar(path).exists():
                return _noted(path)
            os.fsync(file.fileno())
            before = os.fstat(file.fileno())
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            after = os.fstat(file.fileno())
        if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
            raise RecordsError(f"{path} was written while its checksum was made. Seal it anew.")
        write_private(_sidecar(path), f"{digest}  {path.name}\n", _READ_ONLY)
        sync_folder(path.parent)
    except OSError as error:
        raise RecordsError(
            f"{path} could not be sealed ({error}). It is kept as it is: check that it is there, "
            "that its disk has room, and that it belongs to this account; it is tried again."
        ) from error
    return digest


def check_file(path: str | os.PathLike[str]) -> FileState:
    """Compare a file with its checksum, reading it to its end."""
    path = Path(path)
    sealed = _sidecar(path).exists()
    try:
        with path.open("rb") as file:
            if not sealed:
                return FileState.UNSEALED
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return FileState.MISSING
    return FileState.OK if digest == _noted(path) else FileState.CHANGED


def closed(path: str | os.PathLike[str]) -> bool:
    """Return whether no writer has an HDF5 file open, as far as the file itself tells.

    False of the file of a writer that was killed, and of one in a format that does not tell.
    """
    with Path(path).open("rb") as file:
        head = file.read(_FLAGS + 1)
    return len(head) > _FLAGS and head[:8] == _SIGNATURE and head[8] == 3 and head[_FLAGS] == 0


def seal_closed(
    folder: str | os.PathLike[str], report: Callable[[str], object] = logger.warning
) -> list[Path]:
    """Seal every file in the folders of ``folder`` that is closed and has no checksum yet.

    One that a killed writer left open is taken for closed when it has not changed for an hour.

    Parameters
    ----------
    folder
        Holds one folder a beamtime.
    report
        Called with one sentence for each that could not be sealed.

    Returns
    -------
    list of Path
        Those that were sealed now.
    """
    sealed = []
    for path in _unsealed(Path(folder).resolve()):
        try:
            refuse_doors(path)  # before it is opened: a pipe would be waited for
            age = time.time() - path.stat().st_mtime
            if age > (_QUIET if closed(path) else _LEFT):
                seal(path)
                sealed.append(path)
        except (OSError, RecordsError) as error:
            report(f"{path.name} is not sealed yet: {error}")
    return sealed


class Sealing:
    """Seals files as they are closed, in a thread of its own, for a ``with`` block.

    Any number may work on one folder: one at a time does.

    Parameters
    ----------
    files
        Of the home.
    lock
        File by which they take turns.
    """

    def __init__(self, files: Files, lock: str | os.PathLike[str]) -> None:
        self._folder = files.folder
        self._lock = Path(lock)
        self._said: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sealing", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        self._thread.join(1.0)  # a checksum that is cut short is made anew

    def _work(self) -> None:
        descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not self._ended.is_set():
                if not _held(descriptor, keep=True):
                    seal_closed(self._folder, self._say)
                self._ended.wait(_PERIOD)
        finally:
            os.close(descriptor)

    def _say(self, message: str) -> None:
        if message not in self._said:  # it is tried every few seconds
            self._said.add(message)
            logger.warning("%s", message)


def _unsealed(folder: Path) -> Iterator[Path]:
    for beamtime in sorted(folder.glob("*/")):
        names = set(os.listdir(beamtime))
        for name in sorted(names):
            if name.endswith(".h5") and f"{name}.sha256" not in names:
                yield beamtime / name


def _held(descriptor: int, *, keep: bool = False) -> bool:
    """Return whether another process holds a lock, as the writer of a `FrameFile` does."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    if not keep:  # or readers would be kept out
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    return False


def _sidecar(path: Path) -> Path:
    return path.with_name(path.name + ".sha256")


def _noted(path: Path) -> str:
    """Return the checksum that stands beside a file."""
    digest, _, name = _sidecar(path).read_text(encoding="ascii").rstrip("\n").partition("  ")
    if len(digest) != 64 or name != path.name:
        raise RecordsError(
            f"{_sidecar(path)} is no checksum of {path.name}. Somebody changed it: find out who, "
            "and compare the file with another copy."
        )
    return digest
