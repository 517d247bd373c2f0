"""People, organisations, units and proposals, and who may read what they measure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from types import MappingProxyType

from ._instants import aware

STAFF = "staff"
DOMAINS = ("competitive", "cooperative")
_CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?\Z")
_LOGIN = re.compile(r"[^\s/\\]{1,255}\Z")


def code(text: str, what: str) -> str:
    """Return ``text``, refused unless it can stand in a tag, a folder and an address.

    Raises
    ------
    ValueError
        When ``text`` holds anything but 1 to 64 ASCII letters and digits, with ``-`` between them.
    """
    if not isinstance(text, str) or not _CODE.match(text):
        raise ValueError(
            f"{what} {text!r} is not a code; use 1 to 64 ASCII letters and digits "
            "with '-' between them, as in 'BT-0001'."
        )
    return text


@dataclass(frozen=True, slots=True)
class Organisation:
    """A company, university or institute.

    Attributes
    ----------
    membership_class
        As written in the coalition contract; never computed from shares.
    contract_hours
        Hours which the coalition contract allows in its current year [h]; None without contract.
    """

    id: str
    name: str
    membership_class: str | None = None
    contract_hours: float | None = None

    def __post_init__(self) -> None:
        code(self.id, "Organisation id")
        if self.contract_hours is not None and not 0 <= self.contract_hours < float("inf"):
            raise ValueError(
                f"Organisation {self.id} has {self.contract_hours} contract hours; "
                "give the hours of its contract, zero or more."
            )


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a login, roles such as ``staff``, and radiation qualifications."""

    id: str
    name: str
    login: str
    roles: frozenset[str] = frozenset()
    qualifications: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        code(self.id, "Person id")
        if not _LOGIN.match(self.login):
            raise ValueError(
                f"Person {self.id} has login {self.login!r}; give one without spaces and slashes."
            )

    @property
    def is_staff(self) -> bool:
        """Whether the person holds the staff role."""
        return STAFF in self.roles


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in a unit, from an instant until another (None: no end known)."""

    person_id: str
    starts: datetime
    ends: datetime | None = None

    def __post_init__(self) -> None:
        aware(self.starts, f"The membership of {self.person_id} from")
        if self.ends is not None and aware(self.ends, "until") <= self.starts:
            raise ValueError(
                f"The membership of {self.person_id} ends at {self.ends.isoformat()}, not after "
                f"its start {self.starts.isoformat()}; give an end after the start."
            )

    def holds(self, at: datetime) -> bool:
        """Return whether the membership holds at ``at``; the end itself is outside."""
        return self.starts <= at and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Unit:
    """A development topic of a coalition member; the key to what it measures.

    One company may have several units, and an academic may sit in the units of rivals.
    """

    id: str
    topic: str
    organisation_id: str
    domain: str | None = None
    members: tuple[Membership, ...] = ()

    def __post_init__(self) -> None:
        code(self.id, "Unit id")
        if self.domain is not None and self.domain not in DOMAINS:
            raise ValueError(
                f"Unit {self.id} has domain {self.domain!r}; "
                f"give one of {', '.join(DOMAINS)}, or None, which counts as competitive."
            )

    @property
    def tag(self) -> str:
        """Access tag of what the unit measures."""
        return unit_tag(self.id)

    def members_at(self, at: datetime) -> frozenset[str]:
        """Return the ids of those who are members at ``at``."""
        return frozenset(m.person_id for m in self.members if m.holds(at))


@dataclass(frozen=True, slots=True)
class Proposal:
    """An accepted proposal for shared use.

    Attributes
    ----------
    team
        Person ids.
    term
        Label of the term, as published or as given by the user office.
    term_end
        Last day of that term; three years after it the paper is due.  Never guessed.
    """

    id: str
    title: str
    team: frozenset[str]
    term: str
    term_end: date

    def __post_init__(self) -> None:
        code(self.id, "Proposal id")
        if not self.term:
            raise ValueError(f"Proposal {self.id} has no term; give its label, as in '2026A'.")

    @property
    def tag(self) -> str:
        """Access tag of what the proposal's team measures."""
        return proposal_tag(self.id)


def unit_tag(unit_id: str) -> str:
    """Return the access tag of a unit."""
    return f"unit-{code(unit_id, 'Unit id')}"


def proposal_tag(proposal_id: str) -> str:
    """Return the access tag of a proposal."""
    return f"proposal-{code(proposal_id, 'Proposal id')}"


@dataclass(frozen=True, slots=True)
class Roster:
    """Who belongs to which access tag, at one instant.

    Attributes
    ----------
    groups
        Logins of each tag; a tag that is absent has no members.
    staff
        Logins of the staff.
    people
        Each person by login.
    """

    groups: Mapping[str, frozenset[str]]
    staff: frozenset[str]
    people: Mapping[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "groups", MappingProxyType(dict(self.groups)))
        object.__setattr__(self, "people", MappingProxyType(dict(self.people)))

    def readers(self, tags: Iterable[str]) -> list[str]:
        """Return the logins that may read what carries ``tags``, sorted: members and staff."""
        members = (self.groups.get(tag, frozenset()) for tag in tags)
        return sorted(self.staff.union(*members))

    def who_may_read(self, tags: Iterable[str]) -> str:
        """Return a sentence for the banner: who may read what is measured under ``tags``.

        >>> Roster({"unit-U1": frozenset({"a"})}, frozenset({"s"})).who_may_read(["unit-U1"])
        'Readable by a (unit-U1) and by the staff (s); by nobody else.'
        """
        said = [
            f"{', '.join(sorted(self.groups.get(tag, ()))) or 'no member'} ({tag})" for tag in tags
        ]
        said.append(f"by the staff ({', '.join(sorted(self.staff)) or 'none'})")
        return f"Readable by {' and '.join(said)}; by nobody else."
