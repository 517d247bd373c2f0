"""Whether a run may open: every condition met, or a refusal that says which and what to do."""

from __future__ import annotations

from datetime import datetime

from ._beamtime import COALITION_MODES, SHARED_MODES, Beamtime
from ._duties import result_duty
from ._instants import aware, said
from ._people import Person
from ._rules import Rule, RuleError, matching, resolve


class Refused(PermissionError):
    """A run may not open; ``rule`` is the id of the rule, the text says what to do.

    Parameters
    ----------
    rule
        Id of the rule: of a row, or of a condition of `may_run`.
    sentence
        What is refused, where, and what to do.
    """

    def __init__(self, rule: str, sentence: str) -> None:
        super().__init__(f"{sentence} [rule {rule}]")
        self.rule = rule
        self.sentence = sentence

    def __reduce__(self) -> tuple[type[Refused], tuple[str, str]]:
        return type(self), (self.rule, self.sentence)


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
        With ``rule`` among ``example.twin``, ``operator.team``, ``beamtime.station``,
        ``beamtime.now``, ``operator.qualification``, ``safety.review``, ``mode.offered``,
        ``shared.slot``, ``term.end``, ``hours.left``, or the id of a row or table of rules.
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
    _on_team(beamtime, operator)
    place = _at_station(beamtime, station, at)
    _is_now(beamtime, at)
    _qualified(beamtime, operator, place, at)
    if not (beamtime.safety_review_id and beamtime.safety_review_issuer):
        raise Refused(
            "safety.review",
            f"Beamtime {beamtime.id} at {station} has no safety review with its issuer on record; "
            "ask the safety office to record the review's id and the body that issued it.",
        )
    mode_row(beamtime, at)
    try:
        result_duty(beamtime, at)
    except RuleError as error:
        raise _refused(beamtime, error) from error
    if hours_left(beamtime, at) <= 0 and not beamtime.overrun_allowed:
        raise Refused(
            "hours.left",
            f"Beamtime {beamtime.id} at {station} has no hours left ({beamtime.hours_used:g} h "
            "used); ask the user office for more hours, or the owner to consent to the overrun.",
        )


def mode_row(beamtime: Beamtime, at: datetime) -> Rule:
    """Return the row that opens the beamtime's access mode at its station.

    Raises
    ------
    Refused
        When the mode is not offered there and then, not confirmed and not consented to,
        or its call was closed.
    """
    mode, where = beamtime.access_mode, beamtime.station
    place = station_row(beamtime, at)
    scope = {"mode": mode, "kind": place.value["kind"]}
    try:
        offered = matching("modes", scope, at)
        if not offered:
            raise Refused(
                "mode.offered",
                f"Access mode {mode} of beamtime {beamtime.id} is not offered at {where}, a "
                f"{place.value['kind']} beamline operated by {place.value['operator']}, on "
                f"{said(at)}; ask the user office for a mode that is, or for another beamline.",
            )
        row = resolve("modes", scope, at, allow_unconfirmed=beamtime.consented)
    except RuleError as error:
        raise _refused(beamtime, error) from error
    if mode in SHARED_MODES:
        _shared(beamtime, place, at)
    return row


def station_row(beamtime: Beamtime, at: datetime) -> Rule:
    """Return the row of the beamtime's station.

    Raises
    ------
    Refused
        When there is no such station, or it is not on the beamtime's beamline.
    """
    try:
        place = resolve("stations", {"station": beamtime.station}, at)
    except RuleError as error:
        raise _refused(beamtime, error) from error
    if place.value["beamline"] != beamtime.beamline:
        raise Refused(
            "beamtime.station",
            f"Beamtime {beamtime.id} names station {beamtime.station} on {beamtime.beamline}, but "
            f"it stands on {place.value['beamline']}; ask the user office to correct the booking.",
        )
    return place


def _refused(beamtime: Beamtime, error: RuleError) -> Refused:
    return Refused(error.rule, f"Beamtime {beamtime.id} at {beamtime.station} may not run: {error}")


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


def _on_team(beamtime: Beamtime, operator: Person) -> None:
    if operator.id not in beamtime.team and not operator.is_staff:
        raise Refused(
            "operator.team",
            f"{operator.login} is neither on the team of beamtime {beamtime.id} nor staff; sign in "
            "as a member of its team, or ask its leader to have the user office add you.",
        )


def _qualified(beamtime: Beamtime, operator: Person, place: Rule, at: datetime) -> None:
    light = place.value["light"]
    for held in sorted(operator.qualifications):
        rows = matching("qualifications", {"qualification": held}, at)
        if any(row.status == "confirmed" and light in row.value["light"] for row in rows):
            return
    raise Refused(
        "operator.qualification",
        f"{operator.login} has no qualification to operate {light} X-ray station "
        f"{beamtime.station} (on record: {', '.join(sorted(operator.qualifications)) or 'none'}); "
        "register as radiation worker with the user office, or let a qualified member operate.",
    )


def _shared(beamtime: Beamtime, place: Rule, at: datetime) -> None:
    """Refuse a shared beamtime outside a shared slot, in a closed call or without a term."""
    what = f"Beamtime {beamtime.id} at {beamtime.station}"
    if beamtime.shared_slot != (place.value["kind"] == "coalition"):
        raise Refused(
            "shared.slot",
            f"{what}, a {place.value['kind']} beamline, is{'' if beamtime.shared_slot else ' not'} "
            "marked as a shared slot, which is what shared use of a coalition beamline needs and "
            "a shared beamline has not; ask the user office to correct the booking.",
        )
    if not beamtime.term or beamtime.term_end is None:
        raise Refused(
            "term.end",
            f"{what} has no term with its last day on record, so that no duty can be dated; "
            "ask the user office to record the term and its end.",
        )
    call = matching("calls", {"mode": beamtime.access_mode, "term": beamtime.term}, at)
    closed = next((row for row in call if not row.value["open"]), None)
    if closed is not None:
        raise Refused(
            closed.id,
            f"{what} may not run: {beamtime.access_mode} was not called in term {beamtime.term} "
            f"(source: {closed.source}); ask the user office for a term in which it is.",
        )
