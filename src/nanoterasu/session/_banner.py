"""What a person at the endstation needs to know before the first scan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nanoterasu.facility import said

from ._handover import owner_of

if TYPE_CHECKING:
    from ._session import Session


def banner(session: Session) -> str:
    """Say where, when and for whom ``session`` measures, and who reads it."""
    beamtime, operator = session.beamtime, session.operator
    where = "digital twin" if session.twin else "beamline"
    place = type(session.beamline).__name__
    if session.station != place:
        place = f"{place}, station {session.station}"
    lines = [
        ("", f"{place} ({where})"),
        ("beamtime", f"{beamtime.id}, until {said(beamtime.ends)}"),
        ("for", f"{owner_of(beamtime)} ({beamtime.access_mode}); operator {operator.login}"),
    ]
    if operator.id not in beamtime.team:
        lines.append(
            (
                "on behalf of",
                f"{owner_of(beamtime)}: {operator.login} measures and sees session.health(), not "
                "what the unit makes of it",
            )
        )
    lines += [
        ("hours left", f"{session.hours_left:.1f} h"),
        ("may read it", ", ".join(session.readers())),
    ]
    if session.waiting:
        runs = "1 run" if session.waiting == 1 else f"{session.waiting} runs"
        lines.append(("waiting", f"{runs} of earlier parties, kept here until stored in Tiled"))
    if absent := sorted(session.beamline.absent):
        lines.append(
            (
                "absent",
                f"{', '.join(absent)}: no answer; the session measures without. "
                f"'nanoterasu check {session.station}' says what is silent",
            )
        )
    devices = ", ".join(list(session.beamline.devices())[:4])
    lines.append(("try", f"{devices}, …; RE(xas(...)); dry_run(...)"))
    return "\n".join(f"  {head:>12}  {text}".rstrip() for head, text in lines)
