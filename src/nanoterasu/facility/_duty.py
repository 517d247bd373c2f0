"""Who acts without being of the team: staff on duty at a station, and delegated operators."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ._people import code, dated, within


@dataclass(frozen=True, slots=True)
class Duty:
    """A staff member on duty at a station; off duty nothing is readable."""

    person_id: str
    station: str
    starts: datetime
    ends: datetime

    def __post_init__(self) -> None:
        code(self.person_id, "Person id of a duty")
        code(self.station, f"Station of the duty of {self.person_id}")
        dated(f"The duty of {self.person_id} at {self.station}", self.starts, self.ends)

    def holds(self, at: datetime) -> bool:
        """Return whether the duty holds at ``at``; the end itself is outside."""
        return within(self.starts, self.ends, at)


@dataclass(frozen=True, slots=True)
class Delegation:
    """Leave for a person who is not of the team to operate for a beamtime, with an end."""

    person_id: str
    granted_by: str
    reason: str
    starts: datetime
    ends: datetime

    def __post_init__(self) -> None:
        code(self.person_id, "Person id of a delegation")
        if not (self.granted_by and self.reason):
            raise ValueError(
                f"The delegation to {self.person_id} lacks its grantor or its reason; say both."
            )
        dated(f"The delegation to {self.person_id}", self.starts, self.ends)

    def holds(self, at: datetime) -> bool:
        """Return whether the delegation holds at ``at``; the end itself is outside."""
        return within(self.starts, self.ends, at)
