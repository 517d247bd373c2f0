"""Electron analysers, which see what the photoemission model of their beamline has them see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device

from .._analyser import Analyser, Hemisphere, ImagingAnalyser
from .._errors import TwinError
from .._instruments import Instrument
from .._table import Builder, SimulatedBeamline
from ..physics import WORK_FUNCTION
from ._photoemission import MODELS

SENSOR = (600, 800)  # angles, energies; assumed
CHANNELS = 800  # energies of an analyser without images; assumed


def _hemisphere(
    twin: SimulatedBeamline, line: device[Any], at: str, sensor: tuple[int, int]
) -> Hemisphere:
    place = line.station or twin.code
    if place not in MODELS:
        raise TwinError(
            f"The twin of {place} does not know what its analyser {line.name!r} sees; it has a "
            f"model of photoemission for {', '.join(MODELS)}. Give it one in "
            "nanoterasu.twin._families._photoemission."
        )
    start = twin.energy.start - WORK_FUNCTION
    return Hemisphere(at, line.settings, MODELS[place](twin), sensor, start)


def _spectra(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    hemisphere = _hemisphere(twin, line, at, (1, CHANNELS))
    return Analyser(at, twin.clock, hemisphere, twin.noise(line.name))


def _images(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    hemisphere = _hemisphere(twin, line, at, SENSOR)
    return ImagingAnalyser(at, twin.clock, hemisphere, twin.noise(line.name))


BUILDERS: Mapping[type[Device], Builder] = {
    devices.Analyser: _spectra,
    devices.ImagingAnalyser: _images,
}
