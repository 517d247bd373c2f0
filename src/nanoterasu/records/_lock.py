"""One process at a time: a lock that the operating system frees when its holder dies."""

from __future__ import annotations

import fcntl
import os
import time
from datetime import datetime
from pathlib import Path

from ._errors import RecordsError, SpoolBusy

_BRIEFLY = "briefly"  # stands in what a holder says that will be done in a moment
_PATIENCE = (0.05, 5.0)  # s, for anybody, who may not have said yet who it is; for such a holder


def take_lock(
    path: Path,
    being: str,
    advice: str,
    *,
    purpose: str = "",
    refusal: type[RecordsError] = SpoolBusy,
) -> int:
    """Hold ``path`` for this process alone; return the descriptor whose closing frees it.

    Parameters
    ----------
    path
        Of a file whose folder is there.
    being, advice
        Words of the refusal, before and after who holds it.
    purpose
        What this holder says of itself; one that begins with "briefly" is waited for by others.

    Raises
    ------
    RecordsError
        ``refusal``, when another process holds it.
    """
    lock = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    begun = time.monotonic()
    while not _taken(lock):
        holder = os.pread(lock, 200, 0).decode(errors="replace").strip() or "another process"
        if time.monotonic() - begun > _PATIENCE[_BRIEFLY in holder]:
            os.close(lock)
            raise refusal(f"{being} {holder}. {advice}")
        time.sleep(0.02)  # the operating system tells nobody that a lock is free
    since = datetime.now().astimezone().isoformat(timespec="seconds")
    said = f"process {os.getpid()} since {since}{f', {purpose}' if purpose else ''}"
    os.ftruncate(lock, 0)
    os.pwrite(lock, said.encode(), 0)
    return lock


def lock_holder(path: Path) -> str | None:
    """Return who holds a lock of `take_lock`; None when nobody does.

    Trying to take it would shut out whoever comes at that instant, so Linux is asked.
    """
    try:
        inode, said = path.stat().st_ino, path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    held = any(f":{inode} " in line and "FLOCK" in line for line in locks)
    return (said.strip() or "another process") if held else None


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
