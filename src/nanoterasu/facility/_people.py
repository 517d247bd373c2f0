"""People with dated roles and qualifications, organisations, units and proposals."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

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


def within(starts: datetime | None, ends: datetime | None, at: datetime) -> bool:
    """Return whether ``at`` lies between two instants, the end outside, None being open."""
    return (starts is None or starts <= at) and (ends is None or at < ends)


def dated(what: str, starts: datetime | None, ends: datetime | None) -> None:
    """Refuse instants without time zone, and an end that is not after its start.

    Raises
    ------
    ValueError
        With ``what`` in its sentence.
    """
    if starts is not None:
        aware(starts, f"{what} from")
    if ends is not None:
        aware(ends, f"{what} until")
    if starts is not None and ends is not None and ends <= starts:
        raise ValueError(
            f"{what} ends at {ends.isoformat()}, not after its start {starts.isoformat()}; "
            "give an end after the start."
        )


@dataclass(frozen=True, slots=True)
class Organisation:
    """A company, university or institute; what it pays for stands in its `Contract`."""

    id: str
    name: str

    def __post_init__(self) -> None:
        code(self.id, "Organisation id")


@dataclass(frozen=True, slots=True)
class Grant:
    """A role or a qualification, from an instant until another (None: no limit known)."""

    name: str
    starts: datetime | None = None
    ends: datetime | None = None

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("A grant has no name; give the role's or the qualification's.")
        dated(f"The grant of {self.name}", self.starts, self.ends)

    def holds(self, at: datetime) -> bool:
        """Return whether the grant holds at ``at``; the end itself is outside."""
        return within(self.starts, self.ends, at)


@dataclass(frozen=True, slots=True)
class Person:
    """A person with a login, dated roles and dated radiation qualifications.

    Attributes
    ----------
    roles
        ``staff`` measures and supports; ``data_steward`` publishes and moves runs;
        ``user_office`` changes the register.
    qualifications
        Named as in ``rules/qualifications.toml``.
    student
        Whether the person is a student, who takes part only beside an experimenter who is not.
    """

    id: str
    name: str
    login: str
    roles: tuple[Grant, ...] = ()
    qualifications: tuple[Grant, ...] = ()
    student: bool = False

    def __post_init__(self) -> None:
        code(self.id, "Person id")
        if not _LOGIN.match(self.login):
            raise ValueError(
                f"Person {self.id} has login {self.login!r}; give one without spaces and slashes."
            )
        for name in ("roles", "qualifications"):
            object.__setattr__(self, name, tuple(getattr(self, name)))
            # A bare name would be taken for one without dates, and never be asked for any.
            wrong = [grant for grant in getattr(self, name) if not isinstance(grant, Grant)]
            if wrong:
                raise ValueError(
                    f"Person {self.id} has {name} {wrong!r}; give each as a Grant with its dates."
                )

    def has_role(self, name: str, at: datetime) -> bool:
        """Return whether the person holds the role ``name`` at ``at``."""
        return any(grant.name == name and grant.holds(at) for grant in self.roles)

    def is_staff(self, at: datetime) -> bool:
        """Return whether the person holds the staff role at ``at``."""
        return self.has_role(STAFF, at)

    def qualified_for(self, at: datetime) -> frozenset[str]:
        """Return the names of the qualifications that hold at ``at``."""
        return frozenset(grant.name for grant in self.qualifications if grant.holds(at))


@dataclass(frozen=True, slots=True)
class Membership:
    """A person's place in a unit, from an instant until another (None: no end known)."""

    person_id: str
    starts: datetime
    ends: datetime | None = None

    def __post_init__(self) -> None:
        dated(f"The membership of {self.person_id}", self.starts, self.ends)

    def holds(self, at: datetime) -> bool:
        """Return whether the membership holds at ``at``; the end itself is outside."""
        return within(self.starts, self.ends, at)


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
