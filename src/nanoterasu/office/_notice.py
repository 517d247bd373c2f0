"""The text for the notice at the end of a beamtime (ビームタイム終了届)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from nanoterasu.facility import said

from ._ledger import helium_of, hours_of
from ._schema_time import BeamtimeRow


def notice(session: Session, row: BeamtimeRow) -> str:
    """Return the text: hours booked, delivered, lost and used, and litres of liquid helium.

    It names codes alone, so that it may travel by any mail.  Hours are to two decimals.
    """
    hours = hours_of(session, row)
    lines = [
        f"Beamtime {row.id} at {row.station}",
        *(f"  from {said(slot.starts)} to {said(slot.ends)}" for slot in row.slots),
        f"Hours booked:               {round(hours.booked, 2):g} h",
        f"Hours delivered:            {round(hours.delivered, 2):g} h",
        f"Hours lost by the facility: {round(hours.lost_by_facility, 2):g} h",
        f"Hours lost by the user:     {round(hours.lost_by_user, 2):g} h",
        f"Hours really used:          {round(hours.used, 2):g} h",
        f"Liquid helium:              {helium_of(session, row):g} litres",
    ]
    return "\n".join(lines) + "\n"
