"""The text for the notice at the end of a beamtime (ビームタイム終了届)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from nanoterasu.facility import said

from ._ledger import helium_of, hours_of
from ._schema_time import BeamtimeRow


def notice(session: Session, row: BeamtimeRow) -> str:
    """Return the text: hours booked, delivered, lost and used, and litres of liquid helium.

    It names codes alone, so that it may travel by any mail.
    """
    hours = hours_of(session, row)
    lines = [
        f"Beamtime {row.id} at {row.station}",
        *(f"  from {said(slot.starts)} to {said(slot.ends)}" for slot in row.slots),
        f"Hours booked:               {hours.booked:g} h",
        f"Hours delivered:            {hours.delivered:g} h",
        f"Hours lost by the facility: {hours.lost_by_facility:g} h",
        f"Hours lost by the user:     {hours.lost_by_user:g} h",
        f"Hours really used:          {hours.used:g} h",
        f"Liquid helium:              {helium_of(session, row):g} litres",
    ]
    return "\n".join(lines) + "\n"
