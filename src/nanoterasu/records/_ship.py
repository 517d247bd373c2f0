"""From the spool into Tiled: at its own pace, in order, each run exactly once."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx

from ._errors import RecordsError, SpoolError, TiledError
from ._reader import Entry, SpoolReader
from ._replay import compare_again
from ._spool import SHIP_LOCK, take_lock
from ._state import ShipState
from ._verify import check_run
from ._writer import RunWriter

if TYPE_CHECKING:
    from tiled.client.container import Container

_POLL = 0.05  # s between looks at a quiet spool
_REQUESTS = 1.0  # s between looks at what somebody asks for
_PATIENCE = (0.5, 15.0)  # s, first and longest wait for Tiled
_TRIES = 3  # of a run that Tiled answers with an error
_LATER = frozenset({401, 408, 425, 429, 502, 503, 504})  # answers that say nothing of the run

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
    max_age: float = 0.5,
    notes: str | os.PathLike[str] | None = None,
    only: Collection[str] | None = None,
) -> None:
    """Send the documents of a spool to Tiled, as they come, until ``stop`` is set.

    A run goes into the container that its first access tag names.  Rows become readable while the
    run goes on.  A run that was cut short is removed from Tiled and sent again from its start; one
    that Tiled cannot take is set aside with the reason, and the rest goes on.  While Tiled is away
    nothing is lost: the spool keeps everything.

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
        Longest time that a row waits to be sent with others [s].
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
        "is being shipped by",
        "One shipper reads a spool: stop that one first.",
    )
    try:
        begun()
        ended = stop or threading.Event()
        kept, chosen = notes or spool_folder, frozenset(only) if only is not None else None
        _Shipper(spool_folder, kept, chosen, uri, key, ended, once, report, place, max_age).run()
    finally:
        os.close(lock)


@dataclass(slots=True)
class _Journey:
    """A run that is under way."""

    writer: RunWriter | None  # None when Tiled has it already
    first: int


@dataclass(slots=True)
class _Shipper:
    folder: str | os.PathLike[str]
    notes: str | os.PathLike[str]
    only: frozenset[str] | None
    uri: str | Callable[[], str]
    key: str
    stop: threading.Event
    once: bool
    report: Callable[[str], object]
    place: Callable[[str], str | None]
    max_age: float
    reader: SpoolReader = field(init=False)
    state: ShipState = field(init=False)
    journeys: dict[str, _Journey] = field(init=False, default_factory=dict)
    finished: set[str] = field(init=False, default_factory=set)
    tries: dict[str, int] = field(init=False, default_factory=dict)
    root: Container | None = field(init=False, default=None)
    flushed: float = field(init=False, default=0.0)

    def run(self) -> None:
        """Ship until told to stop."""
        self.reader, self.state = SpoolReader(self.folder), ShipState(self.notes)
        shortest, longest = _PATIENCE
        pause = shortest
        try:
            while not self.stop.is_set():
                before = self.state.cursor()
                try:
                    self._connect()
                    if self._follow():
                        return
                    continue
                except (httpx.HTTPError, TiledError, SpoolError) as error:
                    pause = shortest if self.state.cursor() > before else pause
                    again = f"next try in {pause:g} s, nothing is lost"
                    self._say("waiting", f"{_cause(error)}; {again}")
                    self.stop.wait(pause)
                    pause = min(2 * pause, longest)
        finally:
            self.state.say("stopped", "no shipper runs; what is new waits in the spool")
            self.reader.close()
            self.state.close()

    def _connect(self) -> None:
        from tiled.client import from_uri

        self.journeys.clear()
        address = self.uri if isinstance(self.uri, str) else self.uri()
        self.root = root = from_uri(address, api_key=self.key)
        self._say("shipping", f"from {self.reader.folder} to {address}")
        for uid in self.state.asked():
            compare_again(root, self.reader, self.state, uid, self.place)
            self.state.answered(uid)

    def _follow(self) -> bool:
        """Ship what is there and what comes; return whether that is all, or a run is asked for."""
        after, looked = self.state.cursor(), time.monotonic()
        self.finished = self.state.finished_after(after)
        last = self.reader.last()
        while not self.stop.is_set():
            quiet = True
            for entry in self.reader.entries(after):
                self._take(entry)
                after, quiet = entry.sequence, False
                self._flush()
                if self.stop.is_set():
                    return True
            self._flush(now=self.once)
            if self.once and after >= last:
                return True
            if time.monotonic() - looked > _REQUESTS:
                looked = time.monotonic()
                if self.state.asked():
                    return False
            if quiet:
                self.stop.wait(_POLL)
        return True

    def _flush(self, *, now: bool = False) -> None:
        """Send the rows that have waited long enough."""
        if not now and time.monotonic() - self.flushed < self.max_age:
            return
        self.flushed = time.monotonic()
        for run_uid, journey in list(self.journeys.items()):
            if journey.writer is not None and journey.writer.pending:
                self._attempt(run_uid, journey.first, journey.writer.flush)

    def _take(self, entry: Entry) -> None:
        """Hand one document over."""
        uid = entry.run_uid
        if uid in self.finished or (self.only is not None and uid not in self.only):
            return
        journey = self.journeys.get(uid)
        first = journey.first if journey else entry.sequence
        if self._attempt(uid, first, lambda: self._send(entry)) and entry.name == "stop":
            self._verify(uid)  # first: who waits for a shipped run may want to retire it
            self._finish(uid, "shipped", first, entry.sequence)

    def _verify(self, uid: str) -> None:
        """Compare what was shipped; it may leave the spool only when nothing differs."""
        assert self.root is not None
        try:
            found = check_run(self.root, self.reader, self.state, uid, place=self.place)
        except httpx.HTTPStatusError as error:
            if error.response.status_code in _LATER:
                raise
            self._say("shipping", f"run {uid} cannot be compared: {_cause(error)}")
            return
        if found.outcome != "verified":
            self._say("shipping", f"run {uid} {found.outcome}: see `nanoterasu records verify`")

    def _send(self, entry: Entry) -> None:
        document = entry.document()
        if entry.name == "start":
            writer = self._open(document)
            self.journeys[entry.run_uid] = _Journey(writer, entry.sequence)
        elif entry.run_uid not in self.journeys:
            raise RecordsError(f"a {entry.name} document came before the start of its run")
        writer = self.journeys[entry.run_uid].writer
        if writer is not None:
            writer(entry.name, document)

    def _open(self, start: dict[str, Any]) -> RunWriter | None:
        """Return the writer for a run; None when Tiled has all of it."""
        assert self.root is not None
        tags, uid = start.get("tiled_access_tags") or [], start["uid"]
        if not tags:
            raise RecordsError("its start document names no access tag")
        try:
            container = self.root[tags[0]]
        except KeyError:
            raise RecordsError(
                f"Tiled has no container for {tags[0]!r}: the office's roster must be compiled"
            ) from None
        try:
            there = container[uid]
        except KeyError:
            # Elsewhere it is whole: only a run that has ended and is stored can be moved.
            return RunWriter(container) if self.place(uid) in (None, tags[0]) else None
        if "stop" in there.metadata:
            return None
        container.delete_contents([uid], recursive=True, external_only=False)
        return RunWriter(container)

    def _attempt(self, uid: str, first: int, work: Callable[[], None]) -> bool:
        """Do ``work`` for a run; False when the run is set aside.  Raise when to try again."""
        try:
            work()
        except httpx.TransportError:
            raise
        except httpx.HTTPStatusError as error:
            self.tries[uid] = self.tries.get(uid, 0) + 1
            if error.response.status_code in _LATER or self.tries[uid] < _TRIES:
                raise
            self._refuse(uid, first, error)
        except Exception as error:  # noqa: BLE001 - whatever a poisoned document provokes
            self._refuse(uid, first, error)
        else:
            return True
        return False

    def _refuse(self, uid: str, first: int, error: Exception) -> None:
        reason = _cause(error)
        self._finish(uid, "refused", first, self.reader.last(), reason)
        self._say("shipping", f"run {uid} is set aside: {reason}")

    def _finish(self, uid: str, state: str, first: int, last: int, reason: str = "") -> None:
        self.journeys.pop(uid, None)
        self.tries.pop(uid, None)
        self.finished.add(uid)
        under_way = [journey.first for journey in self.journeys.values()]
        # A refused run may have documents yet to come, which are then passed over.
        cursor = min([*under_way, (last if state == "shipped" else first) + 1]) - 1
        cursor = max(cursor, self.state.cursor())
        self.state.finish(uid, state, first=first, last=last, cursor=cursor, reason=reason)

    def _say(self, state: str, message: str) -> None:
        self.state.say(state, message)
        self.report(f"{state}: {message}")


def _cause(error: BaseException) -> str:
    """Return one line that tells a person what went wrong."""
    if isinstance(error, httpx.TransportError):
        return f"Tiled does not answer ({str(error) or type(error).__name__})"
    if isinstance(error, httpx.HTTPStatusError):
        if error.response.status_code == 401:
            return "Tiled refuses the shipping key"
        return f"Tiled answers {error.response.status_code} ({' '.join(str(error).split())[:300]})"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
