"""BL07U's demo, at SCORPIUS: a ferromagnet's bands, and the exchange that splits them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from . import Found

if TYPE_CHECKING:
    import xarray as xr

    from nanoterasu.records import Run

BEAMTIME = "EX-0013"
SAMPLE = "Fe"  # as large as the ferromagnet whose bands SCORPIUS sees
PHOTON_ENERGY = 60.0  # eV
BINNING = 4
REACHES = (0.15, 0.2, 0.25)  # eV, to either side of a line, of what is fitted


def plans(line: Any) -> Sequence[Any]:
    """Return a frame of both spins, and the spin-resolved spectrum at normal emission."""
    import bluesky.plan_stubs as bps

    from nanoterasu.plans import Cut, fermi_surface, spin_edc

    about = {"sample": {"id": "S-13", "name": "ferromagnetic film"}, "purpose": "demonstration"}
    analyser = line.arpes_analyser
    return [
        bps.mv(analyser.binning, BINNING),
        fermi_surface(
            analyser,
            line.energy,
            Cut(10.0, 20.0, middle=0.5),
            angle=analyser.deflector,
            angles=[0.0],
            photon_energy=PHOTON_ENERGY,
            md=about,
        ),
        spin_edc(
            line.spin_analyser,
            line.energy,
            Cut(1.0, 20.0, middle=0.5, reach=0.6, step=0.02),
            photon_energy=PHOTON_ENERGY,
            axes=["y"],
            cycles=2,
            detectors=[line.i0],
            md=about,
        ),
    ]


def reduce(runs: Sequence[Run], plot: Path) -> Found:
    """Resolve the spins, find the line of each, and draw all of it."""
    from nanoterasu.analysis import figures, spin
    from nanoterasu.twin.physics import EXCHANGE_SPLITTING, PHOTON_OFFSET

    cut, run = runs[-2].primary, runs[-1]
    spectra, start = run.primary, run.start
    level = start["photon_energy"] + PHOTON_OFFSET - start["work_function"]
    energy = spectra["spin_analyser_energies"].values[0] - level
    resolved = spin.spin_resolved(
        *(_summed(spectra, magnetisation) for magnetisation in ("plus", "minus")),
        sherman=start["sherman"],
    )
    # The lines widen with the binding energy, so that a Lorentzian's middle depends on what is
    # fitted: by how much is part of the uncertainty.
    near, lines, far = (
        tuple(
            spin.line(energy, counts, sigma, reach=reach)
            for counts, sigma in (
                (resolved.up, resolved.up_sigma),
                (resolved.down, resolved.down_sigma),
            )
        )
        for reach in REACHES
    )
    counting = math.hypot(*(line.uncertainty for line in lines))
    exchange, error = _apart(lines), math.hypot(counting, (_apart(far) - _apart(near)) / 2)
    figures.spin_figure(
        cut["arpes_analyser"].values[0],
        cut["arpes_analyser_angles"].values[0],
        cut["arpes_analyser_energies"].values[0] - level,
        energy,
        resolved,
        lines,
        title=f"Spin-resolved ARPES {run.uid[:8]}",
    ).savefig(plot, dpi=110)
    return Found(
        values={"exchange": exchange, "uncertainties": {"exchange": error}},
        told=[f"exchange {exchange:.3f} ± {error:.3f} eV (twin: {EXCHANGE_SPLITTING:.3f})"],
    )


def _apart(lines: Sequence[Any]) -> float:
    """Distance [eV] of the lines of both spins."""
    up, down = lines
    return down.middle - up.middle


def _summed(spectra: xr.Dataset, magnetisation: str) -> Any:
    """Counts by energy of all spectra with the target magnetised so."""
    chosen = spectra["spin_analyser_target"].values.astype(str) == magnetisation
    return spectra["spin_analyser_spectrum"].values[chosen].sum(axis=0)
