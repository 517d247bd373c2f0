"""BL08U's demo: iron oxidises in oxygen and is reduced in hydrogen, watched by its 2p line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import Found

if TYPE_CHECKING:
    import xarray as xr

    from nanoterasu.records import Run

BEAMTIME = "EX-0005"
SAMPLE = "Fe"
PHOTON_ENERGY = 1000.0  # eV
PASS_ENERGY = 50.0  # eV
CARBON = 284.8  # eV, C 1s of adventitious carbon: the field's convention
LEVEL = "Fe 2p3/2"
# Of a spectrum's middle [s of the instruments]: from the end of the last sweep to its event.
TIMING = 1.5
COLUMNS = ("gas_cell_oxygen", "gas_cell_hydrogen", "gas_cell_pressure", "sample_temperature")


def plans(line: Any) -> Sequence[Any]:
    """Return a survey with the carbon line, then the oxidation and the reduction."""
    from nanoterasu.plans import (
        BindingRegion,
        EnvironmentStep,
        core_level_region,
        operando,
        xps_regions,
    )

    about = {"sample": {"id": "S-1", "name": f"{SAMPLE} film"}, "purpose": "demonstration"}
    survey = BindingRegion("survey", -5.0, 900.0, step=1.0, dwell=0.05)
    carbon = core_level_region("C 1s", margin=6.0, dwell=0.2, sweeps=4)
    cell, temperature = line.gas_cell, line.sample.temperature
    return [
        xps_regions(
            line.analyser,
            line.energy,
            [survey, carbon],
            photon_energy=PHOTON_ENERGY,
            pass_energy=PASS_ENERGY,
            detectors=[line.i0],
            md=about,
        ),
        operando(
            line.analyser,
            line.energy,
            BindingRegion(LEVEL, 701.0, 717.0, step=0.1, dwell=0.1),
            [
                EnvironmentStep(4),
                EnvironmentStep(
                    16, [(cell.oxygen, 5.0), (cell.pressure, 1.0), (temperature, 600.0)]
                ),
                EnvironmentStep(14, [(cell.oxygen, 0.0), (cell.hydrogen, 5.0)]),
                EnvironmentStep(
                    4, [(cell.hydrogen, 0.0), (cell.pressure, 0.0), (temperature, 300.0)]
                ),
            ],
            photon_energy=PHOTON_ENERGY,
            pass_energy=PASS_ENERGY,
            environment=[cell.oxygen, cell.hydrogen, cell.pressure, temperature],
            md=about,
        ),
    ]


def reduce(runs: Sequence[Run], plot: Path) -> Found:
    """Reduce each spectrum to the share that is oxidised, and draw all of it."""
    from nanoterasu.analysis import figures, xps

    regions, run = runs[-2], runs[-1]
    carbon, series = regions.read("C_1s"), run.primary
    light, barrier = run.start["photon_energy"], run.start["work_function"]

    def binding(kinetic: Any) -> Any:
        return xps.binding_energy(kinetic, light, barrier)

    peak = xps.peak_position(
        binding(carbon["analyser_energies"].values[0]),
        carbon["analyser_spectrum"].values.sum(axis=0),
    )
    shift = peak.correction(CARBON)
    energies = binding(series["analyser_energies"].values[0]) + shift
    counts = series["analyser_spectrum"].values
    states = [
        xps.Component("metal", 706.8, 0.36, 0.3, (0.2, 1.0)),
        xps.Component("oxide", 711.0, 0.36, 2.0),
    ]
    found = xps.component_fractions(energies, counts, states)
    seconds, environment, truth = _truth(run)
    # The twin's clock runs faster than the one that stamps: all in time of the instruments.
    middle = _seconds(series) - (len(energies) * run.start["regions"][0]["dwell"]) / 2
    middle = middle - _seconds(run.read("environment"))[0]
    oxide = found.isel(component=-1)
    timing = TIMING * np.abs(np.interp(middle, seconds, np.gradient(truth, seconds)))
    error = np.hypot(oxide["fraction_error"].values, timing)
    pulls = (oxide["fraction"].values - np.interp(middle, seconds, truth)) / error
    spectra = counts[:, np.argsort(energies)]
    import xarray as xr

    figures.operando_figure(
        xr.DataArray(
            spectra,
            dims=("spectrum", "binding"),
            coords={"binding": found["binding"], "minutes": ("spectrum", middle / 60.0)},
        ),
        found,
        {
            "O₂, H₂ (sccm)": (seconds / 60.0, environment[:, :2]),
            "p (mbar)": (seconds / 60.0, environment[:, 2]),
            "T (K)": (seconds / 60.0, environment[:, 3]),
        },
        expected=(seconds / 60.0, truth),
        title=f"{LEVEL} operando {run.uid[:8]}",
    ).savefig(plot, dpi=150)
    highest = int(np.argmax(oxide["fraction"].values))
    most, most_error = float(oxide["fraction"][highest]), float(error[highest])
    expected = float(np.interp(middle[highest], seconds, truth))
    return Found(
        values={
            "carbon": peak.position,
            "oxide_shift": float(np.diff(found["position"].values)[0]),
            "most_oxidised": most,
            "uncertainties": {"carbon": peak.uncertainty, "most_oxidised": most_error},
            "largest_pull": float(np.abs(pulls).max()),
            "rms_pull": float(np.sqrt(np.mean(pulls**2))),
        },
        told=[
            f"C 1s at {peak.position:.3f} ± {peak.uncertainty:.3f} eV: all moved by {shift:+.3f} eV",
            f"most oxidised {most:.3f} ± {most_error:.3f} (twin: {expected:.3f})",
            f"{len(pulls)} spectra follow the twin within {np.abs(pulls).max():.1f} standard "
            f"deviations at most, {np.sqrt(np.mean(pulls**2)):.1f} in the mean",
        ],
    )


def _seconds(rows: xr.Dataset) -> np.ndarray:
    """Instants of rows [s of the instruments]."""
    from nanoterasu.cli._demo import SPEED

    return SPEED * rows["time"].values.astype("datetime64[ns]").astype(float) * 1e-9


def _truth(run: Run) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Instants (n,), environment (n, 4), and the share that the twin's surface has (n,)."""
    from nanoterasu.twin.physics import filled, oxidation_history

    logged = run.read("environment")
    begun = _seconds(logged) - _seconds(logged)[0]
    seconds = np.arange(0.0, begun[-1], 0.5)
    environment = np.column_stack(
        [np.interp(seconds, begun, logged[name].values) for name in COLUMNS]
    )
    partial = [(0.0, 0.0)]
    for oxygen, hydrogen, pressure, _ in environment[1:]:
        flows = (float(oxygen), float(hydrogen))
        partial.append(filled(partial[-1], flows, float(pressure), 0.5))  # type: ignore[arg-type]
    shares = np.array(partial)
    total = np.maximum(shares.sum(axis=1), 1e-12)
    of_each = shares * (environment[:, 2] / total)[:, None]
    return (
        seconds,
        environment,
        oxidation_history(seconds, environment[:, 3], of_each[:, 0], of_each[:, 1]),
    )
