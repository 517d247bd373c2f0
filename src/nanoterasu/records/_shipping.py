"""What a shipper does, from its first look at a spool to its last."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from ._abandoned import close_where_nobody_writes
from ._delivery import Delivery, Differs, cause_of
from ._errors import RecordsError, SpoolDamaged, SpoolError, TiledError
from ._reader import Entry, SpoolReader
from ._state import ShipState

if TYPE_CHECKING:
    from tiled.client.container import Container

_POLL = 0.05  # s between looks at a quiet spool
_CHORES = 1.0  # s between looks for runs that were abandoned or asked for
_SHARE = 2.0  # rows wait so many times longer than Tiled took for the last ones,
_OLDEST = 0.5  # s, but no longer than this
_PATIENCE = (0.5, 15.0)  # s, first and longest wait for Tiled
_DELAYS = (0.5, 60.0)  # s, first and longest wait before a run is sent anew
_TRIES = 3  # of a run that Tiled refuses
_ONCE = 8  # tries of a run that Tiled fails on, when everything is sent once
_LATER = frozenset({401, 408, 425, 429, 502, 503, 504})  # answers that say nothing of the run


@dataclass(slots=True)
class _Waiting:
    """A run that is sent anew later."""

    first: int
    due: float = 0.0


@dataclass(slots=True)
class Shipping:
    """The work of one shipper; `nanoterasu.records.ship` says what its fields mean."""

    folder: str | os.PathLike[str]
    notes: str | os.PathLike[str]
    only: frozenset[str] | None
    uri: str | Callable[[], str]
    key: str
    stop: threading.Event
    once: bool
    report: Callable[[str], object]
    place: Callable[[str], str | None]
    files: str | os.PathLike[str] | None
    max_age: float
    reader: SpoolReader = field(init=False)
    state: ShipState = field(init=False)
    under_way: dict[str, Delivery] = field(init=False, default_factory=dict)
    waiting: dict[str, _Waiting] = field(init=False, default_factory=dict)
    tries: dict[str, int] = field(init=False, default_factory=dict)
    finished: set[str] = field(init=False, default_factory=set)
    wider: dict[str, dict[tuple[str, str], str]] = field(init=False, default_factory=dict)
    root: Container | None = field(init=False, default=None)
    groups: dict[str, Container] = field(init=False, default_factory=dict)
    after: int = field(init=False, default=0)  # the last document that was looked at
    flushed: float = field(init=False, default=0.0)
    age: float = field(init=False, default=0.0)  # s, that rows may reach now
    chores: float = field(init=False, default=0.0)

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
                    self._follow()
                    return
                except (httpx.HTTPError, TiledError, SpoolError) as error:
                    pause = shortest if self.state.cursor() > before else pause
                    again = f"next try in {pause:g} s, nothing is lost"
                    self._say("waiting", f"{cause_of(error)}; {again}")
                    self.stop.wait(pause)
                    pause = min(2 * pause, longest)
        finally:
            self.state.say("stopped", "no shipper runs; what is new waits in the spool")
            self.reader.close()
            self.state.close()

    def _connect(self) -> None:
        from tiled.client import from_uri

        self.under_way.clear()
        self.groups.clear()
        address = self.uri if isinstance(self.uri, str) else self.uri()
        self.root = from_uri(address, api_key=self.key, include_data_sources=True)
        self._say("shipping", f"from {self.reader.folder} to {address}")

    def _follow(self) -> None:
        """Ship what is there and what comes; return when told to, or when once is enough."""
        self.after = self.state.cursor()
        self.finished = self.state.finished_after(self.after)
        self._close_abandoned()  # first, so that what closes them counts as there already
        last = self.reader.last()
        while not self.stop.is_set():
            quiet = True
            for entry in self.reader.entries(self.after):
                self.after, quiet = entry.sequence, False
                if self._is_due(entry.run_uid):
                    self._take(entry)
                self._flush()
                self._do_chores()
                if self.stop.is_set():
                    return
            self._flush(now=self.once)
            self._do_chores(now=self.once)
            if self.once and self.after >= last and not self._worth_waiting():
                return
            if quiet:
                self.stop.wait(_POLL)

    def _worth_waiting(self) -> bool:
        """Whether a run that waits may still get through within a minute or so."""
        return any(self.tries.get(uid, 0) < _ONCE for uid in self.waiting)

    def _is_due(self, uid: str) -> bool:
        """Whether a document of this run goes out when it is met."""
        chosen = self.only is None or uid in self.only
        return chosen and uid not in self.finished and uid not in self.waiting

    def _flush(self, *, now: bool = False) -> None:
        """Send the rows that have waited long enough, or are many."""
        begun = time.monotonic()
        old = now or begun - self.flushed >= self.age
        for uid in list(self.under_way):
            self._flush_one(uid, if_full=not old)
        if old:
            self.flushed = begun
            # A Tiled that is slow, or serves many shippers, is asked less often.
            busy = _SHARE * (time.monotonic() - begun)
            self.age = max(self.max_age, min(busy, _OLDEST))

    def _do_chores(self, *, now: bool = False) -> None:
        """Send anew what is due, close what was abandoned, and see to what was asked for."""
        for uid, waiting in list(self.waiting.items()):
            if self.stop.is_set():
                return
            if waiting.due <= time.monotonic():
                self._send_anew(uid, waiting)
        if not now and time.monotonic() - self.chores < _CHORES:
            return
        self.chores = time.monotonic()
        self._close_abandoned()
        for uid in self.state.asked():
            if uid not in self.under_way and uid not in self.waiting:
                self._again(uid)

    def _close_abandoned(self) -> None:
        for uid in close_where_nobody_writes(self.reader.folder):
            self._say("shipping", f"run {uid} was left open by a session that is dead: closed")

    def _again(self, uid: str) -> None:
        """Compare a run that was dealt with, and send it anew if it differs."""
        first = next(self.reader.entries(run_uid=uid, limit=1), None)
        if first is None:  # retired since
            self.state.answered(uid)
        elif first.sequence <= self.after:  # else it comes by itself
            self.finished.discard(uid)
            self.waiting[uid] = _Waiting(first.sequence)

    def _send_anew(self, uid: str, waiting: _Waiting) -> None:
        """Send a run from its start, as far as its documents have been looked at."""
        for entry in self.reader.entries(run_uid=uid):
            if entry.sequence > self.after:
                break
            if not self._take(entry) or not self._flush_one(uid, if_full=True):
                return
        if self._flush_one(uid):
            self.waiting.pop(uid, None)

    def _flush_one(self, uid: str, *, if_full: bool = False) -> bool:
        """Send the rows of one run, or only if they are many; False when that failed."""
        delivery = self.under_way.get(uid)
        if delivery is None or not delivery.pending or (if_full and not delivery.full):
            return True
        return self._attempt(uid, delivery.first, delivery.flush)

    def _take(self, entry: Entry) -> bool:
        """Hand one document over; False when its run has to wait or was set aside."""
        uid = entry.run_uid
        delivery = self.under_way.get(uid)
        first = delivery.first if delivery else entry.sequence
        if not self._attempt(uid, first, lambda: self._hand_over(entry)):
            return False
        if entry.name == "stop":
            self._finish(uid, "shipped", first, entry.sequence)
        return True

    def _hand_over(self, entry: Entry) -> None:
        uid = entry.run_uid
        if entry.name == "start":
            wider = self.wider.setdefault(uid, {})
            self.state.take_back(uid)
            self.under_way[uid] = Delivery.begin(
                self._group,
                entry,
                wider,
                self.state,
                anew=uid in self.tries,
                place=self.place,
                files=self.files,
            )
        elif uid not in self.under_way:
            raise RecordsError(f"a {entry.name} document came before the start of its run")
        else:
            self.under_way[uid].take(entry)
            if entry.name == "stop":
                assert self.root is not None
                outcome = self.under_way[uid].prove(self.root, self.reader, self.place)
                if outcome != "verified":
                    self._say("shipping", f"run {uid} {outcome}: see `nanoterasu records verify`")

    def _group(self, tag: str) -> Container:
        """Return the container of an access tag, asked for once a connection."""
        assert self.root is not None
        if tag not in self.groups:
            try:
                self.groups[tag] = self.root[tag]
            except KeyError:
                raise RecordsError(
                    f"Tiled has no container for {tag!r}: the office's roster must be compiled"
                ) from None
        return self.groups[tag]

    def _attempt(self, uid: str, first: int, work: Callable[[], None]) -> bool:
        """Do ``work`` for a run; False when it waits or is set aside.  Raise when Tiled is away."""
        try:
            work()
        except (httpx.TransportError, TiledError):
            raise
        except httpx.HTTPStatusError as error:
            if error.response.status_code in _LATER:
                raise
            tries = self.tries.get(uid, 0) + 1
            if error.response.status_code >= 500 or tries < _TRIES:
                self._delay(uid, first, error)
            else:
                self._refuse(uid, first, error)
        except Differs as error:
            self._delay(uid, first, error)
        except SpoolError as error:
            if not isinstance(error, SpoolDamaged):
                raise
            self._refuse(uid, first, error)
        except Exception as error:  # noqa: BLE001 - whatever a poisoned document provokes
            self._refuse(uid, first, error)
        else:
            return True
        return False

    def _delay(self, uid: str, first: int, error: Exception) -> None:
        self.under_way.pop(uid, None)
        pause = 0.0
        if not (isinstance(error, Differs) and error.learnt):
            shortest, longest = _DELAYS
            pause = min(shortest * 2 ** self.tries.get(uid, 0), longest)
            self.tries[uid] = self.tries.get(uid, 0) + 1
        self.waiting[uid] = _Waiting(first, time.monotonic() + pause)
        self.state.delay(uid, first=first, reason=cause_of(error))
        self._say("shipping", f"run {uid} is sent anew in {pause:g} s: {cause_of(error)}")

    def _refuse(self, uid: str, first: int, error: Exception) -> None:
        reason = cause_of(error)
        self._finish(uid, "refused", first, self.reader.last(), reason)
        self._say("shipping", f"run {uid} is set aside: {reason}")

    def _finish(self, uid: str, state: str, first: int, last: int, reason: str = "") -> None:
        for kept in (self.under_way, self.waiting, self.wider, self.tries):
            kept.pop(uid, None)
        self.finished.add(uid)
        unfinished = [d.first for d in self.under_way.values()]
        unfinished += [w.first for w in self.waiting.values()]
        # A refused run may have documents yet to come, which are then passed over.
        cursor = min([*unfinished, (last if state == "shipped" else first) + 1]) - 1
        cursor = max(cursor, self.state.cursor())
        self.state.finish(uid, state, first=first, last=last, cursor=cursor, reason=reason)
        self.state.answered(uid)

    def _say(self, state: str, message: str) -> None:
        self.state.say(state, message)
        self.report(f"{state}: {message}")
