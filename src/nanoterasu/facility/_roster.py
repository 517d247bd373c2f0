"""Who may read what at one instant: members, and the staff who are on duty for them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ._people import Person
from ._tags import PUBLIC_TAG, analysis_tag, owner_of


@dataclass(frozen=True, slots=True)
class Roster:
    """Who belongs to which access tag, at one instant.

    Attributes
    ----------
    groups
        Logins of the members of each tag of runs; a tag that is absent has none.
    on_duty
        Logins of the staff on duty for each tag of runs; nobody off duty.
    people
        Each person by login.
    duty_stations
        Station of the duty, by tag and login, to say why.
    """

    groups: Mapping[str, frozenset[str]]
    on_duty: Mapping[str, frozenset[str]] = field(default_factory=dict)
    people: Mapping[str, Person] = field(default_factory=dict)
    duty_stations: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("groups", "on_duty", "people", "duty_stations"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def access(self) -> Mapping[str, frozenset[str]]:
        """Return the readers of every tag: of runs, and of the analysis made of them.

        Members and the staff on duty read runs; members alone read the analysis.
        `PUBLIC_TAG` is not among them, since it asks for no login.
        """
        readers: dict[str, frozenset[str]] = {}
        for tag in {**self.groups, **self.on_duty}:
            members = frozenset(self.groups.get(tag, ()))
            readers[tag] = members.union(self.on_duty.get(tag, ()))
            readers[analysis_tag(tag)] = members
        return MappingProxyType(readers)

    def readers(self, tags: Iterable[str]) -> list[str]:
        """Return the logins that may read what carries ``tags``, sorted; all, once published."""
        return sorted({login for tag in tags for login in self._readers(tag)})

    def why(self, tag: str, login: str) -> str | None:
        """Return why ``login`` reads what carries ``tag``, or None when it does not.

        >>> Roster({"unit-U1": frozenset({"a"})}).why("unit-U1", "a")
        'member of unit U1'
        """
        if tag == PUBLIC_TAG:
            return "published, so that everybody reads it"
        if login not in self._readers(tag):
            return None
        if (tag, login) in self.duty_stations and login not in self.groups.get(tag, ()):
            return f"staff on duty at {self.duty_stations[tag, login]}"
        in_group = any(
            login in members and tag in (group, analysis_tag(group))
            for group, members in self.groups.items()
        )
        return f"member of {owner_of(tag)}" if in_group else "staff on duty"

    def who_may_read(self, tags: Iterable[str]) -> str:
        """Return a sentence for the banner: who may read what is measured under ``tags``, and why.

        >>> roster = Roster({"unit-U1": frozenset({"a"})}, {"unit-U1": frozenset({"s"})})
        >>> roster.who_may_read(["unit-U1"])
        'Readable by a (member of unit U1) and s (staff on duty); by nobody else.'
        """
        tags = tuple(tags)
        if PUBLIC_TAG in tags:
            return "Published: readable by everybody."
        reasons: dict[str, str] = {}
        for tag in tags:
            for login in self._readers(tag):
                reasons.setdefault(login, self.why(tag, login) or "")
        if not reasons:
            owners = " or ".join(owner_of(tag) for tag in tags) or "no group"
            return f"Readable by nobody: {owners} has no member, and no staff is on duty for it."
        said = " and ".join(f"{login} ({reasons[login]})" for login in sorted(reasons))
        return f"Readable by {said}; by nobody else."

    def _readers(self, tag: str) -> frozenset[str]:
        if tag == PUBLIC_TAG:
            return frozenset(self.people)
        return self.access().get(tag, frozenset())
