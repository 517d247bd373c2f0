"""Access tags: the one key to what was measured, and the one to what was made of it."""

from __future__ import annotations

from ._beamtime import Beamtime
from ._people import proposal_tag, unit_tag

# What a named role made public, by an act with date and reason; readable by everybody.
PUBLIC_TAG = "published"
_ANALYSIS = "analysis-"


def tags(beamtime: Beamtime) -> tuple[str, ...]:
    """Return the access tags of what is measured: that of its one owner, never none.

    The domain opens nothing: becoming public is an act of a named role, on the run.
    """
    if beamtime.unit_id is not None:
        return (unit_tag(beamtime.unit_id),)
    # A beamtime has exactly one owner; without either this raises rather than tags nothing.
    return (proposal_tag(beamtime.proposal_id or ""),)


def analysis_tag(tag: str) -> str:
    """Return the tag of what the owner of ``tag`` made of its runs, closed to the staff.

    >>> analysis_tag("unit-U1")
    'analysis-unit-U1'
    """
    return tag if tag.startswith(_ANALYSIS) else f"{_ANALYSIS}{tag}"


def owner_of(tag: str) -> str:
    """Return the owner of ``tag`` in words.

    >>> owner_of("analysis-unit-U1"), owner_of("proposal-PR1")
    ('unit U1', 'proposal PR1')
    """
    kind, _, owner = tag.removeprefix(_ANALYSIS).partition("-")
    return f"{kind} {owner}"
