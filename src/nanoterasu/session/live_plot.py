"""Plot of what is being measured, drawn in a process of its own from what the spool holds.

Drawing in the process that measures would cost each event tens of milliseconds.
"""

from __future__ import annotations

import fcntl
import os
import sys
import threading
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nanoterasu.records import SpoolReader

from ._titles import title
from ._watching import PLOT_LOCK

EVERY = 0.5  # s, between two drawings
SIGNALS = ("tey", "tfy")


class Curves:
    """Numbers of the run that is being measured, one curve a spectrum.

    A signal is divided by ``i0`` where there is one.
    """

    def __init__(self) -> None:
        self.title = ""
        self.axis = ""
        self.points: dict[str, tuple[list[float], list[float]]] = {}
        self._primary = ""
        self._signal = ""
        self._units = ""

    def document(self, name: str, doc: dict[str, Any]) -> bool:
        """Take in one document; True if the picture changes."""
        if name == "start":
            self.title = title(doc)
            dimensions = doc.get("hints", {}).get("dimensions") or [(["time"], "primary")]
            self.axis = dimensions[0][0][0]
            self.points = defaultdict(lambda: ([], []))
            self._primary = ""
        elif name == "descriptor" and doc["name"] == "primary":
            keys = doc["data_keys"]
            numbers = [key for key in keys if keys[key]["dtype"] in ("number", "integer")]
            signals = [key for key in (*SIGNALS, *numbers) if key in numbers and key != self.axis]
            self._primary, self._signal = doc["uid"], signals[0] if signals else ""
            self._units = keys.get(self.axis, {}).get("units") or ""
        elif name == "event" and doc["descriptor"] == self._primary:
            self._add(doc["data"])
        elif name == "event_page" and doc["descriptor"] == self._primary:
            for row in zip(*doc["data"].values(), strict=True):
                self._add(dict(zip(doc["data"], row, strict=True)))
        else:
            return name == "stop"
        return True

    def _add(self, data: dict[str, Any]) -> None:
        if self._signal not in data or self.axis not in data:
            return
        which = [str(data[key]) for key in ("undulator_polarisation",) if key in data]
        if "magnet_field" in data:
            which.append(f"{data['magnet_field']:+.2f} T")
        x, y = self.points[", ".join(which) or self._signal]
        x.append(data[self.axis])
        y.append(data[self._signal] / data["i0"] if data.get("i0") else data[self._signal])

    def draw(self, axes: Any) -> None:
        """Draw all curves into matplotlib ``axes``."""
        axes.clear()
        for label, (x, y) in self.points.items():
            axes.plot(x, y, ".-", markersize=2, linewidth=0.8, label=label)
        axes.set_title(self.title)
        axes.set_xlabel(f"{self.axis} [{self._units}]" if self._units else self.axis)
        axes.set_ylabel(f"{self._signal} / i0")
        if self.points:
            axes.legend(fontsize=8)


def pictures(spool_folder: Path, stop: threading.Event) -> Iterator[tuple[Curves, bool]]:
    """Yield the curves every `EVERY` seconds, with whether they have changed."""
    curves = Curves()
    with SpoolReader(spool_folder) as reader:
        after = reader.last()
        while not stop.is_set():
            changed = False
            for sequence, name, doc in reader.documents(after):
                changed |= curves.document(name, doc)
                after = sequence
            yield curves, changed
            stop.wait(EVERY)


def main(arguments: list[str]) -> None:
    """Draw until the process ``arguments[2]`` is gone."""
    spool_folder, picture, parent = Path(arguments[0]), Path(arguments[1]), int(arguments[2])
    stop = threading.Event()
    threading.Thread(target=_end_with, args=(parent, stop), daemon=True).start()
    _alone(spool_folder)
    window = bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    if window:
        _in_window(spool_folder, stop)
    else:
        _in_file(spool_folder, picture, stop)


def _alone(spool_folder: Path) -> None:
    """Wait until no other process draws from this spool, and say who does; until this one ends."""
    spool_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = os.open(spool_folder / PLOT_LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(lock, fcntl.LOCK_EX)
    os.ftruncate(lock, 0)
    os.pwrite(lock, str(os.getpid()).encode(), 0)


def _in_window(spool_folder: Path, stop: threading.Event) -> None:
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(num="nanoterasu: what is being measured")
    plt.show(block=False)
    for curves, changed in pictures(spool_folder, stop):
        if changed:
            curves.draw(axes)
            figure.canvas.draw_idle()
        figure.canvas.flush_events()


def _in_file(spool_folder: Path, picture: Path, stop: threading.Event) -> None:
    from matplotlib.figure import Figure

    picture.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for curves, changed in pictures(spool_folder, stop):
        if not changed:
            continue
        curves.draw(axes)
        half = picture.with_suffix(".part.png")
        figure.savefig(half)
        half.replace(picture)


def _end_with(parent: int, stop: threading.Event) -> None:
    while not stop.wait(1.0):
        if os.getppid() != parent:
            stop.set()


if __name__ == "__main__":
    main(sys.argv[1:])
