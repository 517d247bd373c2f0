"""Emission spectrometers: the arm, and what the detector sees."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ophyd import Device

from nanoterasu import devices
from nanoterasu.beamlines import device
from nanoterasu.devices import SPECTROMETER_MODES, pitch_for

from .._axis import Axis
from .._channels import Choice, Number, readback
from .._emission import EmissionView
from .._errors import TwinError
from .._frames import FrameDetector
from .._instruments import Instrument, Motors
from .._table import Builder, SimulatedBeamline
from ..physics import edges, spectrometer


class EmissionSpectrometer(Motors):
    """The arm; it begins backwards, at the L3 edge of what is on the manipulator."""

    def __init__(self, at: str, twin: SimulatedBeamline) -> None:
        pitch = pitch_for(
            edges(twin.sample.element)[0], spectrometer.LINE_DENSITY, spectrometer.DEVIATION
        )
        super().__init__(
            at,
            twin.clock,
            TWOTHETA=Axis("deg", 30.0, 165.0, 1.0, start=150.0),
            PITCH=Axis("deg", 0.2, 3.0, 0.02, start=round(pitch, 5)),
            DISTANCE=Axis("mm", 9_500.0, 10_500.0, 10.0, start=spectrometer.FOCUS),
        )
        self.view = EmissionView(twin.beam, self)
        self._mode = Choice(0, SPECTROMETER_MODES)
        self._mode.on_put = self._set_mode
        self.channels |= {
            at + "MODE": self._mode,
            at + "LINES": readback(Number(spectrometer.LINE_DENSITY, "1/mm")),
            at + "DEVIATION": readback(Number(spectrometer.DEVIATION, "deg")),
        }

    async def _set_mode(self, value: int) -> None:
        self.view.mode = SPECTROMETER_MODES[value]
        await self._mode.post(value)


def _detector(twin: SimulatedBeamline, line: device[Any], at: str) -> Instrument:
    for built in twin.instruments.values():
        if isinstance(built, EmissionSpectrometer):
            return FrameDetector(at, twin.clock, built.view, twin.noise(line.name))
    raise TwinError(
        f"The twin of {twin.code} has no spectrometer before the detector {line.name!r}. Put an "
        "EmissionSpectrometer above it in the table."
    )


BUILDERS: Mapping[type[Device], Builder] = {
    devices.EmissionSpectrometer: lambda twin, line, at: EmissionSpectrometer(at, twin),
    devices.PhotonCounter: _detector,
}
