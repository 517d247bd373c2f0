"""BL06U's demo: focus, Fermi edge of gold, and the domains of a crystal by their bands."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from . import Found

if TYPE_CHECKING:
    from nanoterasu.records import Run

BEAMTIME = "EX-0012"
SAMPLE = "Fe"  # not on this beamline's stage, where a crystal lies on gold
PHOTON_ENERGY = 100.0  # eV
FOCUSED = 14.0  # um: what the first run gives is typed in for those after it
TEMPERATURES = (300.0, 120.0, 30.0)  # K
PLACES = (-6.0, 8.0)  # um, in the first domain and in the second
EDGE, GOLD = 20.0, 30.0  # um, where the crystal ends and where gold lies
BINNING = 8


def plans(line: Any) -> Sequence[Any]:
    """Return the search of the focus, edges of gold, a map of domains and a Fermi surface."""
    import bluesky.plan_stubs as bps

    from nanoterasu.plans import Cut, arpes_map, fermi_surface, focus, temperature_series

    about = {"sample": {"id": "S-12", "name": "crystal on gold"}, "purpose": "demonstration"}
    near = line.optic.focal_length(PHOTON_ENERGY)
    stage, analyser = line.stage, line.analyser
    light: dict[str, Any] = {"photon_energy": PHOTON_ENERGY}
    window, sharp = Cut(0.2, 20.0), Cut(4.0, 5.0, middle=0.0)
    return [
        bps.mv(analyser.binning, BINNING, line.aperture.z, 120.0),
        focus(
            analyser, line.energy, window,
            z=line.optic.z, across=stage.x,
            depths=[near + offset for offset in (-4.0, 2.0, 8.0, 20.0, 26.0, 32.0)],
            places=np.linspace(EDGE - 5.0, EDGE + 5.0, 15).round(3).tolist(),
            md=about, **light,
        ),
        bps.mv(line.optic.focus_offset, FOCUSED, stage.x, GOLD, line.sample.temperature.rate, 200),
        temperature_series(
            analyser, line.focused_energy, sharp,
            temperature=line.sample.temperature, temperatures=TEMPERATURES, md=about, **light,
        ),
        arpes_map(
            analyser, line.focused_energy, window,
            x=stage.x, y=stage.y,
            columns=np.linspace(-7.0, 9.0, 12).round(3).tolist(),
            rows=np.linspace(-8.0, 8.0, 9).round(3).tolist(),
            md=about, **light,
        ),
        bps.mv(analyser.binning, 4),
        arpes_map(
            analyser, line.focused_energy, Cut(4.0, 20.0),
            x=stage.x, y=stage.y, columns=PLACES, rows=(0.0,), md=about, **light,
        ),
        bps.mv(analyser.binning, BINNING, stage.x, PLACES[0]),
        fermi_surface(
            analyser, line.focused_energy, Cut(1.0, 20.0, middle=0.3),
            angle=analyser.deflector, angles=np.linspace(-12.0, 12.0, 33).tolist(),
            md=about, **light,
        ),
    ]  # fmt: skip


def reduce(runs: Sequence[Run], plot: Path) -> Found:
    """Find focus, Fermi level, wave vectors, velocity and the domains' boundary; draw them."""
    from nanoterasu.analysis import figures
    from nanoterasu.devices import focal_length
    from nanoterasu.twin.physics import (
        CRYSTAL,
        FOCUS_OFFSET,
        OPTIC_DIAMETER,
        OPTIC_ZONE,
        PHOTON_OFFSET,
        WORK_FUNCTION,
    )

    found = _found(runs)
    level, sides, line = found["fits"][-1], found["sides"], found["boundary"]
    focus = found["focus"]
    figure = figures.arpes_figure(**found, title=f"ARPES {runs[-1].uid[:8]}")
    figure.savefig(plot, dpi=100)
    focal = focal_length(PHOTON_ENERGY, OPTIC_DIAMETER, OPTIC_ZONE)
    truth = {
        "focus": focal + FOCUS_OFFSET,
        "fermi_level": PHOTON_ENERGY + PHOTON_OFFSET - WORK_FUNCTION,
        "wave_vector": [CRYSTAL.fermi_wave_vector(angle) for angle in (90.0, 45.0)],
        "velocity": CRYSTAL.fermi_velocity(45.0),
    }
    values = {
        "focus": focus.place,
        "fermi_level": level.position,
        "resolution": level.resolution,
        "wave_vector": sides[0].wave_vector,
        "velocity": sides[1].velocity,
        "wave_vector_second": sides[1].wave_vector,
        "boundary_direction": line.direction,
        "boundary_distance": line.distance,
        "uncertainties": {
            "focus": focus.place_uncertainty,
            "fermi_level": level.position_uncertainty,
            "resolution": level.resolution_uncertainty,
            "wave_vector": sides[0].wave_vector_uncertainty,
            "velocity": sides[1].velocity_uncertainty,
            "wave_vector_second": sides[1].wave_vector_uncertainty,
            "boundary_direction": line.direction_uncertainty,
            "boundary_distance": line.distance_uncertainty,
        },
    }
    told = [
        ("focus", "focus", ".1f", "um", truth["focus"]),
        ("Fermi level", "fermi_level", ".5f", "eV", truth["fermi_level"]),
        ("wave vector", "wave_vector", ".4f", "1/Å", truth["wave_vector"][0]),
        ("  second domain", "wave_vector_second", ".4f", "1/Å", truth["wave_vector"][1]),
        ("  its velocity", "velocity", ".3f", "eV Å", truth["velocity"]),
        ("boundary at", "boundary_distance", ".2f", "um", CRYSTAL.boundary[1]),
        ("  direction", "boundary_direction", ".1f", "deg", CRYSTAL.boundary[0]),
    ]
    uncertain: Any = values["uncertainties"]
    return Found(
        values=values,
        told=[
            f"{label:<16} {values[key]:{form}} ± {uncertain[key]:{form}} {unit} "
            f"(twin: {true:{form}})"
            for label, key, form, unit, true in told
        ],
    )


def _found(runs: Sequence[Run]) -> dict[str, Any]:
    from nanoterasu.analysis import arpes

    search, edges, raster, cuts, surface = (run.primary for run in runs)
    shape = runs[0].start["shape"]
    focus = arpes.focus(
        search["optic_z"].values.reshape(shape)[:, 0],
        search["stage_x"].values.reshape(shape),
        search["analyser_total"].values.reshape(shape),
    )
    fits = [
        arpes.fermi_edge(energies, counts, temperature=float(kelvin))
        for energies, counts, kelvin in zip(
            edges["analyser_energies"].values,
            edges["analyser_spectrum"].values,
            edges["sample_temperature"].values,
            strict=True,
        )
    ]
    sides = [
        arpes.crossing(frame, angles, kinetic, fermi_level=fits[-1].position, between=(0.3, 0.75))
        for frame, angles, kinetic in zip(
            cuts["analyser"].values,
            cuts["analyser_angles"].values,
            cuts["analyser_energies"].values,
            strict=True,
        )
    ]
    x, y = raster["stage_x"].values, raster["stage_y"].values
    contrast = arpes.contrast(
        raster["analyser"].values,
        raster["analyser_angles"].values[0],
        raster["analyser_energies"].values[0],
        fermi_level=fits[-1].position,
        momenta=(sides[0].wave_vector, sides[1].wave_vector),
    )
    return {
        "focus": focus,
        "edges": edges,
        "fits": fits,
        "sides": sides,
        "raster": (x, y, contrast),
        "boundary": arpes.boundary(x, y, contrast),
        "cuts": cuts,
        "surface": surface,
    }
