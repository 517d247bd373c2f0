"""From the spool into Tiled: at its own pace, in order, each run exactly once."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Collection
from pathlib import Path

from ._lock import take_lock
from ._shipping import Shipping
from ._spool import SHIP_LOCK

logger = logging.getLogger(__name__)


def ship(
    spool_folder: str | os.PathLike[str],
    uri: str | Callable[[], str],
    key: str,
    *,
    stop: threading.Event | None = None,
    once: bool = False,
    report: Callable[[str], object] = logger.info,
    begun: Callable[[], object] = lambda: None,
    place: Callable[[str], str | None] = lambda uid: None,
    max_age: float = 0.2,
    files: str | os.PathLike[str] | None = None,
    notes: str | os.PathLike[str] | None = None,
    only: Collection[str] | None = None,
) -> None:
    """Send the documents of a spool to Tiled, as they come, until ``stop`` is set.

    A run goes into the container that its first access tag names.  Rows become readable while the
    run goes on.  When it has ended it is compared with its documents, field by field, and noted as
    verified.  A run that was cut short, or differs, is removed from Tiled and sent again from its
    start; one that Tiled fails on is tried again later, one that it refuses is set aside with the
    reason, and so is a single document that has no place; the rest goes on.  A run whose session
    is dead is closed.  While Tiled is away nothing is lost: the spool keeps everything.

    Parameters
    ----------
    spool_folder
        Folder of a `Spool`; the shipper's notes (`ShipState`) are kept there too.
    uri
        Address of Tiled, or a function that returns it, asked again at each attempt.
    key
        The shipping service's key (`TiledHome.key`).
    stop
        Ends the work.
    once
        Return when everything that is in the spool now has been dealt with.
    report
        Called with one sentence when something changes.
    begun
        Called once, when this is the spool's one shipper.
    place
        Returns the access tag under which a run stands in Tiled already, if any: one that was
        moved or published since is not sent to its first owner again.
    max_age
        How long a row waits to be sent with others [s]; up to half a second where Tiled is slow.
    files
        Folder of large data (`Files.folder`); without it a run that brings in a file is set aside.
    notes
        Folder of the shipper's notes and lock, in place of the spool's: for a second Tiled.
    only
        Runs to send.  Default: all.  With notes of its own, since the others count as passed.

    Raises
    ------
    SpoolBusy
        When another shipper reads this spool.
    """
    lock = take_lock(
        Path(notes or spool_folder) / SHIP_LOCK,
        f"The spool {notes or spool_folder} is being shipped by",
        "One shipper reads a spool: stop that one first.",
    )
    try:
        begun()
        ended = stop or threading.Event()
        shipper = Shipping(
            folder=spool_folder,
            notes=notes or spool_folder,
            only=frozenset(only) if only is not None else None,
            uri=uri,
            key=key,
            stop=ended,
            once=once,
            report=report,
            place=place,
            files=files,
            max_age=max_age,
        )
        shipper.run()
    finally:
        os.close(lock)
