"""Who may operate: of the team, delegated or on duty; qualified; and not alone."""

from __future__ import annotations

from datetime import datetime

from ._beamtime import Beamtime
from ._people import Person
from ._refused import Refused
from ._rules import Rule, matching, resolve, rules


def may_operate(beamtime: Beamtime, operator: Person, at: datetime) -> bool:
    """Return whether the operator is of the team, delegated now, or staff on duty there now."""
    return operator.id in beamtime.team or _stands_in(beamtime, operator, at)


def qualification(operator: Person, place: Rule, at: datetime) -> Rule | None:
    """Return the row of a qualification held at ``at`` that opens the station's light, or None."""
    for held in sorted(operator.qualified_for(at)):
        for row in matching("qualifications", {"qualification": held}, at):
            if row.status == "confirmed" and place.value["light"] in row.value["light"]:
                return row
    return None


def party_rows(beamtime: Beamtime, at: datetime) -> tuple[Rule, ...]:
    """Return the rows on who must be there; none where no user is present."""
    if beamtime.measurement_service != "none":
        return ()
    return tuple(
        resolve("parties", {"party": party}, at, allow_unconfirmed=beamtime.consented)
        for party in ("experimenters", "students")
    )


def check_operator(beamtime: Beamtime, operator: Person, at: datetime) -> None:
    """Refuse a stranger, and a member of the team where the measurement is done for them."""
    if not may_operate(beamtime, operator, at):
        raise Refused(
            "operator.team",
            f"{operator.login} is neither on the team of beamtime {beamtime.id}, nor delegated to "
            "operate for it now, nor staff on duty for it; sign in as a member of its team, or "
            "ask its leader to have the user office add you.",
        )
    if beamtime.measurement_service != "none" and not _stands_in(beamtime, operator, at):
        raise Refused(
            "operator.service",
            f"Beamtime {beamtime.id} is measured on behalf of its owner "
            f"({beamtime.measurement_service}), without users present; let the staff on duty or a "
            "delegated operator measure, or ask the user office for a beamtime of your own.",
        )


def check_qualified(beamtime: Beamtime, operator: Person, place: Rule, at: datetime) -> None:
    """Refuse an operator without a qualification for the station's light that holds now."""
    if qualification(operator, place, at) is None:
        held = ", ".join(sorted(operator.qualified_for(at))) or "none"
        raise Refused(
            "operator.qualification",
            f"{operator.login} has no qualification to operate {place.value['light']} X-ray "
            f"station {beamtime.station} (held now: {held}); register as radiation worker with "
            "the user office, or let a qualified member operate.",
            rules("qualifications")[0].source,
        )


def check_party(beamtime: Beamtime, at: datetime) -> None:
    """Refuse a party that is too small, or made of students alone."""
    rows = party_rows(beamtime, at)
    if not rows:
        return
    experimenters, students = rows
    what = f"The team of beamtime {beamtime.id} at {beamtime.station}"
    count, others = len(beamtime.team), len(beamtime.team - beamtime.students)
    if count < experimenters.value["least"]:
        raise Refused(
            experimenters.id,
            f"{what} has {count} experimenter{'' if count == 1 else 's'}; at least "
            f"{experimenters.value['least']} are needed, since nobody experiments alone. Ask the "
            "user office to add a member who takes part.",
            experimenters.source,
        )
    if others < students.value["least_others"]:
        raise Refused(
            students.id,
            f"{what} has students only, who take part beside an experimenter who is no student; "
            "ask the user office to add one.",
            students.source,
        )


def _stands_in(beamtime: Beamtime, operator: Person, at: datetime) -> bool:
    return beamtime.delegated(operator.id, at) or (
        operator.is_staff(at) and operator.id in beamtime.on_duty
    )
