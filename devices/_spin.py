"""Analysers of the electrons' spin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

from ophyd import Component as Cpt
from ophyd import EpicsSignalRO

from ._analyser import Analyser, Setting

SpinAxis = Literal["x", "y", "z"]
SPIN_AXES: tuple[SpinAxis, ...] = get_args(SpinAxis)
TargetMagnetisation = Literal["plus", "minus"]
TARGET_MAGNETISATIONS: tuple[TargetMagnetisation, ...] = get_args(TargetMagnetisation)


class SpinAnalyser(Analyser):
    """Analyser with a spin detector behind it, of very-low-energy electron diffraction (VLEED).

    The electrons are scattered at a magnetised target, which reflects those better whose spin is
    along its magnetisation.  From spectra N+ and N- with the target magnetised along an axis and
    against it, the polarisation along that axis is P = (1/S) (N+ - N-) / (N+ + N-), with the
    Sherman function S (J. Kessler, Polarized Electrons, 1985; for VLEED T. Okuda et al., Rev. Sci.
    Instrum. 82, 103302 (2011); recalled).  It has one channel, so it sweeps the energies.

    Attributes
    ----------
    spin_axis : Setting
        Axis of the target's magnetisation in the laboratory: ``"x"`` horizontal, ``"y"``
        upward, ``"z"`` from sample to analyser.
    target : Setting
        Magnetisation of the target, ``"plus"`` along the axis or ``"minus"`` against it; done when
        the pulse of the coil has passed.
    sherman : EpicsSignalRO
        Sherman function S of the target [1].
    """

    spin_axis = Cpt(Setting, "SPIN_AXIS", kind="normal", auto_monitor=True, string=True)
    target = Cpt(Setting, "TARGET", kind="normal", auto_monitor=True, string=True)
    sherman = Cpt(EpicsSignalRO, "SHERMAN", kind="config", auto_monitor=True)

    def choices(self) -> Mapping[str, Sequence[Any]]:
        """What may be chosen, by attribute."""
        return {
            **super().choices(),
            "acquisition_mode": ("swept",),
            "spin_axis": SPIN_AXES,
            "target": TARGET_MAGNETISATIONS,
        }
