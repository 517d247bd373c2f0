"""RIXS spectrometers: what their area detector sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device

from .._frames import FrameDetector, counted
from .._instruments import Instrument
from .._table import Builder, SimulatedBeamline


class _Blank:
    shape = (2048, 2048)
    dtype = "<u2"

    def frame(
        self, begin: float, dwell: float, binning: int, generator: np.random.Generator
    ) -> np.ndarray:
        shape = (self.shape[0] // binning, self.shape[1] // binning)
        return counted(np.full(shape, 3.0 * dwell), self.dtype, generator)


def _detector(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    return FrameDetector(at, twin.clock, _Blank(), twin.noise(line.name))


BUILDERS: Mapping[type[Device], Builder] = {devices.FrameDetector: _detector}
