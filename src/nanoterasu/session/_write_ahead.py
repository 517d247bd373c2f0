"""A RunEngine whose documents are on the disk before the plan goes on."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from bluesky import RunEngine
from bluesky.protocols import Readable
from bluesky.utils import maybe_await

from nanoterasu.records import SpoolUnwritable, check_data_keys

_AGAIN = 0.5  # s between tries to write what a full or failing disk refused
_ENDING = ("aborting", "stopping", "halting")  # states in which a plan waits for nothing more


class WriteAheadEngine(RunEngine):
    """RunEngine that records each document before anybody sees it, and waits while it cannot.

    What a message of a plan emits is recorded document by document, and durable before the next
    message.  A device whose data cannot be stored is refused when it is staged.

    Parameters
    ----------
    journal
        Takes the name and the document, and returns when it is recorded.  While it raises
        `nanoterasu.records.SpoolUnwritable` the plan waits; what else it raises fails the plan.
        It is no subscriber, which ``RE.reset()`` would throw out.
    settle
        Called after each message of a plan that recorded something, before the next; returns when
        it is durable.  Raises like ``journal``.
    """

    def __init__(
        self,
        journal: Callable[[str, Mapping[str, Any]], Any],
        settle: Callable[[], None],
        **kwargs: Any,
    ) -> None:
        self._journal, self._settle_journal = journal, settle
        self._in_hand: deque[tuple[Any, Any]] = deque()  # documents that are not recorded yet
        self._recording = threading.RLock()
        self._in_message = self._unsettled = False
        super().__init__({}, **kwargs)
        for command, act in self._command_registry.items():
            self._command_registry[command] = self._settled(act)

    def _belongs(self, name: str, doc: Mapping[str, Any]) -> bool:
        """Whether a document may be recorded at all; raise where it must not be."""
        return True

    def _before(self, name: str, doc: Mapping[str, Any]) -> None:
        """Look at a document that is recorded next."""

    def _after(self, name: str, doc: Mapping[str, Any]) -> None:
        """Look at a document that is recorded now."""

    async def emit(self, name: Any, doc: Any) -> None:
        """Record ``doc``, and wait while that is impossible; then show it to the subscribers."""
        if not self._belongs(name.name, doc):
            return
        self._in_hand.append((name, doc))
        await self._keep_trying(self._record)
        if not self._in_message:
            self._settle_if_possible()

    def emit_sync(self, name: Any, doc: Any) -> None:
        """Make ``doc`` durable and show it, for a signal that speaks from its own thread."""
        try:
            if self._belongs(name.name, doc):
                self._in_hand.append((name, doc))
                self._unsettled = True
                self._settle()
        except SpoolUnwritable as error:
            # It stays in hand; the plan waits for it after the message that it is at.
            self.log.error("A monitored signal cannot be recorded yet: %s", error)
        except Exception as error:
            try:
                asyncio.get_running_loop()
            except RuntimeError:
                # A monitored signal speaks from its own thread, where nobody would hear of it.
                with self._state_lock:
                    self._exception = error
            raise

    def _record(self) -> None:
        """Record what is in hand, in order, and show it once it is recorded."""
        with self._recording:
            while self._in_hand:
                name, doc = self._in_hand[0]
                try:
                    if name.name == "descriptor":
                        check_data_keys(doc["data_keys"], device=f"Stream {doc['name']!r}")
                    self._before(name.name, doc)
                    self._journal(name.name, doc)
                except SpoolUnwritable:
                    raise
                except Exception:
                    self._in_hand.popleft()  # trying again would not help
                    raise
                self._in_hand.popleft()
                self._unsettled = True
                self._after(name.name, doc)
                super().emit_sync(name, doc)

    async def _keep_trying(self, work: Callable[[], None]) -> None:
        """Do ``work``, again and again while the spool cannot be written; the plan waits."""
        waiting = False
        while True:
            try:
                work()
                break
            except SpoolUnwritable as error:
                if not self._in_message or self._state in _ENDING:
                    raise
                if not waiting:
                    self.log.error("The plan waits: %s", error)
                    print(f"The plan waits. {error} It goes on by itself then; Ctrl-C pauses it.")
                waiting = True
            await asyncio.sleep(_AGAIN)
        if waiting:
            self.log.warning("The spool can be written again; the plan goes on.")
            print("The spool can be written again; the plan goes on.")

    def _settled(self, act: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """Return ``act``, followed by the wait until what it recorded is on the disk."""

        async def settled(msg: Any) -> Any:
            self._in_message, paused = True, False
            try:
                if msg.command == "stage":
                    await self._look_at(msg.obj)
                return await act(msg)
            except asyncio.CancelledError:
                paused = True
                raise
            finally:
                try:
                    await self._end_message(wait=not paused)
                finally:
                    self._in_message = False

        return settled

    async def _end_message(self, *, wait: bool) -> None:
        """Settle what a message recorded; one that was paused or is ending waits for nothing."""
        if not self._unsettled:
            return
        if wait and self._state not in _ENDING:
            await self._keep_trying(self._settle)
        else:
            self._settle_if_possible()

    def _settle(self) -> None:
        """Record what is still in hand, and return when all that was recorded is durable."""
        self._record()
        self._settle_journal()
        self._unsettled = False

    def _settle_if_possible(self) -> None:
        """Settle; where that fails now, the next document or the spool's closing does it."""
        try:
            self._settle()
        except SpoolUnwritable as error:
            self.log.error("Not all that was recorded is on the disk yet: %s", error)

    async def _look_at(self, device: Any) -> None:
        """Refuse a device that describes what cannot be stored, before anything moves."""
        if not isinstance(device, Readable):
            return
        try:
            described = await maybe_await(device.describe())
        except Exception as error:  # noqa: BLE001 - some cannot say before they are staged
            self.log.debug("%s describes nothing yet: %s", device.name, error)
            return
        check_data_keys(described, device=device.name)

    def register_command(self, name: str, func: Any) -> None:
        """Register a command, as `bluesky.RunEngine` does; what it emits is durable after it."""
        super().register_command(name, self._settled(func))
