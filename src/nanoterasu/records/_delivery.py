"""One run under way from a spool to Tiled."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from ._columns import Unstorable, Wider
from ._errors import RecordsError, SpoolDamaged
from ._reader import Entry, SpoolReader
from ._state import ShipState
from ._verify import check_run, stored_run

if TYPE_CHECKING:
    from tiled.client.container import Container

    from ._writer import RunWriter

# Without one of these the rest of a run has no meaning.
_INDISPENSABLE = ("start", "descriptor", "stop")


class Differs(RecordsError):
    """A run must be sent anew.

    Attributes
    ----------
    learnt : bool
        Whether this try has taught the next one what to do better.
    """

    def __init__(self, message: str, *, learnt: bool = False) -> None:
        super().__init__(message)
        self.learnt = learnt


@dataclass(slots=True)
class Delivery:
    """A run on its way.

    Attributes
    ----------
    uid : str
    first : int
        Sequence number of its start document.
    writer : RunWriter or None
        None when Tiled has all of it, as it seems.
    """

    uid: str
    first: int
    writer: RunWriter | None
    _state: ShipState
    _moved: bool  # whether it stands elsewhere than its start document says

    @classmethod
    def begin(
        cls,
        groups: Callable[[str], Container],
        entry: Entry,
        wider: dict[tuple[str, str], str],
        state: ShipState,
        *,
        anew: bool,
        place: Callable[[str], str | None],
        files: str | os.PathLike[str] | None,
    ) -> Delivery:
        """Begin with the start document; what Tiled has of a run that was cut short is removed.

        Parameters
        ----------
        groups
            Returns the container of an access tag.
        entry
            Of the start document.
        wider
            What the run's columns were found to take.
        state
            The shipper's notes.
        anew
            Whether what Tiled has of a run that has ended is removed too.
        place, files
            See `nanoterasu.records.ship`.

        Raises
        ------
        RecordsError
            When nobody knows where it belongs.
        httpx.HTTPError
            When Tiled fails.
        """
        from ._writer import RunWriter

        start = entry.document()
        tags, uid = list(start.get("tiled_access_tags") or []), entry.run_uid
        if not tags:
            raise RecordsError("its start document names no access tag")
        container, elsewhere = groups(tags[0]), place(uid)

        def begun() -> RunWriter:
            writer = RunWriter(container, wider, files)
            writer("start", start)
            return writer

        if elsewhere is None:  # most often: Tiled says itself if it has the run
            try:
                return cls(uid, entry.sequence, begun(), state, False)
            except httpx.HTTPStatusError as error:
                if error.response.status_code != httpx.codes.CONFLICT:
                    raise
        there = stored_run(container, uid)
        # Elsewhere it is whole: only a run that has ended and is stored can be moved.
        if there is None and elsewhere not in (None, tags[0]):
            return cls(uid, entry.sequence, None, state, True)
        if there is not None:
            if "stop" in there.metadata and not anew:
                return cls(uid, entry.sequence, None, state, False)
            container.delete_contents([uid], recursive=True, external_only=False)
        return cls(uid, entry.sequence, begun(), state, False)

    @property
    def pending(self) -> bool:
        """Whether something waits to be sent."""
        return self.writer is not None and self.writer.pending > 0

    @property
    def full(self) -> bool:
        """Whether so much waits that it should be sent now."""
        return self.writer is not None and self.writer.full

    def flush(self) -> None:
        """Send what waits."""
        if self.writer is not None:
            self.writer.flush()

    def take(self, entry: Entry) -> None:
        """Take the next document; one that has no place is set aside, with the reason.

        Raises
        ------
        Differs
            When the run must be begun anew to take it.
        """
        try:
            document = entry.document()
            if self.writer is not None:
                self.writer(entry.name, document)
        except Wider as found:
            what = f"{found.key!r} takes more than its descriptor declares ({found.kind})"
            raise Differs(what, learnt=True) from None
        except (Unstorable, SpoolDamaged) as error:
            if entry.name in _INDISPENSABLE:
                raise
            self._state.put_aside(entry.sequence, self.uid, str(error))
            if self.writer is not None:
                self.writer.note(f"Document {entry.sequence} ({entry.name}) was set aside: {error}")

    def prove(
        self, root: Container, reader: SpoolReader, place: Callable[[str], str | None]
    ) -> str:
        """Compare what Tiled has with the documents, field by field, and note that it agrees.

        Returns
        -------
        str
            The outcome, as in `RunReport`.

        Raises
        ------
        Differs
            With the first difference.
        """
        found = check_run(root, reader, self._state, self.uid, place=place)
        # One that was moved is never sent to its first owner again; `verify` goes on telling of it.
        if found.outcome != "differs" or self._moved:
            return found.outcome
        first = found.differences[0]
        raise Differs(f"Tiled differs from the spool: {first}")


def cause_of(error: BaseException) -> str:
    """Return one line that tells a person what went wrong."""
    if isinstance(error, httpx.TransportError):
        return f"Tiled does not answer ({str(error) or type(error).__name__})"
    if isinstance(error, httpx.HTTPStatusError):
        if error.response.status_code == 401:
            return "Tiled refuses the shipping key"
        return f"Tiled answers {error.response.status_code} ({' '.join(str(error).split())[:300]})"
    return f"{type(error).__name__}: {' '.join(str(error).split())[:500]}"
