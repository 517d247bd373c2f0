"""BL02U's demo: dd excitations of an oxide of nickel, and how sharp the instrument sees them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import Found

if TYPE_CHECKING:
    from nanoterasu.records import Run

BEAMTIME = "EX-0011"
SAMPLE = "Ni"
EDGE = "Ni L3"
INCIDENT = 852.7  # eV
EXIT_SLIT = 10.0  # um
BINNING = 2
# Upward and downward again, so that a drift cannot look like dispersion.
_UP = [INCIDENT + offset for offset in (-4.2, -3.2, -2.1, -1.0, 0.0, 0.5)]
ELASTIC = [*_UP, *_UP[::-1]]  # eV
LOSSES = ((1.1, 0.1), (1.75, 0.15), (2.95, 0.2), (4.5, 2.0))  # eV, where lines are looked for


def plans(line: Any) -> Sequence[Any]:
    """Return the setting of the spectrometer, an elastic series on carbon tape, and a spectrum."""
    import bluesky.plan_stubs as bps

    from nanoterasu.plans import Reference, SamplePosition, elastic_reference, rixs

    about = {"sample": {"id": "S-1", "name": "NiO"}, "purpose": "demonstration"}
    tape = Reference(
        line.sample,
        there=SamplePosition("carbon tape", {"y": 8.0}),
        back=SamplePosition("oxide", {"y": 0.0}),
    )
    detectors = [line.rixs_detector, line.i0, line.ring]
    common = {"edge": EDGE, "spectrometer": line.spectrometer, "reference": tape, "md": about}
    return [
        bps.mv(
            line.exit_slit.gap,
            EXIT_SLIT,
            line.rixs_detector.binning,
            BINNING,
            # The elastic line stands high on the detector, to leave room for the losses.
            line.spectrometer.pitch,
            line.spectrometer.pitch_for(INCIDENT - 2.2),
        ),
        elastic_reference(detectors, line.energy, ELASTIC, dwell=10.0, **common),
        rixs(detectors, line.energy, INCIDENT, exposures=6, dwell=40.0, **common),
    ]


def reduce(runs: Sequence[Run], plot: Path) -> Found:
    """Reduce the runs to energies of excitations and the width of the elastic line."""
    from nanoterasu.analysis import figures, rixs

    elastic, run = (each.primary for each in runs)
    seconds = (elastic["time"].values - elastic["time"].values[0]) / np.timedelta64(1, "s")
    series = rixs.elastic_series(elastic["rixs_detector"].values, elastic["energy"].values, seconds)
    start = runs[-1].start
    of_sample = run.isel(time=np.array(start["exposures"]) == "sample")
    frames = of_sample["rixs_detector"].values
    incident = float(of_sample["energy"].mean())
    spectrum = rixs.summed(frames, of_sample["i0"].values, start["dwell"], incident, series)
    edges = spectrum["loss_edge"].values
    within = (edges > -0.3) & (edges < 4.9)
    guesses = [rixs.Line(at, width, 1e4) for at, width in ((0.0, 0.02), *LOSSES)]
    counts = spectrum["counts"].values[within[1:] & within[:-1]]
    lines, level = rixs.fit_lines(edges[within], counts, guesses)
    title = f"RIXS {EDGE} {runs[-1].uid[:8]}"
    image = frames.sum(axis=0)
    figure = figures.rixs_figure(spectrum, image, series.curvature, lines, level, title=title)
    figure.savefig(plot, dpi=100)
    return _found(spectrum, series, lines[1:-1])


def _found(spectrum: Any, series: Any, excitations: Sequence[Any]) -> Found:
    from nanoterasu.twin.physics import FINER, resolution, spectrometer
    from nanoterasu.twin.physics import rixs as truth

    about = spectrum.attrs
    per_column = abs(series.scale.per_column(about["elastic"]))
    energies = [line.centre for line in excitations]
    errors = [
        float(
            np.sqrt(
                line.centre_error**2
                + (about["elastic_error"] * per_column) ** 2
                + series.scale.loss_error(
                    about["elastic"] - line.centre / per_column, about["elastic"]
                )
                ** 2
            )
        )
        for line in excitations
    ]
    q = float(truth.momentum(INCIDENT, 0.0, 150.0))
    true = truth.emission(INCIDENT, SAMPLE, q=q).loss[1:-1]
    of_mono = float(resolution(INCIDENT, EXIT_SLIT, *FINER["BL02U"]))
    of_grating = per_column / BINNING * float(spectrometer.point_spread(spectrometer.FOCUS))
    width, spread = 1e3 * about["elastic_width"], 1e3 * about["elastic_width_error"]
    bow, bow_error = series.curvature.coefficients[1], series.curvature.errors[1]
    told = [
        f"excitation {at:.4f} ± {error:.4f} eV (twin: {there:.4f})"
        for at, error, there in zip(energies, errors, true, strict=True)
    ]
    told += [
        f"elastic line {width:.2f} ± {spread:.2f} meV "
        f"(twin: {1e3 * np.hypot(of_mono, of_grating):.2f})",
        f"bow {bow:.2f} ± {bow_error:.2f} columns (twin: {spectrometer.BOW / BINNING:.2f})",
    ]
    return Found(
        values={
            "excitations": energies,
            "elastic_width": width / 1e3,
            "bow": float(bow),
            "uncertainties": {
                "excitations": errors,
                "elastic_width": spread / 1e3,
                "bow": float(bow_error),
            },
        },
        told=told,
    )
