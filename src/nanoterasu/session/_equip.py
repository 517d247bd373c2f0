"""The RunEngine of a party, with the beamline's baseline and interlocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from operator import attrgetter
from pathlib import Path

from bluesky.preprocessors import SupplementalData
from bluesky.suspenders import SuspendCeil, SuspendFloor
from ophyd import Device

from nanoterasu.beamlines import Beamline
from nanoterasu.devices import FrameDetector
from nanoterasu.records import Spool

from ._engine import SessionEngine
from ._gate import Gate
from ._hot_path import cheaper_steps
from ._withheld import Withheld


@contextmanager
def equipped(
    beamline: Beamline, gate: Gate, spool: Spool, withheld: Withheld, folder: Path
) -> Iterator[SessionEngine]:
    """Make a party's own RunEngine; afterwards nothing of the party is left in it.

    Detectors write their frames into ``folder``, that of the party's beamtime.
    """
    detectors = [each for each in every_device(beamline) if isinstance(each, FrameDetector)]
    for detector in detectors:
        detector.folder = folder
    engine = SessionEngine(gate, spool.record, settle=spool.settle, withheld=withheld)
    engine.preprocessors.append(SupplementalData(baseline=beamline.read_around()))
    for interlock in beamline.guarded_by():
        signal = attrgetter(interlock.signal)(beamline)
        if interlock.at_least is not None:
            engine.install_suspender(SuspendFloor(signal, interlock.at_least))
        if interlock.at_most is not None:
            engine.install_suspender(SuspendCeil(signal, interlock.at_most))
    try:
        with cheaper_steps():
            yield engine
    finally:
        engine.clear_suspenders()
        engine.reset()
        engine.md = {}
        engine.preprocessors.clear()
        for detector in detectors:
            detector.folder = None


def every_device(beamline: Beamline) -> Iterator[Device]:
    """Yield the devices of the table, and what they are made of."""
    for built in beamline.devices().values():
        yield built
        yield from (below for _, below in built.walk_subdevices(include_lazy=True))
