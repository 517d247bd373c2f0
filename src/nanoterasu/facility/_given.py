"""Whether the user office may give a beamtime: its call, and the shared slots of its term."""

from __future__ import annotations

from dataclasses import dataclass

from ._beamtime import Beamtime
from ._instants import said
from ._mode import check_call, station_row
from ._refused import Refused
from ._rules import Rule, matching, resolve, rules


@dataclass(frozen=True, slots=True)
class SharedShare:
    """Time of a coalition beamline that is published for shared use in one term.

    Attributes
    ----------
    rule
        Row that says so.
    stations
        Where beamtimes count together.
    hours
        In all [h].
    """

    rule: Rule
    stations: frozenset[str]
    hours: float


def shared_share(beamtime: Beamtime) -> SharedShare | None:
    """Return the time from which a shared slot is taken; None where none was published.

    Raises
    ------
    Refused
        When there is no such station, or it is not on the beamtime's beamline.
    """
    if not (beamtime.shared_slot and beamtime.term):
        return None
    at = beamtime.slots[0].starts
    station_row(beamtime, at)
    # Some were published for a station, some for a beamline with all its stations.
    for place in (beamtime.station, beamtime.beamline):
        for row in matching("shared_shifts", {"station": place, "term": beamtime.term}, at):
            shift = resolve("shifts", {"shift": "length"}, at)
            stations = frozenset(
                rule.scope["station"]
                for rule in rules("stations")
                if place in (rule.scope["station"], rule.value["beamline"])
            )
            return SharedShare(row, stations, float(row.value["shifts"] * shift.value["hours"]))
    return None


def may_be_given(beamtime: Beamtime, hours_given: float = 0.0) -> None:
    """Return when the user office may give a beamtime; raise otherwise.

    Parameters
    ----------
    beamtime
        To be given.
    hours_given
        Of its `shared_share`, to other beamtimes [h].

    Raises
    ------
    Refused
        When its mode was not called in its term, or the shared slots of the term are used up.
    """
    at = beamtime.slots[0].starts
    check_call(beamtime, station_row(beamtime, at).value["kind"], at)
    share = shared_share(beamtime)
    asked = sum(slot.hours() for slot in beamtime.slots)
    if share is not None and hours_given + asked > share.hours:
        raise Refused(
            share.rule.id,
            f"Beamtime {beamtime.id} at {beamtime.station} from {said(at)} takes {asked:g} h of "
            f"the shared slots of {beamtime.term}, of which {max(0.0, share.hours - hours_given):g}"
            f" h are left of {share.hours:g} h; give less, or another station or term.",
            share.rule.source,
        )
