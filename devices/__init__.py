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
from ._environment import Manipulator
from ._frames import FrameDetector
from ._guard import GuardedPositioner, MoveFailed
from ._helicity import HelicitySwitch
from ._magnet import Magnet, MagnetQuenched, allowed_rate
from ._mono import GratingMono, PhotonEnergy
from ._optics import ExitSlit, Shutter, Slits
from ._positioners import Motor, Ramp, Temperature
from ._raster import CoarseStage, FineStage, RasterScan, turn_time
from ._timed import TimedScan
from ._zone_plate import FocusedEnergy, OrderSortingAperture, ZonePlate, focal_length

__all__ = [
    "POLARISATIONS",
    "UNDULATOR_PERIOD",
    "Apple2",
    "CoarseStage",
    "ContinuousScan",
    "Electrometer",
    "ExitSlit",
    "FineStage",
    "FocusedEnergy",
    "FrameDetector",
    "GratingMono",
    "GuardedPositioner",
    "HelicitySwitch",
    "Magnet",
    "MagnetQuenched",
    "Manipulator",
    "Motor",
    "MoveFailed",
    "OrderSortingAperture",
    "PhotonEnergy",
    "Polarisation",
    "Ramp",
    "RasterScan",
    "RingCurrent",
    "Shutter",
    "Slits",
    "Temperature",
    "TimedScan",
    "ZonePlate",
    "allowed_rate",
    "focal_length",
    "gap_for",
    "phase_for",
    "polarisation_at",
    "resonance",
    "turn_time",
]
