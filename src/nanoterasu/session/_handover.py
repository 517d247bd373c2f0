"""Handover of a station: what one party left behind is swept before the next one measures."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from nanoterasu.facility import Beamtime, rules
from nanoterasu.records import RecordsError, Spool, SpoolReader, retire

from ._kept import keep, kept
from ._prompt import sweep_prompt
from ._watching import end_live_plot

T = TypeVar("T")
Hook = Callable[[Path, str], object]

HOOKS: list[Hook] = []
"""Called with the home and the station at each sweep, for what other rooms keep of a party."""

_FOLDERS = ("plots", "clipboard")


class HandoverError(RuntimeError):
    """A station could not be swept, so nobody else measures there yet."""


def owner_of(beamtime: Beamtime) -> str:
    """Return the code of the unit or the proposal to which a beamtime belongs."""
    return beamtime.unit_id or beamtime.proposal_id or ""


def hand_over(home: Path, station: str, namespace: MutableMapping[str, Any] | None = None) -> int:
    """Sweep what the last party left at ``station``, when no session is open there.

    Plots, clipboard files, logs, live plots, the documents of runs that are stored, and what
    `HOOKS` know of; with ``namespace`` also the console: its names, its history, its figures and
    its screen.  It may be cut short at any instant: the next one finishes it.

    Parameters
    ----------
    home
        Folder of the running system.
    station
        As in the rules.
    namespace
        Names of this console; they are taken out.

    Returns
    -------
    int
        Runs that stay in the spool because they are not completely in Tiled yet.

    Raises
    ------
    nanoterasu.records.SpoolBusy
        When a session is open at the station.
    HandoverError
        When something could not be swept.
    """
    with Spool(home / "spool" / station):
        return sweep(home, station, owner=None, namespace=namespace)


@dataclass(frozen=True, slots=True)
class Taken:
    """How a station was taken over.

    Attributes
    ----------
    swept : bool
        Whether another party was there before.
    last : str or None
        Beamtime of that party, where it is known.
    waiting : int
        Runs of others that stay in the spool because they are not completely in Tiled yet.
    """

    swept: bool
    last: str | None
    waiting: int


def take_over(
    home: Path,
    station: str,
    beamtime: Beamtime,
    operator: str,
    namespace: MutableMapping[str, Any] | None = None,
) -> Taken:
    """Sweep if the last party at ``station`` had another owner, or a sweep was cut short.

    Whoever calls holds the station's spool.

    Raises
    ------
    HandoverError
        When something could not be swept.
    """
    path, owner, since = _note(home, station), owner_of(beamtime), time.time()
    last = _last(path)
    swept = bool(last) and (last.get("owner") != owner or bool(last.get("sweeping")))
    if swept:
        waiting = sweep(home, station, owner=owner, namespace=namespace)
    else:
        waiting = _speaking(station, lambda: retire_others(home, station, owner))
        since = float(last.get("since", since))
    party = {"beamtime": beamtime.id, "owner": owner, "operator": operator, "since": since}
    _speaking(station, lambda: keep(path, party | {"sweeping": False}))
    return Taken(swept, last.get("beamtime"), waiting)


def sweep(
    home: Path,
    station: str,
    *,
    owner: str | None,
    namespace: MutableMapping[str, Any] | None = None,
) -> int:
    """Sweep a station whose spool the caller holds; ``owner`` keeps the documents of its runs."""
    path = _note(home, station)
    last = _last(path)

    def work() -> int:
        keep(path, last | {"sweeping": True})
        end_live_plot(home / "spool" / station)
        for name in _FOLDERS:
            _empty(home / name, station)
        _empty_logs(home / "run", station)
        for hook in HOOKS:
            hook(home, station)
        if namespace is not None:
            sweep_prompt(namespace, since=float(last.get("since", 0.0)))
        waiting = retire_others(home, station, owner)
        keep(path, last | {"sweeping": False})
        return waiting

    return _speaking(station, work)


def _last(path: Path) -> dict[str, Any]:
    """Return the note on the last party; of one that cannot be read, that it is to be swept."""
    try:
        return kept(path)
    except (OSError, ValueError):
        return {"sweeping": True}


def _speaking(station: str, work: Callable[[], T]) -> T:
    try:
        return work()
    except (OSError, RecordsError, sqlite3.Error) as error:
        raise HandoverError(
            f"{station} could not be handed over: {error}. What the last party left may still "
            "be there, so nobody else measures yet. Mend that, and begin the session again: it "
            "goes on where it stopped."
        ) from error


def retire_others(home: Path, station: str, owner: str | None) -> int:
    """Retire the runs of all but ``owner`` that are stored; return how many are not yet."""
    folder = home / "spool" / station
    with SpoolReader(folder) as reader:
        others = [
            uid
            for uid, start in reader.starts()
            if owner is None or (start.get("unit_id") or start.get("proposal_id")) != owner
        ]
    return len(others) - len(retire(folder, others))


def _note(home: Path, station: str) -> Path:
    return home / "run" / f"{station}.json"


def _stations() -> frozenset[str]:
    return frozenset(rule.scope["station"] for rule in rules("stations"))


def _empty(folder: Path, station: str) -> None:
    """Remove what stands in ``folder``, but not the folders of other stations' parties."""
    others = _stations() - {station}
    for path in folder.iterdir() if folder.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            if path.name not in others:
                shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _empty_logs(folder: Path, station: str) -> None:
    """Empty the logs, also those that are being written; not those of other stations.

    What a party typed stands in the traceback of its errors, so that no mask is sure to know all.
    """
    others = _stations() - {station}
    for path in folder.glob("*.log*"):
        if not any(path.name.partition(".log")[0].endswith(f"-{other}") for other in others):
            os.truncate(path, 0)
