"""BL14U: soft X-ray (magnetic) imaging: scanning transmission microscopy, XAS and XMCD.

Read the table from top to bottom and you walk along the beam, from the ring to the detectors.
Lengths in mm, those of the microscope and of the exit slit in um, angles in deg, energies in eV.

Published of this beamline (facts file, part B): 200-1400 eV, focused 600-1400 eV to 100 nm or
less; transmission and total electron yield; 8 T; XAS, XMCD and STXM.  That its undulator is an
APPLE-II, its fast switching of the helicity, the devices below, their PV suffixes and every number
in their classes are assumed.
"""

from nanoterasu.devices import (
    Apple2,
    CoarseStage,
    ContinuousScan,
    Electrometer,
    ExitSlit,
    FineStage,
    FocusedEnergy,
    GratingMono,
    HelicitySwitch,
    Magnet,
    Manipulator,
    OrderSortingAperture,
    PhotonEnergy,
    RasterScan,
    RingCurrent,
    Shutter,
    Slits,
    ZonePlate,
)

from ._declare import Beamline, Interlock, device


class BL14U(Beamline):
    """Soft X-ray imaging."""

    port = "14U"
    stations = ("BL14U",)
    techniques = ("XAS", "XMCD", "STXM")
    energy_range = (200.0, 1400.0)  # eV

    # Source
    ring = device(RingCurrent, "SR-DCCT-01:")
    undulator = device(Apple2, "ID-APPLE-01:", period=56.0)
    helicity_switch = device(HelicitySwitch, "ID-KICK-01:")

    # Optics hutch
    front_slits = device(Slits, "FE-SLIT-01:")
    mono = device(GratingMono, "OP-PGM-01:")
    energy = device(PhotonEnergy, mono=mono, undulator=undulator, energy_range=energy_range)
    exit_slit = device(ExitSlit, "OP-SLIT-02:")
    shutter = device(Shutter, "OP-SHUT-01:")

    # Experiment hutch: absorption and dichroism in a field
    i0 = device(Electrometer, "EA-AMM-01:")  # mesh
    tey = device(Electrometer, "EA-AMM-02:")  # total electron yield: drain current of the sample
    magnet = device(
        Magnet, "EA-MAG-01:", ramp_rules=((4.0, 2.0), (8.0, 1.0)), shutter=shutter
    )  # T, T/min
    sample = device(Manipulator, "EA-STAGE-01:")
    continuous = device(
        ContinuousScan,
        "EA-FLY-01:",
        energy=energy,
        counters=("i0", "tey"),
        switch=helicity_switch,
    )

    # Experiment hutch: microscope
    zone_plate = device(ZonePlate, "EA-ZP-01:")
    aperture = device(OrderSortingAperture, "EA-OSA-01:")
    focused_energy = device(
        FocusedEnergy,
        energy=energy,
        zone_plate=zone_plate,
        aperture=aperture,
        energy_range=(600.0, 1400.0),
    )
    coarse = device(CoarseStage, "EA-STAGE-02:")
    fine = device(FineStage, "EA-STAGE-03:")
    transmission = device(Electrometer, "EA-AMM-03:")  # photodiode behind the sample
    raster = device(
        RasterScan, "EA-FLY-02:", fine_stage=fine, zone_plate=zone_plate, switch=helicity_switch
    )

    # Read before and after every run.
    baseline = (
        ring,
        undulator,
        helicity_switch,
        front_slits,
        mono,
        exit_slit,
        shutter,
        magnet,
        sample,
        zone_plate,
        aperture,
        coarse,
        fine,
    )

    interlocks = (
        # A plan pauses when this fails, and resumes when it holds again.
        Interlock("ring.current", at_least=100.0),  # mA, assumed
        # A plan ends: afterwards the field is another.
        Interlock("magnet.quench", at_most=0.0, resumes=False),
    )


beamline = BL14U
