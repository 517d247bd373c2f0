"""Spin detectors, which see what the model of their station's bands has them see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device

from .._instruments import Instrument
from .._spin import SpinAnalyser
from .._stations import Ferromagnet
from ..physics import WORK_FUNCTION

if TYPE_CHECKING:
    from .._table import Builder, SimulatedBeamline


def _spin(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    start, seed = twin.energy.start - WORK_FUNCTION, twin.noise(line.name)
    return SpinAnalyser(at, twin.clock, line.settings, Ferromagnet(twin), start, seed)


BUILDERS: Mapping[type[Device], Builder] = {devices.SpinAnalyser: _spin}
