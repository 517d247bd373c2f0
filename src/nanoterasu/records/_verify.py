"""Whether Tiled holds every document that a spool holds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import unquote, urlsplit

from ._compare import Difference, differences
from ._digest import RunDigest
from ._errors import SpoolDamaged
from ._reader import SpoolReader
from ._seal import FileState, check_file
from ._state import ShipState
from ._status import discreet

if TYPE_CHECKING:
    from tiled.client.container import Container

Outcome = Literal["verified", "differs", "waiting", "open", "set aside", "damaged"]
_MOST = 20  # differences of one run that are told


@dataclass(frozen=True, slots=True)
class RunReport:
    """What was found of one run.

    Attributes
    ----------
    uid : str
        Of the run.
    outcome : str
        ``"verified"``: Tiled holds every document.  ``"differs"``: it does not.  ``"waiting"``:
        the run is not shipped yet.  ``"open"``: it has no stop document yet.  ``"set aside"``:
        the run, or a document of it, could not be stored.  ``"damaged"``: a document in the
        spool does not agree with its checksum.
    reason : str
        Why it was set aside, or what is damaged.
    differences : tuple of Difference
        The first ones.
    digest : bytes
        Over all documents that were compared.
    """

    uid: str
    outcome: Outcome
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class Report:
    """What was found of all runs of a spool, in order of opening.

    Attributes
    ----------
    runs : tuple of RunReport
        One a run.
    """

    runs: tuple[RunReport, ...]

    @property
    def counts(self) -> dict[str, int]:
        """How many runs had each outcome."""
        return dict(Counter(run.outcome for run in self.runs))

    @property
    def clean(self) -> bool:
        """Whether every run is verified."""
        return all(run.outcome == "verified" for run in self.runs)

    @property
    def faulty(self) -> tuple[RunReport, ...]:
        """Runs of which Tiled and the spool tell different things, or the spool is damaged."""
        return tuple(run for run in self.runs if run.outcome in ("differs", "damaged"))


def verify(
    spool_folder: str | os.PathLike[str],
    uri: str,
    key: str,
    *,
    uids: Collection[str] | None = None,
    report: Callable[[RunReport], object] = lambda run: None,
    place: Callable[[str], str | None] = lambda uid: None,
    notes: str | os.PathLike[str] | None = None,
) -> Report:
    """Compare what a spool holds with what Tiled holds, and note which runs agree.

    Files of large data are compared with the checksums that they got when they were closed.  May
    be done while a session measures and a shipper ships.

    Parameters
    ----------
    spool_folder
        Folder of a `Spool`.
    uri
        Address of Tiled.
    key
        The shipping service's key (`TiledHome.key`).
    uids
        Runs to look at.  Default: all that are in the spool.
    report
        Called with what was found of each run, as soon as it was looked at.
    place
        Returns the access tag under which a run stands now, when it was moved or published
        (`nanoterasu.records.place_of`); None for that of its start document.
    notes
        Folder of the shipper's notes, in place of the spool's: for a second Tiled.

    Returns
    -------
    Report
        One entry a run.

    Raises
    ------
    httpx.HTTPError
        When Tiled does not answer.
    SpoolError
        When the spool cannot be read.
    """
    from tiled.client import from_uri

    root, found = from_uri(uri, api_key=key, include_data_sources=True), []
    state = ShipState(notes or spool_folder)
    try:
        with SpoolReader(spool_folder) as reader:
            for uid, closed in reader.runs().items():
                if uids is None or uid in uids:
                    found.append(_look(root, reader, state, uid, closed, place))
                    report(found[-1])
    finally:
        state.close()
    return Report(tuple(found))


def verify_run(
    root: Container,
    reader: SpoolReader,
    uid: str,
    *,
    aside: Collection[int] = frozenset(),
    tag: str | None = None,
    files: bool = False,
) -> RunReport:
    """Compare one closed run; nothing is noted.

    Parameters
    ----------
    root
        Tiled's client for the root, which includes data sources.
    reader
        Of the spool.
    uid
        Of the run.
    aside
        Sequence numbers of its documents that were set aside.
    tag
        Access tag under which the run stands.  Default: that of its start document.
    files
        Whether files of large data are read to their end and compared with their checksums.  One
        that has none yet is passed over: it is sealed some time after it was closed.

    Returns
    -------
    RunReport
        ``"verified"``, ``"differs"`` or ``"damaged"``; the digest covers all documents.

    Raises
    ------
    httpx.HTTPError
        When Tiled does not answer.
    """
    digest, named = RunDigest(), dict[Path, int]()

    def documents() -> Iterator[tuple[int, str, dict[str, Any]]]:
        for entry in reader.entries(run_uid=uid):
            digest.add(entry.checksum)
            document = entry.document()
            if files and (path := _file_of(document)) is not None:
                named.setdefault(path, entry.sequence)
            yield entry.sequence, entry.name, document

    found: list[Difference] = []
    try:
        own = own_tag(reader, uid)
        where = tag or own
        run = stored_run(root, where, uid) if where else None
        tags = None if tag in (None, own) else [tag]
        for difference in differences(run, documents(), aside=aside, tags=tags):
            found.append(difference)
            if len(found) == _MOST:
                break
    except SpoolDamaged as error:
        return RunReport(uid, "damaged", f"document {error.sequence}")
    for path, sequence in named.items():
        if (state := check_file(path)) in (FileState.CHANGED, FileState.MISSING):
            found.append(Difference(uid, sequence, "file", "as it was closed", str(state)))
    if found:
        return RunReport(uid, "differs", differences=tuple(found))
    return RunReport(uid, "verified", digest=digest.value())


def check_run(
    root: Container,
    reader: SpoolReader,
    state: ShipState,
    uid: str,
    *,
    place: Callable[[str], str | None] = lambda uid: None,
    files: bool = False,
) -> RunReport:
    """Compare one run that was shipped, and note whether it is verified; see `verify`."""
    aside = {sequence: why for sequence, run, why in state.set_aside() if run == uid}
    found = verify_run(root, reader, uid, aside=aside, tag=place(uid), files=files)
    if found.outcome != "verified":
        state.doubt(uid)
        return found
    if aside:
        # The spool alone has these documents: it must never be taken for a copy.
        first = min(aside)
        return RunReport(uid, "set aside", discreet(f"document {first}: {aside[first]}"))
    state.verify_done(uid, found.digest)
    return found


def _look(
    root: Container,
    reader: SpoolReader,
    state: ShipState,
    uid: str,
    closed: bool,
    place: Callable[[str], str | None],
) -> RunReport:
    if (reason := state.refused().get(uid)) is not None:
        return RunReport(uid, "set aside", discreet(reason))
    if not closed:
        return RunReport(uid, "open")
    if not state.shipped(uid):
        return RunReport(uid, "waiting")
    return check_run(root, reader, state, uid, place=place, files=True)


def _file_of(document: dict[str, Any]) -> Path | None:
    """Return the file that a resource, of either schema, names."""
    if "uri" in document:
        return Path(unquote(urlsplit(document["uri"]).path))
    if "resource_path" in document:
        return Path(document.get("root") or "/") / document["resource_path"]
    return None


def own_tag(reader: SpoolReader, uid: str) -> str | None:
    """Return the access tag of a run's start document, under which it was shipped."""
    first = next(reader.entries(run_uid=uid, limit=1), None)
    tags = first.document().get("tiled_access_tags") if first else None
    return tags[0] if tags else None


def stored_run(above: Container, *steps: str) -> Container | None:
    """Return Tiled's client of a run as it is now, in one request; None when there is none.

    Parameters
    ----------
    above
        Tiled's client of the root, or of a group.
    steps
        From there: access tag and uid, or the uid.
    """
    from tiled.client.container import Container

    try:
        # A client of runs would look for a uid that is not there among the beginnings of others.
        return Container.__getitem__(above, steps)
    except KeyError:
        return None
