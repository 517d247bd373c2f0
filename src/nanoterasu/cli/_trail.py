"""The audit trail of a run: who read it, when, and what."""

from __future__ import annotations

from pathlib import Path

from nanoterasu.records import reads
from nanoterasu.session import home_folder

from ._acting import opened
from ._group import group_or_none, unknown
from ._say import columns, instant, say, spoken
from ._steward import unfinished


def say_audit(folder: Path | None, uid: str, *, as_json: bool) -> None:
    """Print who read a run, in order of time, and what was done with it.

    Raises
    ------
    LookupError
        When the catalog holds no such run and the trail knows of none.
    """
    home = home_folder(folder)
    with opened(folder) as register:
        acts = register.journal("run", uid)
        cut_short = unfinished(register, uid)
    tag, looks = group_or_none(home, uid), reads(home, uid)
    if tag is None and not looks and not acts:
        raise LookupError(unknown(uid))
    value = {
        "run_uid": uid,
        "tag": tag,
        "reads": [
            {"at": instant(look.at), "login": look.login, "what": look.what} for look in looks
        ],
        "acts": [
            {"at": instant(act.at), "by": act.by, "what": act.what, "why": act.why,
             "details": dict(act.details)}
            for act in acts
        ],
        "unfinished": cut_short,
    }  # fmt: skip
    rows = [(spoken(look.at), look.login, look.what) for look in looks]
    lines = [f"Run {uid} in {tag or 'no group: it is not in the catalog'}"]
    lines += columns(rows) or ["Nobody has read it."]
    if acts:
        lines += ["Acts, from the office's journal:"]
        lines += columns((spoken(act.at), act.by, act.what, act.why) for act in acts)
    if cut_short:
        lines.append(f"Cut short, and safe to do again: {cut_short}")
    say(value, lines, as_json=as_json)
