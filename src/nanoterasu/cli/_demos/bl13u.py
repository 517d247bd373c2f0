"""BL13U's demo: the dichroism of an iron film, and its moments by the sum rules."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nanoterasu.twin import SAMPLES

from . import Found

if TYPE_CHECKING:
    from nanoterasu.records import Run

BEAMTIME = "EX-0001"
SAMPLE = "Fe"
EDGE = "Fe L2,3"
FIELDS = (1.0, -1.0)  # T


def plans(line: Any) -> Sequence[Any]:
    """Return a continuous scan to see the edge, then the dichroism."""
    from nanoterasu.plans import Region, xas_fly, xmcd

    about = {"sample": {"id": "S-1", "name": f"{SAMPLE} film"}, "purpose": "demonstration"}
    regions = [Region(690, 703, 1.0), Region(703, 730, 0.3), Region(730, 752, 1.0)]
    return [
        xas_fly(
            line.continuous, line.energy, 690.0, 750.0, points=301, dwell=0.1, edge=EDGE, md=about
        ),
        xmcd(
            [line.i0, line.tey, line.tfy],
            line.energy,
            regions,
            edge=EDGE,
            polarisation=line.undulator.polarisation,
            field=line.magnet.field,
            fields=FIELDS,
            dwell=0.2,
            md=about,
        ),
    ]


def reduce(runs: Sequence[Run], plot: Path) -> Found:
    """Reduce the dichroism to magnetic moments, and draw it."""
    from nanoterasu.analysis import figures, xmcd
    from nanoterasu.twin.physics import CIRCULAR_DEGREE

    run, truth = runs[-1], SAMPLES[SAMPLE]
    dichroism = xmcd.xmcd(xmcd.spectra(run.primary), element=SAMPLE)
    # Not the twin's truth but what an analyst brings along: the holes of the element from the
    # literature, the degree of polarisation from the beamline's calibration.
    moments = xmcd.sum_rules(
        dichroism,
        element=SAMPLE,
        holes=truth.holes,
        circular_polarisation=CIRCULAR_DEGREE,
    )
    figures.xmcd_figure(dichroism, moments, title=f"XMCD {run.uid[:8]}").savefig(plot, dpi=150)
    orbital, spin = moments.orbital_uncertainty, moments.spin_uncertainty
    return Found(
        values={
            "orbital": moments.orbital,
            "spin": moments.spin,
            "uncertainties": {"orbital": orbital, "spin": spin},
        },
        told=[
            f"orbital {moments.orbital:.3f} ± {orbital:.3f} μB (twin: {truth.orbital_moment:.3f})",
            f"spin    {moments.spin:.2f} ± {spin:.2f} μB (twin: {truth.spin_moment:.2f})",
        ],
    )
