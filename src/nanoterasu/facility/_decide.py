"""Whether a run may open: every condition met, or a refusal that says which and what to do."""

from __future__ import annotations

from datetime import datetime

from ._beamtime import COALITION_MODES, Beamtime
from ._duties import result_duty
from ._instants import aware, said
from ._mode import mode_row, station_row
from ._operator import check_operator, check_party, check_qualified
from ._people import Person
from ._refused import Refused, refusal
from ._rules import Rule, RuleError


def hours_left(beamtime: Beamtime, at: datetime) -> float:
    """Return the hours which may still be measured at ``at`` [h], never negative.

    The least of: what is left of the slots, what is left of the booked hours after those
    used, and, for a coalition member, what is left of the contract.  A coalition contract
    whose hours are not known counts as used up.
    """
    aware(at, "The instant for the hours left")
    booked = sum(slot.hours() for slot in beamtime.slots)
    left = [sum(slot.hours(after=at) for slot in beamtime.slots), booked - beamtime.hours_used]
    if beamtime.access_mode in COALITION_MODES:
        left.append(beamtime.contract_hours_left or 0.0)
    return max(0.0, min(left))


def may_run(
    beamtime: Beamtime,
    *,
    station: str,
    operator: Person,
    at: datetime,
    simulated: bool = False,
) -> None:
    """Return when a run may open now; raise otherwise.

    Parameters
    ----------
    beamtime
        The beamtime under which the run would open.
    station
        Station of the session, as in ``rules/stations.toml``.
    operator
        Who measures.
    at
        Instant at which the run would open.
    simulated
        Whether the devices are the twin's; example beamtimes run only there.

    Raises
    ------
    Refused
        With ``rule`` among ``example.twin``, ``operator.team``, ``operator.service``,
        ``beamtime.station``, ``beamtime.now``, ``operator.qualification``, ``mode.offered``,
        ``shared.slot``, ``term.end``, ``safety.review``, ``safety.issuer``, ``hours.left``, or
        the id of a row or table of rules.
    """
    aware(at, "The instant of the run")
    if beamtime.example and not simulated:
        raise Refused(
            "example.twin",
            f"Beamtime {beamtime.id} is an example of the digital twin and does not run on the "
            f"devices of {station}; start the session on the twin, or use a beamtime which the "
            "user office gave.",
        )
    # First, so that a stranger learns nothing of where and when.
    check_operator(beamtime, operator, at)
    place = _at_station(beamtime, station, at)
    _is_now(beamtime, at)
    check_qualified(beamtime, operator, place, at)
    try:
        check_party(beamtime, at)
        mode = mode_row(beamtime, at)
        _safety(beamtime, mode.value["safety_issuer"])
        result_duty(beamtime, at)
    except RuleError as error:
        raise refusal(f"Beamtime {beamtime.id} at {beamtime.station}", error) from error
    _hours(beamtime, at)


def _at_station(beamtime: Beamtime, station: str, at: datetime) -> Rule:
    if beamtime.station != station:
        raise Refused(
            "beamtime.station",
            f"Beamtime {beamtime.id} is at station {beamtime.station}, not at {station}; "
            f"start the session at {beamtime.station}, or give a beamtime at {station}.",
        )
    return station_row(beamtime, at)


def _is_now(beamtime: Beamtime, at: datetime) -> None:
    if beamtime.slot_at(at):
        return
    coming = beamtime.next_slot(at)
    what = f"Beamtime {beamtime.id} at {beamtime.station}"
    if coming is None:
        raise Refused(
            "beamtime.now",
            f"{what} is over since {said(beamtime.ends)}; use the beamtime which is now, or ask "
            "the user office for more time. Its data stay readable.",
        )
    started = "has not started" if at < beamtime.slots[0].starts else "is between its slots"
    raise Refused(
        "beamtime.now",
        f"{what} {started}: its next slot starts at {said(coming.starts)} (it is {said(at)}); "
        "wait until then, or ask the user office for an earlier slot.",
    )


def _safety(beamtime: Beamtime, issuer: str) -> None:
    """Refuse without a safety review, or with one of another body than the one which must."""
    what = f"Beamtime {beamtime.id} at {beamtime.station}"
    if not (beamtime.safety_review_id and beamtime.safety_review_issuer):
        raise Refused(
            "safety.review",
            f"{what} has no safety review with its issuer on record; "
            "ask the safety office to record the review's id and the body that issued it.",
        )
    if issuer and beamtime.safety_review_issuer != issuer:
        raise Refused(
            "safety.issuer",
            f"{what} has a safety review of {beamtime.safety_review_issuer}, where {issuer} "
            f"answers for safety; ask the safety office of {issuer} for its review.",
        )


def _hours(beamtime: Beamtime, at: datetime) -> None:
    """Refuse beyond the hours, unless somebody consented to the overrun by name."""
    if hours_left(beamtime, at) > 0:
        return
    if beamtime.overrun_allowed and beamtime.overrun_consented_by:
        return
    raise Refused(
        "hours.left",
        f"Beamtime {beamtime.id} at {beamtime.station} has no hours left ({beamtime.hours_used:g} "
        "h used); ask the user office for more hours, or the owner to consent to the overrun, "
        "by name.",
    )
