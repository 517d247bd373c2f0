"""BL08U: soft X-ray operando spectroscopy, absorption and ambient-pressure photoemission.

Read the table from top to bottom and you walk along the beam, from the ring to the detectors.
Lengths in mm, slit openings of the exit slit in um, angles in deg, energies in eV, pressures in
mbar, flows in sccm, temperatures in K.

Published of this beamline (https://www.phosic.or.jp/equipment/BL08U/e/info_BL08U.html): an
APPLE-II undulator, 180-2000 eV, polarisation horizontal, vertical and circular; XAS and XPS, and
ambient-pressure XPS and operando XAS; a spot of 30 um by 80 um for XPS; from room temperature to
500 C, in gas.  The devices below, their PV suffixes and every number in their classes are assumed;
so is what the front cone of the analyser stands.
"""

from nanoterasu.devices import (
    Analyser,
    Apple2,
    BiasSource,
    ContinuousScan,
    Electrometer,
    ExitSlit,
    GasCell,
    GratingMono,
    HeatedManipulator,
    PhotonEnergy,
    Potentiostat,
    RingCurrent,
    Shutter,
    Slits,
)

from ._declare import Beamline, Interlock, device


class BL08U(Beamline):
    """Soft X-ray operando spectroscopy."""

    port = "08U"
    stations = ("BL08U",)
    techniques = ("XAS", "XPS")
    energy_range = (180.0, 2000.0)  # eV

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
    sample = device(HeatedManipulator, "EA-STAGE-01:")
    gas_cell = device(GasCell, "EA-GAS-01:")
    bias = device(BiasSource, "EA-BIAS-01:")
    potentiostat = device(Potentiostat, "EA-POT-01:", optional=True)
    analyser = device(Analyser, "EA-ANA-01:")
    continuous = device(ContinuousScan, "EA-FLY-01:", energy=energy)

    # Read before and after every run.
    baseline = (
        ring,
        undulator,
        front_slits,
        mono,
        exit_slit,
        shutter,
        sample,
        gas_cell,
        bias,
        potentiostat,
    )

    # A plan pauses when one of these fails, and resumes when it holds again.
    interlocks = (
        Interlock("ring.current", at_least=100.0),  # mA, assumed
        # What the front cone of the analyser stands, with pumping behind it; assumed.
        Interlock("gas_cell.pressure.readback", at_most=25.0),  # mbar
    )


beamline = BL08U
