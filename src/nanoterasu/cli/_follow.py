"""Letting the catalog follow the office while it is served: who leaves a unit reads no more."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol

from nanoterasu.facility import JST, Roster
from nanoterasu.office import Register, office_place
from nanoterasu.records import TiledHome

LOOK_EVERY = 1.0  # s; the longest time that a change of membership waits
GRACE = 60.0  # s without an answer of the office, after which nobody reads

logger = logging.getLogger(__name__)


class Opens(Protocol):
    """What lets a roster decide who reads; `nanoterasu.records.TiledHome` does."""

    def compile_tags(self, roster: Roster) -> None:
        """Let ``roster`` decide from now on."""
        ...


@dataclass(slots=True)
class Follower:
    """Compares the office's roster with what the catalog obeys, and lets it obey the new one.

    Parameters
    ----------
    office
        Returns the roster of this instant; raises when the office does not answer.
    catalog
        Obeys it.
    obeyed
        What the catalog obeys already.
    clock
        Seconds that never go back [s].
    """

    office: Callable[[], Roster]
    catalog: Opens
    obeyed: Roster
    clock: Callable[[], float] = time.monotonic
    _answered: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._answered = self.clock()

    def look(self) -> bool:
        """Look once; return whether the catalog obeys a new roster since."""
        try:
            roster = self.office()
        # Whatever keeps the office from answering, its last word does not hold for ever.
        except Exception as error:  # noqa: BLE001
            silent = self.clock() - self._answered
            if silent < GRACE:
                return False
            roster = Roster({}, {}, self.obeyed.people)  # whose passwords are kept
            reason = str(error)
        else:
            self._answered = self.clock()
            silent, reason = 0.0, ""
        if (roster.access(), set(roster.people)) == (self.obeyed.access(), set(self.obeyed.people)):
            return False
        if reason:
            logger.error(
                "The office has not answered for %.0f s (%s): nobody reads the catalog until it "
                "does, since nobody knows who has left.",
                silent,
                reason,
            )
        self.catalog.compile_tags(roster)
        self.obeyed = roster
        return True


def follow(stack: ExitStack, home: Path, obeyed: Roster) -> None:
    """Have the catalog of ``home``, obeying ``obeyed``, follow its office till ``stack`` ends."""
    stop = threading.Event()
    follower = Follower(lambda: roster_now(home), TiledHome(home), obeyed)

    def keep_looking() -> None:
        while not stop.wait(LOOK_EVERY):
            try:
                follower.look()
            # A catalog that cannot be told now is told at the next look.
            except Exception:
                logger.exception("The catalog of %s could not be told who may read it", home)

    thread = threading.Thread(target=keep_looking, name="follow-office", daemon=True)
    thread.start()
    stack.callback(thread.join)
    stack.callback(stop.set)


def roster_now(home: Path) -> Roster:
    """Return who may read what at this instant, as the office of ``home`` knows it."""
    with Register(office_place(home)) as register:
        return register.roster(datetime.now(JST))
