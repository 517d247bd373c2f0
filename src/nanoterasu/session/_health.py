"""How the runs of a beamtime went: what an operator may know who does not own the results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from nanoterasu.facility import JST
from nanoterasu.records import SpoolReader


@dataclass(slots=True, repr=False)
class RunHealth:
    """Counts and ends of one run; nothing of what was measured, nor of what.

    Attributes
    ----------
    uid : str
        Its first eight characters.
    began, ended : datetime
        When; ``ended`` is None while it goes on, or when it was cut short.
    events : dict
        Number of events by stream.
    exit_status : str or None
        ``"success"``, ``"abort"`` or ``"fail"``; None while there is none.
    """

    uid: str
    began: datetime
    ended: datetime | None = None
    events: dict[str, int] = field(default_factory=dict)
    exit_status: str | None = None

    def __repr__(self) -> str:  # as a list at the prompt shows it
        counts = ", ".join(f"{number} {stream}" for stream, number in self.events.items())
        return (
            f"{self.uid}  {self.began:%H:%M:%S}  {self.exit_status or 'no end yet':10}  "
            f"{counts or 'no events'}"
        )


def health(spool_folder: Path, beamtime_id: str) -> list[RunHealth]:
    """Return the health of the runs of ``beamtime_id`` in a spool, in order.

    Runs of other beamtimes are not looked into.
    """
    found: dict[str, RunHealth] = {}
    streams: dict[str, str] = {}  # descriptor -> name of the stream
    others: set[str] = set()
    with SpoolReader(spool_folder) as reader:
        for entry in reader.entries():
            if entry.run_uid in others:
                continue
            document = entry.document()
            if entry.name == "start":
                if document.get("beamtime_id") == beamtime_id:
                    began = datetime.fromtimestamp(document["time"], JST)
                    found[entry.run_uid] = RunHealth(entry.run_uid[:8], began)
                else:
                    others.add(entry.run_uid)
            elif entry.run_uid in found:
                _count(found[entry.run_uid], entry.name, document, streams)
    return list(found.values())


def _count(run: RunHealth, name: str, document: Mapping[str, Any], streams: dict[str, str]) -> None:
    if name == "descriptor":
        streams[document["uid"]] = document["name"]
        run.events.setdefault(document["name"], 0)
    elif name in ("event", "event_page") and document["descriptor"] in streams:
        stream = streams[document["descriptor"]]
        run.events[stream] += 1 if name == "event" else len(document["seq_num"])
    elif name == "stop":
        run.exit_status = document["exit_status"]
        run.ended = datetime.fromtimestamp(document["time"], JST)
