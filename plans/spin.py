"""Spin-resolved photoemission: spectra with the detector's target magnetised both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Protocol

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.protocols import Readable
from bluesky.utils import MsgGenerator

from ._cut import Cut
from ._rehearsal import rehearsed
from ._units import ElectronVolts
from .xas import Axis
from .xps import Spectrometer

__all__ = ["SpinSpectrometer", "spin_edc"]

# What drifts evenly with time cancels in the sums over the four.
SEQUENCE = ("plus", "minus", "minus", "plus")


class SpinSpectrometer(Spectrometer, Protocol):
    """An analyser with a magnetised target, one spectrum a trigger; read with its settings."""

    spin_axis: Any
    target: Any
    sherman: Any


@rehearsed
def spin_edc(
    analyser: SpinSpectrometer,
    energy: Axis,
    cut: Cut,
    *,
    photon_energy: ElectronVolts,
    axes: Sequence[str] = ("y",),
    cycles: int = 1,
    detectors: Sequence[Readable[Any]] = (),
    md: Mapping[str, Any] | None = None,
) -> MsgGenerator[str]:
    """Take spectra with the target magnetised + - - + along each axis, the sample standing still.

    Parameters
    ----------
    analyser
        Swept over the energies of ``cut``.
    energy
        Photon energy [eV], with the undulator following.
    cut
        Energies about the Fermi level, with a step.
    photon_energy
        Of the light [eV].
    axes
        Along which the spin is analysed, one after the other: ``("x", "y")``.
    cycles
        Of four spectra along each axis.
    detectors
        Read with each spectrum too: ``[i0]``.
    md
        More about the run, as ``{"sample": {"id": …, "name": …}}``.

    Returns
    -------
    str
        uid of the run.  ``primary`` holds one event a spectrum: counts at the kinetic energies
        that stand beside them, with the axis and the target's magnetisation.

    Examples
    --------
    ``RE(spin_edc(spin_analyser, energy, Cut(0.5, 20.0, step=0.02), photon_energy=60.0))``
    """
    if cut.step is None:
        raise ValueError(
            f"{cut}: a spin detector sees one energy at a time. Give the cut a step [eV]."
        )
    if isinstance(axes, str) or len(axes) == 0:
        raise ValueError(f"axes={axes!r}: give a list of the target's axes, as ['y'].")
    if not isinstance(cycles, int) or cycles < 1:
        raise ValueError(f"cycles={cycles!r} is a whole number, at least 1.")
    about = {
        "technique": "spin-resolved ARPES",
        "cut": asdict(cut),
        "photon_energy": float(photon_energy),
        "work_function": float(analyser.work_function.get()),
        "sherman": float(analyser.sherman.get()),
        "axes": list(axes),
        "sequence": list(SEQUENCE),
        "num_points": len(axes) * cycles * len(SEQUENCE),
        **dict(md or {}),
    }

    @bpp.stage_decorator([analyser, *detectors])
    @bpp.run_decorator(md=about)
    def measure() -> MsgGenerator[Any]:
        for axis in axes:
            yield from bps.checkpoint()
            yield from bps.mv(analyser.spin_axis, axis)
            for magnetisation in SEQUENCE * cycles:
                yield from bps.checkpoint()
                yield from bps.mv(analyser.target, magnetisation)
                yield from bps.trigger_and_read([analyser, energy, *detectors])

    yield from bps.mv(energy, photon_energy)
    yield from cut.prepare(analyser, photon_energy)
    return (yield from measure())
