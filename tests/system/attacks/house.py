"""Two companies, their runs, and everybody who may stand at the door of one real server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from nanoterasu.facility import PUBLIC_TAG, Person, Roster, analysis_tag
from nanoterasu.records import Shipper, Spool, TiledHome, TiledServer, wait_until_shipped

from .canaries import Document, Target, canary, documents

# U1 and U3 are units of Company Alpha, U2 of Company Beta; P1 is a proposal for shared use.
MEMBERS: Mapping[str, frozenset[str]] = {
    "unit-U1": frozenset({"owner", "ex-member", "academic"}),
    "unit-U2": frozenset({"rival-company", "academic"}),
    "unit-U3": frozenset({"rival-same-company"}),
    "proposal-P1": frozenset({"public-user"}),
}
DUTY: Mapping[str, frozenset[str]] = {"unit-U1": frozenset({"staff-on", "staff-off"})}
# Belongs to nothing; has a login, a session and a key that others may try to name.
BYSTANDER = "bystander"
LOGINS = tuple(sorted(frozenset({BYSTANDER}).union(*MEMBERS.values(), *DUTY.values())))
# Those who lost their right after they had logged in and made a key.
LOST = frozenset({"ex-member", "staff-off"})
OWNED = (*MEMBERS, analysis_tag("unit-U1"), analysis_tag("unit-U2"))


def roster(
    *, without: frozenset[str] = frozenset(), also: Mapping[str, frozenset[str]] | None = None
) -> Roster:
    """Return who belongs where, ``without`` some logins and with ``also`` more groups."""
    groups = {tag: who - without for tag, who in {**MEMBERS, **(also or {})}.items()}
    duty = {tag: who - without for tag, who in DUTY.items()}
    people = {login: Person(login, login, login) for login in LOGINS}
    return Roster(groups, duty, people)


@dataclass
class House:
    """A home with a server, a spool, and one run of each group.

    Attributes
    ----------
    targets
        The run of each tag, and that published.
    """

    folder: Path
    home: TiledHome = field(init=False)
    server: TiledServer = field(init=False)
    shipper: Shipper = field(init=False)
    spool: Path = field(init=False)
    targets: dict[str, Target] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.home = TiledHome(self.folder / "home")
        self.spool = self.home.folder / "spool" / "BL13U"

    def open(self) -> None:
        """Prepare the home, start the server and put the runs into it."""
        self.home.prepare(roster(), {login: password(login) for login in LOGINS})
        self.server = TiledServer(self.home).start()
        self.shipper = Shipper(self.spool, self.home).start()
        words = {tag: canary() for tag in (*OWNED, PUBLIC_TAG)}
        # A run is published by an act on one that a unit owned.
        homes = {tag: "unit-U3" if tag == PUBLIC_TAG else tag for tag in words}
        uids = self.ship(
            [
                documents(homes[tag], words[tag], began=1.78e9 + 1e5 * n)
                for n, tag in enumerate(words)
            ]
        )
        for (tag, word), uid in zip(words.items(), uids, strict=True):
            self.targets[tag] = Target(tag, uid, word)
        self.publish(self.targets[PUBLIC_TAG].uid)

    def close(self) -> None:
        """Stop the shipper and the server."""
        for service in ("shipper", "server"):
            if hasattr(self, service):
                getattr(self, service).stop()

    def ship(self, runs: list[list[Document]]) -> list[str]:
        """Send ``runs`` the way that measured ones go, and return their uids."""
        with Spool(self.spool) as spool:
            for run in runs:
                for name, document in run:
                    spool.append(name, document)
        uids = [run[0][1]["uid"] for run in runs]
        for uid in uids:
            wait_until_shipped(self.spool, uid, 60)
        return uids

    def publish(self, uid: str) -> None:
        """Make a run public, as the data steward does."""
        from nanoterasu.records import publish

        publish(self.home, uid)

    @property
    def site(self) -> str:
        """Address of the server, without the path."""
        return self.server.uri.removesuffix("/api/v1")

    @property
    def canaries(self) -> dict[str, str]:
        """The canary of each tag."""
        return {tag: target.canary for tag, target in self.targets.items()}


def password(login: str) -> str:
    """Return the password of ``login``, known to this house alone."""
    return f"the word of {login}"
