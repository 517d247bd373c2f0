"""BL13U: soft X-ray nano-absorption, XAS and magnetic dichroism.

Read the table from top to bottom and you walk along the beam, from the ring to the detectors.
Lengths in mm, slit openings of the exit slit in um, angles in deg, energies in eV.

What is published of this beamline (facts file, part B): undulator source with switching of the
helicity and about 180-3000 eV (both recalled, low confidence); XAS, XMCD, XMLD.  The devices
below, their PV suffixes and every number in their classes are assumed.
"""

from nanoterasu.devices import (
    Apple2,
    ContinuousScan,
    Electrometer,
    ExitSlit,
    GratingMono,
    Magnet,
    Manipulator,
    PhotonEnergy,
    RingCurrent,
    Shutter,
    Slits,
)

from ._declare import Beamline, Interlock, device


class BL13U(Beamline):
    """Soft X-ray nano-absorption."""

    port = "13U"
    stations = ("BL13U",)
    techniques = ("XAS", "XMCD")
    energy_range = (180.0, 3000.0)  # eV, recalled with low confidence

    # Source
    ring = device(RingCurrent, "SR-DCCT-01:")
    undulator = device(Apple2, "ID-APPLE-01:")

    # Optics hutch
    front_slits = device(Slits, "FE-SLIT-01:")
    mono = device(GratingMono, "OP-PGM-01:")
    energy = device(PhotonEnergy, mono=mono, undulator=undulator, energy_range=energy_range)
    exit_slit = device(ExitSlit, "OP-SLIT-02:")
    shutter = device(Shutter, "OP-SHUT-01:")

    # Experiment hutch
    i0 = device(Electrometer, "EA-AMM-01:")  # mesh
    tey = device(Electrometer, "EA-AMM-02:")  # total electron yield: drain current of the sample
    tfy = device(Electrometer, "EA-AMM-03:")  # total fluorescence yield: photodiode
    magnet = device(Magnet, "EA-MAG-01:", shutter=shutter)
    sample = device(Manipulator, "EA-STAGE-01:")
    continuous = device(ContinuousScan, "EA-FLY-01:", energy=energy)

    # Read before and after every run.
    baseline = (ring, undulator, front_slits, mono, exit_slit, shutter, magnet, sample)

    interlocks = (
        # A plan pauses when this fails, and resumes when it holds again.
        Interlock("ring.current", at_least=100.0),  # mA, assumed
        # A plan ends: afterwards the field is another.
        Interlock("magnet.quench", at_most=0.0, resumes=False),
    )


beamline = BL13U
