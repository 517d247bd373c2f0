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
TIMING = 1.5  # s of the instruments: by which a time stamp may be late
POSTED = 6.0  # s of the instruments, between two rows of a value on its way
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
                EnvironmentStep(3),
                EnvironmentStep(8, [(temperature.rate, 150.0), (temperature, 600.0)]),
                EnvironmentStep(18, [(cell.oxygen, 5.0), (cell.pressure, 1.0)]),
                EnvironmentStep(14, [(cell.oxygen, 0.0), (cell.hydrogen, 5.0)]),
                EnvironmentStep(
                    3, [(cell.hydrogen, 0.0), (cell.pressure, 0.0), (temperature, 300.0)]
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
    # The twin's clock runs faster than the one that stamps: all in time of the instruments.
    lasted = len(energies) * run.start["regions"][0]["dwell"]
    ends = _seconds(series["spectrum_time"])
    begun = ends[0] - lasted
    middle = ends - begun - lasted / 2
    seconds, environment, truth = _truth(run, begun)
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
            "Flow (sccm)": (
                seconds / 60.0,
                {"oxygen": environment[:, 0], "hydrogen": environment[:, 1]},
            ),
            "Pressure (mbar)": (seconds / 60.0, environment[:, 2]),
            "Sample (K)": (seconds / 60.0, environment[:, 3]),
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
            f"C 1s at {peak.position:.3f} ± {peak.uncertainty:.3f} eV, all moved by {shift:+.3f}",
            f"most oxidised {most:.3f} ± {most_error:.3f} (twin: {expected:.3f})",
            f"{len(pulls)} spectra follow the twin within {np.abs(pulls).max():.1f} standard "
            f"deviations at most, {np.sqrt(np.mean(pulls**2)):.1f} in the mean",
        ],
    )


def _seconds(stamps: xr.DataArray) -> np.ndarray:
    """Instants [s of the instruments] of time stamps [s]."""
    from nanoterasu.cli._demo import SPEED

    return SPEED * (stamps.values - float(stamps.values[0] // 1e5 * 1e5))


def _truth(run: Run, begun: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Instants since ``begun`` (n,) [s], environment (n, 4), and the twin's oxidised share (n,)."""
    from nanoterasu.twin.physics import filled, oxidation_history

    logged = run.read("environment")
    times = _seconds(logged["environment_time"]) - begun
    seconds = np.arange(0.0, times[-1], 0.5)
    environment = np.column_stack(
        [_between(times, logged[name].values, seconds) for name in COLUMNS]
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


def _between(times: np.ndarray, values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Values ``at`` instants: on a straight way between two changes, unless long held between."""
    # A row that another axis made repeats the value that this one had before.
    own = np.r_[0, np.flatnonzero(np.diff(values)) + 1]
    times, values = times[own], values[own]
    held = np.flatnonzero(np.diff(times) > 2.0 * POSTED)
    values = np.insert(values, held + 1, values[held])
    times = np.insert(times, held + 1, times[held + 1] - POSTED)
    return np.interp(at, times, values)
