"""The RunEngine of a party, with the beamline's baseline and interlocks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from pathlib import Path

from bluesky.preprocessors import SupplementalData
from bluesky.suspenders import SuspendCeil, SuspendFloor
from bluesky.utils import MsgGenerator
from ophyd import Device, Signal

from nanoterasu.beamlines import Beamline, Interlock
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
        ending = None if interlock.resumes else partial(_ended, interlock, signal)
        if interlock.at_least is not None:
            engine.install_suspender(SuspendFloor(signal, interlock.at_least, pre_plan=ending))
        if interlock.at_most is not None:
            engine.install_suspender(SuspendCeil(signal, interlock.at_most, pre_plan=ending))
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


class InterlockFailed(RuntimeError):
    """An interlock ended the plan."""


def _ended(interlock: Interlock, signal: Signal) -> MsgGenerator[None]:
    """Fail in place of what the plan would have done next."""
    raise InterlockFailed(
        f"The plan was ended: {interlock.signal} is {signal.get():g}, and what was measured "
        "since is not to be trusted. Look at the device, bring it back, then measure again."
    )
    yield


def every_device(beamline: Beamline) -> Iterator[Device]:
    """Yield the devices of the table, and what they are made of."""
    for built in beamline.devices().values():
        yield built
        yield from (below for _, below in built.walk_subdevices(include_lazy=True))
