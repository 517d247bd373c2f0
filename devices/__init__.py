"""What instruments are: ophyd classes with their PV suffixes, units, limits and kinds."""

if __name__ != "nanoterasu.devices":
    raise ImportError("import this room as nanoterasu.devices, not as devices")

from ._analyser import DEFLECTION, Analyser, ImagingAnalyser
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
from ._electron_optics import (
    ACQUISITION_MODES,
    ENTRANCE_SLITS,
    LENS_MODES,
    PASS_ENERGIES,
    STEPS_MAX,
    AcquisitionMode,
    ElectronOptics,
    Lens,
)
from ._environment import Manipulator
from ._frames import FrameDetector
from ._guard import GuardedPositioner, MoveFailed
from ._helicity import HelicitySwitch
from ._magnet import Magnet, MagnetQuenched, allowed_rate
from ._mono import GratingMono, PhotonEnergy
from ._nano_focus import FocusingOptic, PiezoStage
from ._optics import ExitSlit, Shutter, Slits
from ._positioners import Motor, Ramp, Temperature
from ._raster import CoarseStage, FineStage, RasterScan, turn_time
from ._six_axes import SixAxisManipulator
from ._spectrometer import (
    SPECTROMETER_MODES,
    EmissionSpectrometer,
    PhotonCounter,
    SpectrometerMode,
    SpectrometerModeName,
    pitch_for,
)
from ._spin import SPIN_AXES, TARGET_MAGNETISATIONS, SpinAnalyser, SpinAxis, TargetMagnetisation
from ._timed import TimedScan
from ._zone_plate import FocusedEnergy, OrderSortingAperture, ZonePlate, focal_length

__all__ = [
    "ACQUISITION_MODES",
    "DEFLECTION",
    "ENTRANCE_SLITS",
    "LENS_MODES",
    "MODES",
    "PASS_ENERGIES",
    "POLARISATIONS",
    "SPECTROMETER_MODES",
    "SPIN_AXES",
    "STEPS_MAX",
    "TARGET_MAGNETISATIONS",
    "UNDULATOR_PERIOD",
    "AcquisitionMode",
    "Analyser",
    "Apple2",
    "BiasSource",
    "CoarseStage",
    "ContinuousScan",
    "Controlled",
    "Electrometer",
    "ElectronOptics",
    "EmissionSpectrometer",
    "ExitSlit",
    "FineStage",
    "FocusedEnergy",
    "FocusingOptic",
    "FrameDetector",
    "GasCell",
    "GratingMono",
    "GuardedPositioner",
    "HeatedManipulator",
    "HelicitySwitch",
    "ImagingAnalyser",
    "Lens",
    "Magnet",
    "MagnetQuenched",
    "Manipulator",
    "MassFlow",
    "Motor",
    "MoveFailed",
    "OrderSortingAperture",
    "PhotonCounter",
    "PhotonEnergy",
    "PiezoStage",
    "Polarisation",
    "Potentiostat",
    "Ramp",
    "RasterScan",
    "RingCurrent",
    "Shutter",
    "SixAxisManipulator",
    "Slits",
    "SpectrometerMode",
    "SpectrometerModeName",
    "SpinAnalyser",
    "SpinAxis",
    "TargetMagnetisation",
    "Temperature",
    "TimedScan",
    "ZonePlate",
    "allowed_rate",
    "focal_length",
    "gap_for",
    "phase_for",
    "pitch_for",
    "polarisation_at",
    "resonance",
    "turn_time",
]
