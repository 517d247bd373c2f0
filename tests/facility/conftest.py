from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from nanoterasu.facility import Beamtime, Grant, Override, Person, Slot

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
CONSENTED = tuple(
    Override(rule_id, "Example", "staff", NOW)
    for rule_id in (
        "mode.shared_proprietary",
        "duty.report.shared_proprietary",
        "duty.publication.shared_proprietary",
    )
)
SHIFT = Slot(datetime(2026, 11, 22, 0, tzinfo=UTC), datetime(2026, 11, 22, 8, tzinfo=UTC))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def operator() -> Person:
    return Person("P1", "Operator", "alpha-member", qualifications=(Grant("radiation_worker"),))


@pytest.fixture
def proprietary() -> Callable[..., Beamtime]:
    """A shift of a company's unit at BL13U, with the consents that this needs."""

    def make(**changes: Any) -> Beamtime:
        given: dict[str, Any] = {
            "id": "BT-0001",
            "beamline": "BL13U",
            "station": "BL13U",
            "term": "T1",
            "term_end": date(2027, 2, 28),
            "access_mode": "shared_proprietary",
            "slots": (SHIFT,),
            "team": frozenset({"P1", "P2"}),
            "unit_id": "U1",
            "organisation_id": "O1",
            "safety_review_id": "S1",
            "safety_review_issuer": "QST",
            "overrides": CONSENTED,
        }
        return Beamtime(**given | changes)

    return make


@pytest.fixture
def coalition(proprietary: Callable[..., Beamtime]) -> Callable[..., Beamtime]:
    """A shift of a company's unit at the coalition beamline BL08U."""

    def make(**changes: Any) -> Beamtime:
        given: dict[str, Any] = {
            "beamline": "BL08U",
            "station": "BL08U",
            "term": None,
            "term_end": None,
            "access_mode": "coalition_basic",
            "contract_hours_left": 100.0,
            "contract_id": "C1",
            "safety_review_issuer": "PhoSIC",
            "booking_id": "B1",
            "overrides": (),
        }
        return proprietary(**given | changes)

    return make


@pytest.fixture
def public(proprietary: Callable[..., Beamtime]) -> Callable[..., Beamtime]:
    """A shift of a public proposal at BL13U."""

    def make(**changes: Any) -> Beamtime:
        given: dict[str, Any] = {
            "access_mode": "shared_general",
            "unit_id": None,
            "organisation_id": None,
            "proposal_id": "PR1",
            "overrides": (),
        }
        return proprietary(**given | changes)

    return make
