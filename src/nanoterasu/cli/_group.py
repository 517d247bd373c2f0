"""In which access group of a home's catalog a run stands."""

from __future__ import annotations

from pathlib import Path

from nanoterasu.records import TiledHome, place_of


def group_of(home: Path, uid: str) -> str:
    """Return the access tag under which a run stands.

    Raises
    ------
    LookupError
        When the catalog holds no such run.
    nanoterasu.records.TiledError
        When ``home`` has no catalog yet.
    """
    tag = group_or_none(home, uid)
    if tag is None:
        raise LookupError(unknown(uid))
    return tag


def group_or_none(home: Path, uid: str) -> str | None:
    """Return the access tag under which a run stands; None when the catalog does not hold it."""
    tiled = TiledHome(home)
    tiled.key()  # says what to do where there is no catalog
    return place_of(tiled, uid)


def unknown(uid: str) -> str:
    """Return the sentence for a run which the catalog does not hold."""
    return (
        f"There is no run {uid} in this catalog. Give the full uid of a run that has been shipped; "
        "one that still waits in a spool arrives when 'nanoterasu serve' runs."
    )
