"""The office's journal, as a list: who did what, when and why."""

from __future__ import annotations

from pathlib import Path

from ._acting import opened
from ._say import columns, instant, say, spoken


def say_journal(folder: Path | None, kind: str | None, id_: str | None, *, as_json: bool) -> None:
    """Print the journal, of one kind of entry or one entry where it is given; oldest first."""
    with opened(folder) as register:
        acts = register.journal(kind, id_)
    value = [
        {"at": instant(act.at), "by": act.by, "what": act.what, "kind": act.kind, "id": act.id,
         "why": act.why, "details": dict(act.details)}
        for act in acts
    ]  # fmt: skip
    rows = [
        (spoken(act.at), act.by, act.what,
         f"{act.kind} {act.id}", act.why)
        for act in acts
    ]  # fmt: skip
    say(value, columns(rows) or ["The journal says nothing of it."], as_json=as_json)
