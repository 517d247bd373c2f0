"""BL02U: soft X-ray ultrahigh-resolution resonant inelastic scattering (RIXS).

Read the table from top to bottom and you walk along the beam, from the ring to the detectors.
Lengths in mm, slit openings of the exit slit in um, angles in deg, energies in eV.

Published of this beamline (facts file, part B): 17.3 meV at the Ni L3 edge, a focus of 1.0 um by
0.8 um, a spectrometer with a Wolter type-I mirror and a varied-line-spacing grating; recalled:
250-2000 eV from a segmented APPLE-II undulator.  The optics can be used to image the sample along
its height (2D-RIXS: https://journals.iucr.org/s/issues/2026/03/00/ok5153/), or the incident energy
along the detector's rows (the hv2 concept, arXiv:2511.17966).  The devices below, their PV suffixes
and every number in their classes are assumed.
"""

from nanoterasu.devices import (
    Apple2,
    ContinuousScan,
    Electrometer,
    EmissionSpectrometer,
    ExitSlit,
    GratingMono,
    PhotonCounter,
    PhotonEnergy,
    RingCurrent,
    Shutter,
    SixAxisManipulator,
    Slits,
)

from ._declare import Beamline, Interlock, device


class BL02U(Beamline):
    """Ultrahigh-resolution RIXS."""

    port = "02U"
    stations = ("BL02U",)
    techniques = ("RIXS", "XAS")
    energy_range = (250.0, 2000.0)  # eV, recalled

    # Source
    ring = device(RingCurrent, "SR-DCCT-01:")
    undulator = device(Apple2, "ID-APPLE-01:", period=56.0)

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
    sample = device(SixAxisManipulator, "EA-STAGE-01:")
    spectrometer = device(EmissionSpectrometer, "EA-RIXS-01:")
    rixs_detector = device(PhotonCounter, "EA-DET-01:")
    continuous = device(ContinuousScan, "EA-FLY-01:", energy=energy)

    # Read before and after every run.
    baseline = (ring, undulator, front_slits, mono, exit_slit, shutter, sample, spectrometer)

    # A plan pauses when one of these fails, and resumes when it holds again.
    interlocks = (Interlock("ring.current", at_least=100.0),)  # mA, assumed


beamline = BL02U
