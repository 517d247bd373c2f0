"""What a person sees while a plan runs: a table, a progress bar, and a plot beside."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bluesky.callbacks import CallbackBase
from tqdm import tqdm

from ._titles import title

if TYPE_CHECKING:
    from ._session import Session


PLOT_LOCK = "plot.lock"
"""In a spool's folder: held by the process that draws from it, with its number inside."""


class _Screen:
    """Standard output as it is now: IPython exchanges its ``write`` in every cell."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stdout, name)

    def write(self, text: str) -> int:
        return sys.stdout.write(text)


_SCREEN: Any = _Screen()


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
        self._columns: dict[str, str] = {}
        self._bar: tqdm | None = None
        self._primary: str | None = None

    def start(self, doc: Any) -> None:
        """Open the bar; its length is known when the plan says how many points it has."""
        self._start, self._primary, self._columns = dict(doc), None, {}
        self._bar = tqdm(
            total=doc.get("num_points"),
            desc=title(doc),
            unit="point",
            leave=False,
            disable=None,  # silent where nobody watches
            dynamic_ncols=True,
            file=_SCREEN,
        )

    def descriptor(self, doc: Any) -> None:
        """Begin the table with the stream's numbers."""
        if doc.get("name") != "primary":
            return
        self._primary = doc["uid"]
        if not self._rows:
            return
        self._columns = columns(self._start, doc["data_keys"])
        tqdm.write(f"{'point':>6}  {'time':8}  {'  '.join(self._columns.values())}", _SCREEN)

    def event(self, doc: Any) -> Any:
        """Print a row and move the bar."""
        if doc["descriptor"] == self._primary and self._bar is not None:
            if self._columns:
                shown = (
                    f"{_short(doc['data'][key]):>{len(head)}}"
                    for key, head in self._columns.items()
                )
                clock = time.strftime("%H:%M:%S", time.localtime(doc["time"]))
                tqdm.write(f"{doc['seq_num']:>6}  {clock}  {'  '.join(shown)}", _SCREEN)
            self._bar.update()
        return doc

    def event_page(self, doc: Any) -> Any:
        """Move the bar by the page's rows."""
        if doc["descriptor"] == self._primary and self._bar is not None:
            self._bar.update(len(doc["seq_num"]))
        return doc

    def stop(self, doc: Any) -> None:
        """Close the bar, and say how it ended."""
        if self._bar is not None:
            self._bar.close()
        self._bar = None
        if self._rows:
            points = (doc.get("num_events") or {}).get("primary", 0)
            tqdm.write(f"{title(self._start)}: {points} points, {doc['exit_status']}", _SCREEN)


def columns(start: Mapping[str, Any], keys: Mapping[str, Any]) -> dict[str, str]:
    """Headings of the table by data key: the axis first, no arrays, and no setpoints.

    >>> columns({}, {"i0": {"shape": [], "units": "A"}, "wave": {"shape": [3]}})
    {'i0': '      i0 [A]'}
    """
    dimensions = start.get("hints", {}).get("dimensions") or []
    axes = [key for names, _ in dimensions for key in names if key in keys]
    shown = [key for key in keys if not key.endswith("_setpoint") and not keys[key]["shape"]]
    units = {key: keys[key].get("units") for key in shown}
    return {
        key: f"{f'{key} [{units[key]}]' if units[key] else key:>12}"
        for key in dict.fromkeys([*axes, *shown])
        if key in units
    }


def _short(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def watch(session: Session) -> subprocess.Popen[bytes]:
    """Show what ``session`` measures: in the console, and in a plot drawn by another process.

    Returns
    -------
    subprocess.Popen
        Of the plot.
    """
    session.RE.subscribe(Watching())
    # A folder for each station: two parties may measure at one beamline.
    picture = session.home / "plots" / session.station / "live.png"
    return start_live_plot(session.spool_folder, picture)


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


def ended(plot: subprocess.Popen[bytes]) -> None:
    """End a plot that this process started."""
    plot.terminate()
    plot.wait()


def end_live_plot(spool_folder: Path, patience: float = 5.0) -> None:
    """End the process that draws from ``spool_folder``, whoever started it, and wait for its end.

    Raises
    ------
    OSError
        When it does not end within ``patience`` [s], even killed.
    """
    path = spool_folder / PLOT_LOCK
    if not path.exists():
        return
    lock = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    try:
        for number in (signal.SIGTERM, signal.SIGKILL):
            until = time.monotonic() + patience
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return
                except BlockingIOError:
                    # Who holds the lock is the process that is named in it, and no other.
                    if until - time.monotonic() > patience - 0.01:
                        os.kill(int(os.pread(lock, 20, 0)), number)
                    elif time.monotonic() > until:
                        break
                time.sleep(0.02)
        raise OSError(f"the live plot of {spool_folder} does not end")
    finally:
        os.close(lock)
