"""Who has the beam, where several stations share one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nanoterasu.beamlines import Beamline
from nanoterasu.records import BeamBusy, take_lock


@contextmanager
def the_beam(beamline: Beamline, home: Path, beamtime: str) -> Iterator[None]:
    """Hold the beam of ``beamline`` for its station, unless it is split or there is no other.

    What another station is told of the holder are codes: station, beamtime, process.

    Raises
    ------
    nanoterasu.records.BeamBusy
        With who holds it.
    """
    if beamline.split or len(beamline.stations) == 1:
        yield
        return
    code = type(beamline).__name__
    folder = home / "run"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = take_lock(
        folder / f"beam-{code}.lock",
        f"The stations of {code} share source and optics, and the beam is held by",
        f"{beamline.station} can measure when that session has been closed; ask there, or the "
        "staff on duty.",
        purpose=f"at {beamline.station} for beamtime {beamtime}",
        refusal=BeamBusy,
    )
    try:
        yield
    finally:
        os.close(lock)
