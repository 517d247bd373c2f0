"""From a command to the prompt, for each beamline on its twin, against IPython alone."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from datetime import datetime
from pathlib import Path

from nanoterasu.beamlines import tables
from nanoterasu.cli._demos import demo_of
from nanoterasu.facility import JST
from nanoterasu.office import Register, example_house
from nanoterasu.twin import TwinProcess

from ._measure import Result, in_turns, main, ratio, timed

_DOOR = "from nanoterasu.session import begin; globals().update(begin({0!r}).namespace())"


def measure(quick: bool) -> list[Result]:
    """Begin a session in IPython as the profile does; the twin runs already."""
    codes = list(tables())[: 1 if quick else None]
    return [_measured(code, 1 if quick else 3) for code in codes]


def _measured(code: str, turns: int) -> Result:
    with tempfile.TemporaryDirectory() as folder, TwinProcess(code, home=Path(folder)):
        with Register(Path(folder) / "office.sqlite", create=True) as register:
            example_house(register, datetime.now(JST))
            beamtime = register.beamtime(demo_of(code).BEAMTIME, datetime.now(JST))
        os.environ.update(
            NANOTERASU_DIR=folder,
            NANOTERASU_BEAMTIME=beamtime.id,
            NANOTERASU_OPERATOR="alpha-member",
            IPYTHONDIR=f"{folder}/ipython",
        )
        door = _DOOR.format(beamtime.station)
        found = in_turns(
            {"ours": lambda: _ipython(door), "ipython": lambda: _ipython("pass")}, turns
        )
    ours = sorted(found["ours"])[turns // 2]
    return Result(
        f"{code}: from the command to the prompt",
        f"{ours:.2f} s",
        f"ipython -c pass, {sorted(found['ipython'])[turns // 2]:.2f} s",
        ratio(found["ours"], found["ipython"]),
        "under 6 s",
        ours < 6,
    )


def _ipython(code: str) -> float:
    command = [sys.executable, "-m", "IPython", "--no-banner", "--HistoryManager.enabled=False"]
    return timed(
        lambda: subprocess.run([*command, "-c", code], check=True, stdout=subprocess.DEVNULL)
    )


if __name__ == "__main__":
    main(measure, __doc__)
