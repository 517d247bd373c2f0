"""Whether an access mode is open at a station: its row, its call, its term."""

from __future__ import annotations

from datetime import datetime

from ._beamtime import SHARED_MODES, Beamtime
from ._instants import said
from ._refused import Refused, refusal
from ._rules import Rule, RuleError, matching, resolve


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
        raise refusal(_what(beamtime), error) from error
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
        raise refusal(_what(beamtime), error) from error
    if place.value["beamline"] != beamtime.beamline:
        raise Refused(
            "beamtime.station",
            f"Beamtime {beamtime.id} names station {beamtime.station} on {beamtime.beamline}, but "
            f"it stands on {place.value['beamline']}; ask the user office to correct the booking.",
        )
    return place


def _shared(beamtime: Beamtime, place: Rule, at: datetime) -> None:
    """Refuse a shared beamtime outside a shared slot, in a closed call or without a term."""
    what, kind = _what(beamtime), place.value["kind"]
    if beamtime.shared_slot != (kind == "coalition"):
        raise Refused(
            "shared.slot",
            f"{what}, a {kind} beamline, is{'' if beamtime.shared_slot else ' not'} "
            "marked as a shared slot, which is what shared use of a coalition beamline needs and "
            "a shared beamline has not; ask the user office to correct the booking.",
        )
    if not beamtime.term or beamtime.term_end is None:
        raise Refused(
            "term.end",
            f"{what} has no term with its last day on record, so that no duty can be dated; "
            "ask the user office to record the term and its end.",
        )
    check_call(beamtime, kind, at)


def check_call(beamtime: Beamtime, kind: str, at: datetime) -> None:
    """Refuse a beamtime whose mode was not called in its term at this kind of beamline."""
    if beamtime.access_mode not in SHARED_MODES or not beamtime.term:
        return
    scope = {"mode": beamtime.access_mode, "term": beamtime.term, "kind": kind}
    call = matching("calls", scope, at)
    closed = next((row for row in call if not row.value["open"]), None)
    if closed is not None:
        raise Refused(
            closed.id,
            f"{_what(beamtime)} may not run: {beamtime.access_mode} was not called in term "
            f"{beamtime.term} there; ask the user office for a term in which it is.",
            closed.source,
        )


def _what(beamtime: Beamtime) -> str:
    return f"Beamtime {beamtime.id} at {beamtime.station}"
