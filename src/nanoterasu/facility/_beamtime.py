"""The beamtime: the only key that opens a run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise

from ._duty import Delegation
from ._instants import aware
from ._people import DOMAINS, code

# Who owns a beamtime of each mode; the dated rows of each mode stand in rules/modes.toml.
COALITION_MODES = (
    "coalition_basic",
    "coalition_advanced",
    "coalition_mail_in",
    "coalition_proxy",
)
SHARED_MODES = ("shared_general", "shared_proprietary", "advanced_research", "test_use")
ACCESS_MODES = SHARED_MODES + COALITION_MODES
PROPRIETARY_MODES = (*COALITION_MODES, "shared_proprietary")
_CODES_OR_NONE = (
    "term",
    "unit_id",
    "organisation_id",
    "membership_class",
    "proposal_id",
    "booking_id",
    "safety_review_id",
    "safety_review_issuer",
    "contract_id",
    "overrun_consented_by",
)
# Staff measure in two modes, in which no user is there; in all others the users measure.
_SERVICE = {"coalition_mail_in": "mailin", "coalition_proxy": "proxy"}
MEASUREMENT_SERVICES = ("none", *_SERVICE.values())


@dataclass(frozen=True, slots=True)
class Slot:
    """A stretch of time at a station; its end is outside."""

    starts: datetime
    ends: datetime

    def __post_init__(self) -> None:
        aware(self.starts, "A slot's start")
        aware(self.ends, "A slot's end")
        if self.ends <= self.starts:
            raise ValueError(
                f"A slot ends at {self.ends.isoformat()}, not after its start "
                f"{self.starts.isoformat()}; give an end after the start."
            )

    def holds(self, at: datetime) -> bool:
        """Return whether ``at`` lies in the slot."""
        return self.starts <= at < self.ends

    def hours(self, after: datetime | None = None) -> float:
        """Return the length of the slot, or of its part after an instant [h].

        >>> from datetime import UTC, datetime
        >>> slot = Slot(datetime(2026, 4, 1, 0, tzinfo=UTC), datetime(2026, 4, 1, 8, tzinfo=UTC))
        >>> slot.hours(), slot.hours(after=datetime(2026, 4, 1, 6, tzinfo=UTC))
        (8.0, 2.0)
        """
        starts = self.starts if after is None else max(self.starts, after)
        return max(0.0, (self.ends - starts).total_seconds() / 3600)


@dataclass(frozen=True, slots=True)
class Override:
    """Consent to one rule that is not confirmed, by a named role, stamped on each run.

    It lifts a row whose status is planned or interim; never one that is unknown,
    and never a confirmed no.
    """

    rule_id: str
    reason: str
    granted_by: str
    granted_at: datetime

    def __post_init__(self) -> None:
        aware(self.granted_at, f"The consent to {self.rule_id} of")
        if not (self.rule_id and self.reason and self.granted_by):
            raise ValueError(
                f"The consent to rule {self.rule_id!r} lacks its rule, reason or grantor; "
                "say all three, since they are stamped on each run."
            )


@dataclass(frozen=True, slots=True)
class Beamtime:
    """Time at a station for a unit or a proposal, with all that decides what may run.

    Attributes
    ----------
    team
        Ids of the people who may operate, besides the staff on duty and delegated operators.
    students
        Those of the team who are students.
    on_duty
        Ids of the staff on duty at the station, at the instant of looking the beamtime up.
    delegations
        Others who may operate, each until an end.
    unit_id, proposal_id
        Exactly one is given: the owner of what is measured.
    domain
        ``competitive`` or ``cooperative``; missing counts as competitive.
    safety_review_id, safety_review_issuer
        Both are needed to run.
    term_end
        Last day of the term, given by the user office for shared use; never guessed.
    hours_used
        From the ledger [h].
    contract_hours_left
        Of the coalition contract [h]; unknown counts as none left.
    contract_id
        The coalition contract whose hours are used.
    overrun_allowed, overrun_consented_by
        Whether, and by whose consent, may be measured beyond the hours; both are needed.
    overrides
        Consents to rules that are not confirmed.
    example
        An example of the twin: never runs on real devices.
    """

    id: str
    beamline: str
    station: str
    term: str | None
    access_mode: str
    slots: tuple[Slot, ...]
    team: frozenset[str]
    unit_id: str | None = None
    organisation_id: str | None = None
    membership_class: str | None = None
    domain: str | None = None
    proposal_id: str | None = None
    booking_id: str | None = None
    safety_review_id: str | None = None
    safety_review_issuer: str | None = None
    shared_slot: bool = False
    measurement_service: str = "none"
    term_end: date | None = None
    hours_used: float = 0.0
    contract_hours_left: float | None = None
    overrun_allowed: bool = False
    overrides: tuple[Override, ...] = ()
    example: bool = False
    students: frozenset[str] = frozenset()
    on_duty: frozenset[str] = frozenset()
    delegations: tuple[Delegation, ...] = ()
    contract_id: str | None = None
    overrun_consented_by: str | None = None

    def __post_init__(self) -> None:
        code(self.id, "Beamtime id")
        # Sorted and immutable, whatever sequence was given, since instants are compared later.
        object.__setattr__(self, "slots", tuple(sorted(self.slots, key=lambda s: s.starts)))
        for name in ("team", "students", "on_duty"):
            object.__setattr__(self, name, frozenset(getattr(self, name)))
        for name in ("overrides", "delegations"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
        for problem, remedy in self._problems():
            raise ValueError(f"Beamtime {self.id} {problem}; {remedy}.")
        if self.unit_id is not None:
            code(self.unit_id, f"Unit id of beamtime {self.id}")
        if self.proposal_id is not None:
            code(self.proposal_id, f"Proposal id of beamtime {self.id}")

    def _problems(self) -> list[tuple[str, str]]:
        """Return what is wrong, with what to do about it."""
        empty = [name for name in _CODES_OR_NONE if getattr(self, name) == ""]
        wrong = [
            (
                bool(empty),
                f"has an empty {', '.join(empty)}",
                "give its code, or None where there is none",
            ),
            (
                self.access_mode not in ACCESS_MODES,
                f"has access mode {self.access_mode!r}, which is not known",
                f"give one of {', '.join(ACCESS_MODES)}",
            ),
            (
                self.unit_id is not None and self.proposal_id is not None,
                "belongs to both a unit and a proposal",
                "give the one that owns what is measured",
            ),
            (
                self.access_mode in COALITION_MODES and self.unit_id is None,
                f"has access mode {self.access_mode} and no unit",
                "give the unit of its development topic, which is the key to the data",
            ),
            (
                self.unit_id is None and self.proposal_id is None,
                "belongs to neither a unit nor a proposal",
                "give the one that owns what is measured",
            ),
            (
                self.unit_id is not None and self.access_mode not in PROPRIETARY_MODES,
                f"has access mode {self.access_mode} and a unit",
                "give the proposal which was accepted for this mode",
            ),
            (not self.slots, "has no slot", "give at least one start and end"),
            (
                any(b.starts < a.ends for a, b in pairwise(self.slots)),
                "has slots that overlap",
                "give slots that follow one another",
            ),
            (
                self.domain is not None and self.domain not in DOMAINS,
                f"has domain {self.domain!r}",
                f"give one of {', '.join(DOMAINS)}, or None, which counts as competitive",
            ),
            (
                self.measurement_service not in MEASUREMENT_SERVICES,
                f"has measurement service {self.measurement_service!r}",
                f"give one of {', '.join(MEASUREMENT_SERVICES)}",
            ),
            (
                self.measurement_service != _SERVICE.get(self.access_mode, "none"),
                f"has access mode {self.access_mode} and measurement service "
                f"{self.measurement_service}",
                f"give {_SERVICE.get(self.access_mode, 'none')}, which goes with that mode",
            ),
            (
                not 0 <= self.hours_used < float("inf"),
                f"has {self.hours_used} hours used",
                "give the hours of its ledger, zero or more",
            ),
        ]
        return [(problem, remedy) for is_wrong, problem, remedy in wrong if is_wrong]

    @property
    def ends(self) -> datetime:
        """End of the last slot."""
        return max(slot.ends for slot in self.slots)

    @property
    def consented(self) -> frozenset[str]:
        """Ids of the unconfirmed rules that were consented to."""
        return frozenset(o.rule_id for o in self.overrides)

    def delegated(self, person_id: str, at: datetime) -> bool:
        """Return whether the person is delegated to operate at ``at``."""
        return any(d.person_id == person_id and d.holds(at) for d in self.delegations)

    def slot_at(self, at: datetime) -> Slot | None:
        """Return the slot that holds ``at``, or None between and outside the slots."""
        return next((slot for slot in self.slots if slot.holds(at)), None)

    def next_slot(self, at: datetime) -> Slot | None:
        """Return the first slot that starts after ``at``, or None when none is left."""
        return next((slot for slot in self.slots if slot.starts > at), None)
