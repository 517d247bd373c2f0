"""What a beamtime stamps on each run: access tags and the protected keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ._beamtime import COALITION_MODES, PROPRIETARY_MODES, Beamtime
from ._decide import hours_left
from ._duties import result_duty
from ._instants import JST, aware
from ._mode import mode_row, station_row
from ._operator import party_rows, qualification
from ._people import Person
from ._rules import find
from ._tags import tags

FACILITY = "NanoTerasu"

PROTECTED = (
    "facility",
    "beamline",
    "station",
    "beamtime_id",
    "term",
    "access_mode",
    "review_body",
    "proposal_id",
    "booking_id",
    "unit_id",
    "organisation_id",
    "membership_class",
    "contract_id",
    "domain",
    "proprietary",
    "confidentiality",
    "result_duty",
    "fee_rule_id",
    "shared_slot",
    "operator",
    "on_behalf_of",
    "measurement_service",
    "safety_review_id",
    "tiled_access_tags",
    "rules",
    "overrides",
    "software",
)

# The hourly charge whose row is named on a run; coalition charges depend on the hours left.
_CHARGE = {
    "shared_general": "consumables",
    "shared_proprietary": "beamline",
    "advanced_research": "beamline",
    "test_use": "beamline",
}


def flags(beamtime: Beamtime, *, operator: Person, at: datetime) -> dict[str, Any]:
    """Return every protected key of the start document but ``software``, JSON-ready.

    Parameters
    ----------
    beamtime, operator, at
        As for `may_run`, which is asked first.

    Returns
    -------
    dict
        All keys of `PROTECTED` but ``software``; None where one does not apply.  ``rules``
        holds the rows that were used with their hashes, ``overrides`` the consents among them.

    Raises
    ------
    Refused
        When the access mode is not open.
    RuleError
        When a duty of the results is not known, or not confirmed and not consented to.
    """
    aware(at, "The instant of the run")
    place, mode = station_row(beamtime, at), mode_row(beamtime, at)
    duty, duty_rows = result_duty(beamtime, at)
    fee = find("fees", {"mode": beamtime.access_mode, "charge": _charge(beamtime, at)}, at)
    held = qualification(operator, place, at)
    used = (place, mode, *party_rows(beamtime, at), *duty_rows, fee)
    used = (*used, held) if held is not None else used
    owner = beamtime.unit_id or beamtime.proposal_id
    return {
        "facility": FACILITY,
        "beamline": beamtime.beamline,
        "station": beamtime.station,
        "beamtime_id": beamtime.id,
        "term": beamtime.term,
        "access_mode": beamtime.access_mode,
        "review_body": mode.value["review_body"] or None,
        "proposal_id": beamtime.proposal_id,
        "booking_id": beamtime.booking_id,
        "unit_id": beamtime.unit_id,
        "organisation_id": beamtime.organisation_id,
        "membership_class": beamtime.membership_class,
        "contract_id": beamtime.contract_id,
        "domain": _domain(beamtime),
        "proprietary": beamtime.access_mode in PROPRIETARY_MODES,
        "confidentiality": "unit" if beamtime.unit_id is not None else "proposal",
        "result_duty": duty,
        "fee_rule_id": fee.id,
        "shared_slot": beamtime.shared_slot,
        "operator": operator.login,
        "on_behalf_of": None if operator.id in beamtime.team else owner,
        "measurement_service": beamtime.measurement_service,
        "safety_review_id": beamtime.safety_review_id,
        "tiled_access_tags": list(tags(beamtime)),
        "rules": [{"id": rule.id, "hash": rule.hash} for rule in used],
        "overrides": [
            {
                "rule_id": consent.rule_id,
                "reason": consent.reason,
                "granted_by": consent.granted_by,
                "granted_at": consent.granted_at.astimezone(JST).isoformat(),
            }
            for consent in beamtime.overrides
            if consent.rule_id in {rule.id for rule in used}
        ],
    }


def _domain(beamtime: Beamtime) -> str | None:
    """Return the domain; a unit's counts as competitive when it is missing."""
    if beamtime.unit_id is not None and beamtime.domain is None:
        return "competitive"
    return beamtime.domain


def _charge(beamtime: Beamtime, at: datetime) -> str:
    if beamtime.access_mode in COALITION_MODES:
        return "within_hours" if hours_left(beamtime, at) > 0 else "beyond_hours"
    return _CHARGE[beamtime.access_mode]
