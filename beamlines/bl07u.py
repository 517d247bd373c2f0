"""BL07U: soft X-ray electronic structure, at three stations of which one has the beam.

Read the table from top to bottom and you walk along the beam, from the ring to the detectors of
each station.  Lengths in mm, those of the exit slit and of the fine stage in um, angles in deg,
energies in eV.

Published of this beamline (facts file, part B): 50-2000 eV, horizontally polarised, more than
1e12 photons/s; the stations HORNET (RIXS and X-ray emission), NanoESCA (scanning XPS) and SCORPIUS
(ARPES, with spin).  Recalled: a spot of 70 nm of the NanoESCA when it was at SPring-8.  That they
share one beam, the devices below, their PV suffixes and every number in their classes are assumed;
the period of 80 mm is chosen so that the first and the third harmonic reach all energies.
"""

from nanoterasu.devices import (
    Analyser,
    Apple2,
    Electrometer,
    EmissionSpectrometer,
    ExitSlit,
    GratingMono,
    ImagingAnalyser,
    Lens,
    Manipulator,
    PhotonCounter,
    PhotonEnergy,
    PiezoStage,
    RingCurrent,
    Shutter,
    SixAxisManipulator,
    Slits,
    SpinAnalyser,
)

from ._declare import Beamline, Interlock, device

HORNET, NANO_ESCA, SCORPIUS = "BL07U-HORNET", "BL07U-NanoESCA", "BL07U-SCORPIUS"


class BL07U(Beamline):
    """Soft X-ray electronic structure."""

    port = "07U"
    stations = (HORNET, NANO_ESCA, SCORPIUS)
    techniques = ("RIXS", "XES", "XPS", "ARPES")
    energy_range = (50.0, 2000.0)  # eV

    # Source
    ring = device(RingCurrent, "SR-DCCT-01:")
    undulator = device(Apple2, "ID-APPLE-01:", period=80.0)

    # Optics hutch
    front_slits = device(Slits, "FE-SLIT-01:")
    mono = device(GratingMono, "OP-PGM-01:")
    energy = device(PhotonEnergy, mono=mono, undulator=undulator, energy_range=energy_range)
    exit_slit = device(ExitSlit, "OP-SLIT-02:")
    shutter = device(Shutter, "OP-SHUT-01:")
    i0 = device(Electrometer, "OP-AMM-01:")  # mesh

    # HORNET
    rixs_sample = device(SixAxisManipulator, "EA1-STAGE-01:", station=HORNET)
    tey = device(Electrometer, "EA1-AMM-01:", station=HORNET)  # drain current of the sample
    spectrometer = device(EmissionSpectrometer, "EA1-RIXS-01:", station=HORNET)
    rixs_detector = device(PhotonCounter, "EA1-DET-01:", station=HORNET)

    # NanoESCA
    esca_sample = device(Manipulator, "EA2-STAGE-01:", station=NANO_ESCA)
    esca_stage = device(PiezoStage, "EA2-STAGE-02:", station=NANO_ESCA)
    esca_analyser = device(Analyser, "EA2-HSA-01:", station=NANO_ESCA)

    # SCORPIUS
    arpes_sample = device(SixAxisManipulator, "EA3-STAGE-01:", station=SCORPIUS)
    arpes_analyser = device(ImagingAnalyser, "EA3-HSA-01:", station=SCORPIUS)
    spin_analyser = device(
        SpinAnalyser,
        "EA3-SPIN-01:",
        station=SCORPIUS,
        optional=True,
        lens_modes={"spin": Lens(1.0, 2.0, 1500.0)},  # the detector's aperture
    )

    # Read before and after every run.
    baseline = (
        ring,
        undulator,
        front_slits,
        mono,
        exit_slit,
        shutter,
        rixs_sample,
        spectrometer,
        esca_sample,
        esca_stage,
        arpes_sample,
    )

    # A plan pauses when one of these fails, and resumes when it holds again.
    interlocks = (Interlock("ring.current", at_least=100.0),)  # mA, assumed


beamline = BL07U
