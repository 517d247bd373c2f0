"""What a person sees while a plan runs: a table, a progress bar, and a plot beside."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bluesky.callbacks import CallbackBase, LiveTable
from tqdm import tqdm

if TYPE_CHECKING:
    from ._session import Session


class Watching(CallbackBase):
    """Table of the primary stream's numbers, with a progress bar below.

    Pages of a continuous scan move the bar; their rows are not printed one by one.

    Parameters
    ----------
    rows
        Whether to print a row for each event.
    """

    def __init__(self, *, rows: bool = True) -> None:
        super().__init__()
        self._rows = rows
        self._start: dict[str, Any] = {}
        self._table: LiveTable | None = None
        self._bar: tqdm | None = None
        self._primary: str | None = None

    def start(self, doc: Any) -> None:
        """Open the bar; its length is known when the plan says how many points it has."""
        self._start, self._primary, self._table = dict(doc), None, None
        self._bar = tqdm(
            total=doc.get("num_points"),
            desc=str(doc.get("technique") or doc.get("plan_name")),
            unit="point",
            leave=False,
            disable=None,  # silent where nobody watches
            dynamic_ncols=True,
            file=sys.stdout,
        )

    def descriptor(self, doc: Any) -> None:
        """Begin the table with the stream's numbers."""
        if doc.get("name") != "primary":
            return
        self._primary = doc["uid"]
        if not self._rows:
            return
        keys = doc["data_keys"]
        shown = [key for key in keys if not key.endswith("_setpoint") and not keys[key]["shape"]]
        self._table = LiveTable(shown, default_prec=4, out=tqdm.write)
        self._table("start", self._start)
        self._table("descriptor", doc)

    def event(self, doc: Any) -> Any:
        """Print a row and move the bar."""
        if doc["descriptor"] == self._primary and self._bar is not None:
            if self._table is not None:
                self._table("event", doc)
            self._bar.update()
        return doc

    def event_page(self, doc: Any) -> Any:
        """Move the bar by the page's rows."""
        if doc["descriptor"] == self._primary and self._bar is not None:
            self._bar.update(len(doc["seq_num"]))
        return doc

    def stop(self, doc: Any) -> None:
        """Close both."""
        if self._table is not None:
            self._table("stop", doc)
        if self._bar is not None:
            self._bar.close()
        self._bar = None


def watch(session: Session) -> None:
    """Show what ``session`` measures: in the console, and in a plot drawn by another process."""
    session.RE.subscribe(Watching())
    start_live_plot(session.spool_folder, session.home / "plots" / "live.png")


def start_live_plot(spool_folder: Path, picture: Path) -> subprocess.Popen[bytes]:
    """Start the process that draws what arrives in the spool; it ends with this one.

    It opens a window where there is a display, and keeps ``picture`` fresh elsewhere.
    """
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "nanoterasu.session.live_plot",
            str(spool_folder),
            str(picture),
            str(os.getpid()),
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C stops the plan, not the plot
    )
