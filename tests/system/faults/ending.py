"""How every fault ends: all of the spool is in Tiled, and two comparisons say so."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from nanoterasu.records import Spool, close_abandoned, ship, verify

from .compare import Found, spool_keeps, tiled_holds
from .endstation import Endstation
from .measure import Document


def compared(
    archive: Endstation, children: Iterable[Sequence[Document]], folder: Path | None = None
) -> Found:
    """Return what this suite's own comparison, and ``nanoterasu records verify``, find.

    Parameters
    ----------
    archive
        Whose Tiled has been sent everything.
    children
        What each child that measured was told to be durable.
    folder
        Of the spool.  Default: that of ``archive``.
    """
    folder = folder or archive.spool
    uri, key = archive.home.uri(), archive.home.key()
    found = spool_keeps(folder, children)
    documents = found.documents
    found += tiled_holds(folder, uri, key)
    found.documents = documents
    report = verify(folder, uri, key)
    assert report.runs, "there was nothing to verify"
    for run in report.runs:
        found.note("unverified", int(run.outcome != "verified"), str(run))
    return found


def assert_arrives(
    archive: Endstation, children: Iterable[Sequence[Document]], folder: Path
) -> None:
    """Send the spool in ``folder``, which nobody writes any more, and check that all is there."""
    with Spool(folder) as spool:
        close_abandoned(spool)
    ship(folder, archive.home.uri(), archive.home.key(), once=True)
    found = compared(archive, children, folder)
    assert found.clean(), found.problems
