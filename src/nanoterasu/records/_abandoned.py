"""Runs whose session died before it could end them: closed afterwards, and marked."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from ._errors import SpoolBusy, SpoolDamaged
from ._lock import lock_holder
from ._reader import SpoolReader
from ._spool import LOCK, Spool

_PURPOSE = "briefly, to close what a dead session left open"


def close_abandoned(spool: Spool) -> list[str]:
    """Give every run that was open when ``spool`` was opened a stop document.

    Who holds a spool's lock knows that the session before is dead: the operating system frees the
    lock with its process, however that ended.

    Parameters
    ----------
    spool
        Just opened: no run has been begun in it.

    Returns
    -------
    list of str
        Uids of the runs that were closed, with ``exit_status`` ``"abort"``, the reason, and
        ``abandoned`` set.

    Raises
    ------
    SpoolError
        When the spool cannot be written.
    """
    with SpoolReader(spool.folder) as reader:
        uids = reader.open_runs()
        for uid in uids:
            spool.append("stop", _stop(reader, uid))
    return uids


def close_where_nobody_writes(folder: Path) -> list[str]:
    """Close what was abandoned in ``folder`` if no session is alive there; see `close_abandoned`.

    Returns
    -------
    list of str
        Uids of the runs that were closed; none while a session lives.
    """
    with SpoolReader(folder) as reader:
        if not reader.open_runs() or lock_holder(folder / LOCK) is not None:
            return []
    try:
        with Spool(folder, purpose=_PURPOSE) as spool:
            return close_abandoned(spool)
    except SpoolBusy:  # a session has begun since, and closes them itself
        return []


def _stop(reader: SpoolReader, uid: str) -> dict[str, Any]:
    """Return the stop document of a run that ended when its last document was recorded."""
    streams: dict[str, str] = {}
    events: Counter[str] = Counter()
    last = 0.0
    for entry in reader.entries(run_uid=uid):
        last = entry.wall_time
        try:
            document = entry.document()
        except SpoolDamaged:  # is told of where it is shipped; here only counts suffer
            continue
        if entry.name == "descriptor":
            streams[document["uid"]] = document["name"]
        elif entry.name in ("event", "event_page"):
            stream = streams.get(document["descriptor"], "")
            events[stream] += len(document["seq_num"]) if entry.name == "event_page" else 1
    closed = datetime.now().astimezone().isoformat(timespec="seconds")
    return {
        "uid": str(uuid4()),
        "time": last,
        "run_start": uid,
        "exit_status": "abort",
        "reason": f"The session ended without closing this run; closed afterwards, at {closed}.",
        "num_events": dict(events),
        "abandoned": True,
    }
