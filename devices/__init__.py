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
from ._controllers import (
    MODES,
    BiasSource,
    Controlled,
    GasCell,
    HeatedManipulator,
    MassFlow,
    Potentiostat,
)
from ._detectors import Electrometer, RingCurrent
from ._environment import Magnet, Manipulator
from ._frames import FrameDetector
from ._guard import GuardedPositioner, MoveFailed
from ._mono import GratingMono, PhotonEnergy
from ._optics import ExitSlit, Shutter, Slits
from ._positioners import Motor, Ramp, Temperature

__all__ = [
    "MODES",
    "POLARISATIONS",
    "UNDULATOR_PERIOD",
    "Apple2",
    "BiasSource",
    "ContinuousScan",
    "Controlled",
    "Electrometer",
    "ExitSlit",
    "FrameDetector",
    "GasCell",
    "GratingMono",
    "GuardedPositioner",
    "HeatedManipulator",
    "Magnet",
    "Manipulator",
    "MassFlow",
    "Motor",
    "MoveFailed",
    "PhotonEnergy",
    "Polarisation",
    "Potentiostat",
    "Ramp",
    "RingCurrent",
    "Shutter",
    "Slits",
    "Temperature",
    "gap_for",
    "phase_for",
    "polarisation_at",
    "resonance",
]
