"""Sending runs again: what Tiled lost or holds wrongly is mended from the spool."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Collection

from ._errors import ShipError, SpoolBusy
from ._reader import SpoolReader
from ._state import ShipState
from ._verify import Report, verify

_POLL = 0.1  # s
_ROUNDS = 2  # the second mends what the first found to differ


def replay(
    spool_folder: str | os.PathLike[str],
    uri: str,
    key: str,
    *,
    uids: Collection[str] | None = None,
    place: Callable[[str], str | None] = lambda uid: None,
    fresh: bool = False,
    patience: float = 600.0,
) -> Report:
    """Compare closed runs of a spool with Tiled, and send again those that differ or lack.

    A run that agrees is not touched; one that differs is removed from Tiled and sent from its
    start.  Doing it again changes nothing.  Where a shipper reads the spool it does the work, on
    request.

    Parameters
    ----------
    spool_folder
        Folder of a `Spool`.
    uri
        Address of Tiled.
    key
        The shipping service's key there.
    uids
        Runs to send.  Default: all that are in the spool.
    place
        Returns the access tag under which a run stands now (`nanoterasu.records.place_of`).  A run
        that was moved or published is compared where it stands, and never sent to its first owner
        again.
    fresh
        Whether it is a second Tiled, of which the spool's own shipper must not know.
    patience
        How long to wait for a shipper that does the work [s].

    Returns
    -------
    Report
        As `verify` gives it, afterwards.

    Raises
    ------
    ShipError
        When a shipper did not do the work in time.
    httpx.HTTPError
        When Tiled does not answer.
    """
    with SpoolReader(spool_folder) as reader:
        closed = [uid for uid, done in reader.runs().items() if done]
    chosen = [uid for uid in closed if uids is None or uid in uids]
    if fresh:
        with tempfile.TemporaryDirectory(prefix="nanoterasu-replay-") as notes:
            return _send(spool_folder, uri, key, chosen, place, notes)
    state = ShipState(spool_folder)
    try:
        for uid in chosen:
            state.ask_again(uid)
        try:
            return _send(spool_folder, uri, key, chosen, place, None)
        except SpoolBusy:
            _wait(state, chosen, patience)
    finally:
        state.close()
    return verify(spool_folder, uri, key, uids=chosen, place=place)


def _send(
    spool_folder: str | os.PathLike[str],
    uri: str,
    key: str,
    chosen: Collection[str],
    place: Callable[[str], str | None],
    notes: str | None,
) -> Report:
    from ._ship import ship

    report, only = Report(()), chosen if notes else None
    for _ in range(_ROUNDS):
        ship(spool_folder, uri, key, once=True, place=place, notes=notes, only=only)
        report = verify(spool_folder, uri, key, uids=chosen, place=place, notes=notes)
        state = ShipState(notes or spool_folder)
        try:
            wrong = [run.uid for run in report.runs if run.outcome == "differs"]
            for uid in wrong:
                state.ask_again(uid)
        finally:
            state.close()
        if not wrong:
            break
    return report


def _wait(state: ShipState, uids: Collection[str], patience: float) -> None:
    """Wait until the shipper has answered every request and shipped or refused every run."""
    until, pause = time.monotonic() + patience, threading.Event()
    while set(state.asked()) & set(uids) or not all(
        state.shipped(uid) or uid in state.refused() for uid in uids
    ):
        if time.monotonic() > until:
            status = state.status()
            raise ShipError(
                f"The shipper did not send {len(uids)} run(s) again within {patience:g} s (it is "
                f"{status.state}: {status.message}). It goes on; see `nanoterasu records status`."
            )
        pause.wait(_POLL)
