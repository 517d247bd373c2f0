"""Entering hours and helium into the ledger, each with its line in the journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from nanoterasu.facility import said

from ._journal import Entry as Line
from ._journal import enter
from ._ledger import KINDS, within
from ._look import beamtime_row
from ._schema_time import HeliumRow, HoursRow


def record_hours(session: Session, line: Line, kind: str, hours: float, at: datetime) -> None:
    """Enter hours of the beamtime which ``line`` names.

    Raises
    ------
    ValueError
        When they are no hours, of no such kind, or outside its slots, where they would not count.
    LookupError
        When there is no such beamtime.
    """
    if kind not in KINDS:
        raise ValueError(
            f"Hours {kind!r} of beamtime {line.id} cannot be entered; "
            f"give one of {', '.join(KINDS)}."
        )
    _amount(f"{hours} hours of beamtime {line.id}", hours, "hours")
    row = beamtime_row(session, line.id)
    if not within(row, at):
        raise ValueError(
            f"{hours:g} hours {kind} of beamtime {line.id} at {said(at)} lie in none of its slots, "
            "where they would not count; give an instant within the slot in which they were."
        )
    session.add(HoursRow(beamtime_id=line.id, kind=kind, at=at, hours=hours))
    enter(session, replace(line, details={"kind": kind, "hours": hours, "at": at}))


def record_helium(session: Session, line: Line, litres: float, at: datetime) -> None:
    """Enter liquid helium [l] of the beamtime which ``line`` names; raises as `record_hours`."""
    _amount(f"{litres} litres of helium of beamtime {line.id}", litres, "litres")
    beamtime_row(session, line.id)
    session.add(HeliumRow(beamtime_id=line.id, at=at, litres=litres))
    enter(session, replace(line, details={"helium": litres, "at": at}))


def _amount(what: str, amount: float, unit: str) -> None:
    if not 0 < amount < float("inf"):
        raise ValueError(f"{what} cannot be entered; give a number of {unit} above zero.")
