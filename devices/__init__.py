"""What instruments are: ophyd classes with their PV suffixes, units, limits and kinds."""

if __name__ != "nanoterasu.devices":
    raise ImportError("import this room as nanoterasu.devices, not as devices")

from ._apple2 import (
    POLARISATIONS,
    UNDULATOR_PERIOD,
    Apple2,
    Polarisation,
    gap_for,
    phase_for,
    polarisation_at,
    resonance,
)
from ._continuous import ContinuousScan
from ._detectors import Electrometer, RingCurrent
from ._environment import Magnet, Manipulator
from ._frames import FrameDetector
from ._guard import GuardedPositioner, MoveFailed
from ._mono import GratingMono, PhotonEnergy
from ._optics import ExitSlit, Shutter, Slits
from ._positioners import Motor, Ramp, Temperature
from ._six_axes import SixAxisManipulator
from ._spectrometer import (
    SPECTROMETER_MODES,
    EmissionSpectrometer,
    PhotonCounter,
    SpectrometerMode,
    SpectrometerModeName,
    pitch_for,
)

__all__ = [
    "POLARISATIONS",
    "SPECTROMETER_MODES",
    "UNDULATOR_PERIOD",
    "Apple2",
    "ContinuousScan",
    "Electrometer",
    "EmissionSpectrometer",
    "ExitSlit",
    "FrameDetector",
    "GratingMono",
    "GuardedPositioner",
    "Magnet",
    "Manipulator",
    "Motor",
    "MoveFailed",
    "PhotonCounter",
    "PhotonEnergy",
    "Polarisation",
    "Ramp",
    "RingCurrent",
    "Shutter",
    "SixAxisManipulator",
    "Slits",
    "SpectrometerMode",
    "SpectrometerModeName",
    "Temperature",
    "gap_for",
    "phase_for",
    "pitch_for",
    "polarisation_at",
    "resonance",
]
