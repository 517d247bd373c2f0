"""Who can read a run: what the office says and why, proved by asking the server as each of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nanoterasu.facility import PUBLIC_TAG, Roster
from nanoterasu.records import TiledHome
from nanoterasu.session import home_folder

from ._follow import roster_now
from ._group import group_of
from ._readers import ANONYMOUS, WAYS, agreed, ask_as_each, target
from ._say import columns, named, say


@dataclass(frozen=True, slots=True)
class Proof:
    """What the office says of one run, and what the server did.

    Attributes
    ----------
    run_uid, tag
        The run, and the access group that holds it.
    readers
        Why each login may read it, by login; from the office.
    denied
        All other logins of the office, and the stranger, unless they read too.
    asked
        Address of the server which was asked.
    ways
        For each login and the stranger, whether each way was open; from the server.
    agrees
        Whether the server lets in whom the office says, by every way, and nobody else by any.
    """

    run_uid: str
    tag: str
    readers: dict[str, str]
    denied: list[str]
    asked: str
    ways: dict[str, dict[str, bool]]
    agrees: bool


def prove(home: Path, uid: str) -> Proof:
    """Return who may read a run, and whether the server that runs on ``home`` agrees.

    Raises
    ------
    LookupError
        When the catalog holds no such run.
    nanoterasu.records.TiledError
        When no server runs.
    """
    tag = group_of(home, uid)
    tiled = TiledHome(home)
    roster = roster_now(home)
    ways = ask_as_each(tiled, sorted(roster.people), target(tiled, uid, tag))
    readers = _readers(roster, tag)
    agrees = all(set(open_.values()) == {login in readers} for login, open_ in ways.items())
    denied = [login for login in ways if login not in readers]
    return Proof(uid, tag, readers, denied, tiled.uri(), ways, agrees)


def say_who_can_read(folder: Path | None, uid: str, *, as_json: bool) -> None:
    """Print who can read a run and why, and prove it.

    Raises
    ------
    RuntimeError
        When the server and the office disagree; after both were printed.
    """
    proof = prove(home_folder(folder), uid)
    say(asdict(proof), _lines(proof), as_json=as_json)
    read_by(proof)


def read_by(proof: Proof) -> tuple[list[str], list[str]]:
    """Return the logins that read the run and those that do not.

    Raises
    ------
    RuntimeError
        When the server and the office disagree, or the ways to the run do.
    """
    found, denied = agreed(proof.ways)
    if not proof.agrees:
        raise RuntimeError(
            f"The office lets {_names(proof.readers)} read run {proof.run_uid}, but the server "
            f"lets {_names(found)}. A change of the office is obeyed within seconds while "
            "'nanoterasu serve' runs: ask again; if it stays, stop the server."
        )
    return found, denied


def _readers(roster: Roster, tag: str) -> dict[str, str]:
    """Return why each login may read ``tag``."""
    reasons = {login: roster.why(tag, login) for login in sorted(roster.people)}
    if tag == PUBLIC_TAG:
        reasons[ANONYMOUS] = roster.why(tag, ANONYMOUS)
    return {login: why for login, why in reasons.items() if why is not None}


def _lines(proof: Proof) -> list[str]:
    readers = columns(proof.readers.items()) or ["nobody"]
    outcome = "agrees" if proof.agrees else "DISAGREES; see which ways were open:"
    asked = f"{proof.asked} as each of {len(proof.ways)} ({', '.join(WAYS)}): it {outcome}"
    lines = named(
        [
            ("Run", f"{proof.run_uid} in {proof.tag}"),
            ("Can read", readers[0]),
            *(("", reader) for reader in readers[1:]),
            ("Cannot", _names(proof.denied)),
            ("Asked", asked),
        ]
    )
    return lines if proof.agrees else [*lines, *_open_ways(proof.ways)]


def _open_ways(ways: Mapping[str, Mapping[str, bool]]) -> list[str]:
    rows = [(login, *(("open" if is_open else "closed") for is_open in each.values()))
            for login, each in ways.items()]  # fmt: skip
    return columns([("", *WAYS), *rows])


def _names(logins: Any) -> str:
    return ", ".join(logins) or "nobody"
