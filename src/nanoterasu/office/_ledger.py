"""The ledger: hours used, and what they leave."""

from __future__ import annotations

import math

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from nanoterasu.facility import COALITION_MODES

from ._schema import BeamtimeRow, OrganisationRow, UnitRow, UseRow


def hours_used(session: Session, row: BeamtimeRow) -> float:
    """Return the hours used within the slots [h]; a slot that was moved takes none with it."""
    uses = session.scalars(select(UseRow).where(UseRow.beamtime_id == row.id))
    held = [u.hours for u in uses if any(slot.starts <= u.at < slot.ends for slot in row.slots)]
    return math.fsum(held)


def contract_hours_left(session: Session, unit: UnitRow | None) -> float | None:
    """Return the hours left of the contract of the unit's organisation [h], None without one."""
    organisation = session.get(OrganisationRow, unit.organisation_id) if unit else None
    if organisation is None or organisation.contract_hours is None:
        return None
    used = session.scalar(
        select(func.coalesce(func.sum(UseRow.hours), 0.0))
        .join(BeamtimeRow, BeamtimeRow.id == UseRow.beamtime_id)
        .join(UnitRow, UnitRow.id == BeamtimeRow.unit_id)
        .where(
            UnitRow.organisation_id == organisation.id,
            BeamtimeRow.access_mode.in_(COALITION_MODES),
        )
    )
    return max(0.0, organisation.contract_hours - float(used or 0.0))
