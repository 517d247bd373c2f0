"""Soft X-ray emission spectrometers: an arm with a grating, and the detector that counts photons.

The geometry is that of a varied-line-spacing grating between fixed directions: light comes in at
the grazing angle ``pitch`` and leaves towards the detector at ``deviation - pitch``, so that the
pitch alone decides which energy arrives in the middle of the detector.
"""

from __future__ import annotations

import math
from typing import Any, Literal, get_args

from ophyd import Component as Cpt
from ophyd import Device, EpicsSignal, EpicsSignalRO
from ophyd.sim import FakeEpicsSignal, fake_device_cache
from ophyd.utils import LimitError

from ._frames import FrameDetector
from ._positioners import Motor

SpectrometerModeName = Literal["spectrum", "imaging", "hv2"]
SPECTROMETER_MODES: tuple[SpectrometerModeName, ...] = get_args(SpectrometerModeName)

_HC = 1.239841984e-3  # eV mm, by the constants of the SI


def pitch_for(energy: float, line_density: float, deviation: float) -> float:
    """Pitch [deg] that brings ``energy`` [eV] to the middle of the detector, in first order.

    Solves cos(pitch) - cos(deviation - pitch) = line density x wavelength.

    Parameters
    ----------
    energy : float [eV]
    line_density : float [1/mm]
    deviation : float [deg]
        Between the incoming beam and the detector, as seen from the grating.

    Raises
    ------
    LimitError
        If this grating throws the energy beside the detector at any pitch.

    >>> round(pitch_for(852.7, 2000.0, 6.12), 3)
    1.499
    """
    half = math.radians(deviation) / 2
    # cos a - cos(2h - a) = 2 sin(h) sin(h - a)
    sine = line_density * _HC / energy / (2 * math.sin(half)) if energy > 0 else math.inf
    pitch = half - math.asin(sine) if sine < 1 else -1.0
    if pitch <= 0:
        lowest = line_density * _HC / (2 * math.sin(half) ** 2)
        raise LimitError(
            f"A grating of {line_density:g} lines/mm brings no {energy:g} eV to a detector at "
            f"{deviation:g} deg; choose an energy above {lowest:.0f} eV, or a coarser grating."
        )
    return math.degrees(pitch)


class _OneOfTheModes:
    """Check of a mode, before anything moves."""

    name: str

    def check_value(self, value: Any, **kwargs: Any) -> None:
        """Refuse what is no mode.

        Raises
        ------
        LimitError
            With the modes that there are.
        """
        if value not in SPECTROMETER_MODES:
            raise LimitError(
                f"{self.name}: {value!r} is no mode; say one of {', '.join(SPECTROMETER_MODES)}."
            )


class SpectrometerMode(_OneOfTheModes, EpicsSignal):
    """What the rows of the detector stand for: one of `SPECTROMETER_MODES`."""


class _FakeSpectrometerMode(_OneOfTheModes, FakeEpicsSignal):
    """What a simulated spectrometer has."""


# As for a magnet's ramp rate: ophyd makes fakes of its own signal classes only.
fake_device_cache[SpectrometerMode] = _FakeSpectrometerMode


class EmissionSpectrometer(Device):
    """Spectrometer arm for resonant inelastic scattering and emission.

    Attributes
    ----------
    two_theta : Motor
        Scattering angle [deg]: turns the whole arm around the sample.
    pitch : Motor
        Grazing angle of the light on the grating [deg]; see `pitch_for`.
    detector_distance : Motor
        From the grating to the detector [mm]; off the focus the lines are broad.
    mode : SpectrometerMode
        What the rows of the detector stand for: nothing (``"spectrum"``), the height on the sample
        (``"imaging"``), or the incident energy (``"hv2"``).
    line_density : EpicsSignalRO
        Of the grating in use [1/mm].
    deviation : EpicsSignalRO
        Between incoming beam and detector, as seen from the grating [deg].
    """

    two_theta = Cpt(Motor, "TWOTHETA", units="deg", tolerance=0.01)
    pitch = Cpt(Motor, "PITCH", units="deg", tolerance=2e-5)
    detector_distance = Cpt(Motor, "DISTANCE", units="mm", tolerance=0.05)
    mode = Cpt(
        SpectrometerMode, "MODE", string=True, kind="config", auto_monitor=True, put_complete=True
    )
    line_density = Cpt(EpicsSignalRO, "LINES", kind="config", auto_monitor=True)
    deviation = Cpt(EpicsSignalRO, "DEVIATION", kind="config", auto_monitor=True)

    def pitch_for(self, energy: float) -> float:
        """Pitch [deg] that brings ``energy`` [eV] to the middle of the detector."""
        return pitch_for(energy, float(self.line_density.get()), float(self.deviation.get()))


class PhotonCounter(FrameDetector):
    """Area detector of an `EmissionSpectrometer`: each count of a pixel is one photon.

    Columns run with the energy of the photons, rows across it.
    """
