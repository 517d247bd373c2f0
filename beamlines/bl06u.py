"""BL06U: soft X-ray nano-photoemission (nano-ARPES).

Read the table from top to bottom and you walk along the beam, from the ring to the detectors.
Lengths in mm, those of the exit slit, of the focusing and of the piezo stage in um, angles in deg,
energies in eV.

Recalled of this beamline, with low confidence (facts file, part B): some 50-1000 eV from an
APPLE-II, branches for micro- and nano-ARPES, spots of less than 100 nm as a goal; nothing is
published.  One station is here, the nano branch.  The devices below, their PV suffixes and every
number in their classes are assumed; the period of 80 mm is chosen so that 50 eV are reached in
linear and circular light.
"""

from nanoterasu.devices import (
    Apple2,
    Electrometer,
    ExitSlit,
    FocusedEnergy,
    FocusingOptic,
    GratingMono,
    ImagingAnalyser,
    OrderSortingAperture,
    PhotonEnergy,
    PiezoStage,
    RingCurrent,
    Shutter,
    SixAxisManipulator,
    Slits,
)

from ._declare import Beamline, Interlock, device


class BL06U(Beamline):
    """Nano-ARPES."""

    port = "06U"
    stations = ("BL06U",)
    techniques = ("ARPES",)
    energy_range = (50.0, 1000.0)  # eV, recalled with low confidence

    # Source
    ring = device(RingCurrent, "SR-DCCT-01:")
    undulator = device(Apple2, "ID-APPLE-01:", period=80.0)

    # Optics hutch
    front_slits = device(Slits, "FE-SLIT-01:")
    mono = device(GratingMono, "OP-PGM-01:")
    energy = device(PhotonEnergy, mono=mono, undulator=undulator, energy_range=energy_range)
    exit_slit = device(ExitSlit, "OP-SLIT-02:")
    shutter = device(Shutter, "OP-SHUT-01:")

    # Experiment hutch
    i0 = device(Electrometer, "EA-AMM-01:")  # mesh
    optic = device(FocusingOptic, "EA-ZP-01:")
    aperture = device(OrderSortingAperture, "EA-OSA-01:")
    focused_energy = device(
        FocusedEnergy,
        energy=energy,
        zone_plate=optic,
        aperture=aperture,
        energy_range=energy_range,
    )
    sample = device(SixAxisManipulator, "EA-STAGE-01:")
    stage = device(PiezoStage, "EA-STAGE-02:")
    analyser = device(ImagingAnalyser, "EA-HSA-01:")

    # Read before and after every run.
    baseline = (
        ring,
        undulator,
        front_slits,
        mono,
        exit_slit,
        shutter,
        optic,
        aperture,
        sample,
        stage,
    )

    # A plan pauses when one of these fails, and resumes when it holds again.
    interlocks = (Interlock("ring.current", at_least=100.0),)  # mA, assumed


beamline = BL06U
