"""BL07U's stations: the plans of each on the twin give what its sample has."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from bluesky import RunEngine
from ophyd.utils import LimitError

from nanoterasu.analysis import spin
from nanoterasu.beamlines.bl07u import BL07U, HORNET, NANO_ESCA, SCORPIUS
from nanoterasu.plans import (
    BindingRegion,
    Cut,
    Region,
    dry_run,
    fermi_surface,
    rixs,
    spin_edc,
    xas,
    xps_map,
)
from nanoterasu.twin import TwinProcess
from nanoterasu.twin.physics import PHOTON_OFFSET, SQUARE, edges, spectrometer
from nanoterasu.twin.physics import rixs as scattering

pytestmark = pytest.mark.system

LIGHT = 60.0  # eV, for photoemission from the valence band
CUT = Cut(0.4, 20.0, middle=0.45, reach=0.5, step=0.04)
L3 = edges("Fe")[0]
Events = list[dict[str, Any]]


@pytest.fixture(scope="module")
def at(
    twin_of: Callable[[str], TwinProcess], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], Any]]:
    """Return the table as a station sees it, connected."""
    seen: dict[str, BL07U] = {}

    def station(code: str) -> BL07U:
        if code not in seen:
            line = seen[code] = BL07U(twin_of("BL07U").prefix, station=code)
            line.connect()
            for name in {"rixs_detector", "arpes_analyser"} & line.devices().keys():
                getattr(line, name).folder = tmp_path_factory.mktemp("frames")
                getattr(line, name).binning.put(16, wait=True)
        return seen[code]

    yield station
    for line in seen.values():
        for name in {"rixs_detector", "arpes_analyser"} & line.devices().keys():
            getattr(line, name).binning.put(1, wait=True)
        for built in line.devices().values():
            built.destroy()


def run(plan: Any) -> tuple[Events, np.ndarray]:
    """Run a plan; return its events' data, and the frames that were written."""
    documents: list[tuple[str, Any]] = []
    RunEngine({}, context_managers=[])(plan, lambda *each: documents.append(each))
    frames = np.empty(0)
    for resource in [doc for name, doc in documents if name == "stream_resource"]:
        with h5py.File(Path(resource["uri"].removeprefix("file://localhost"))) as file:
            dataset: Any = file[resource["parameters"]["dataset"]]
            frames = dataset[:]
    return [doc["data"] for name, doc in documents if name == "event"], frames


def test_spin_spectra_have_the_polarisation_of_the_bands(at: Callable[[str], Any]) -> None:
    line = at(SCORPIUS)
    axes = ["y", "x"]
    plan = spin_edc(line.spin_analyser, line.energy, CUT, photon_energy=LIGHT, axes=axes)
    assert dry_run(plan).duration >= 8 * 26 * CUT.dwell
    events, _ = run(plan)
    column = lambda name: [each[f"spin_analyser_{name}"] for each in events]  # noqa: E731
    assert column("spin_axis") == ["y"] * 4 + ["x"] * 4
    assert column("target") == ["plus", "minus", "minus", "plus"] * 2
    binding = LIGHT + PHOTON_OFFSET - 4.4 - events[0]["spin_analyser_energies"]
    found = {
        axis: spin.spin_resolved(
            *(
                sum(
                    each["spin_analyser_spectrum"]
                    for each in events
                    if (each["spin_analyser_spin_axis"], each["spin_analyser_target"])
                    == (axis, sign)
                )
                for sign in ("plus", "minus")
            ),
            sherman=line.spin_analyser.sherman.get(),
        )
        for axis in axes
    }
    along, across = found["y"], found["x"]
    # The bands at normal emission: 0.48 eV below the Fermi level, split by 0.4 eV.
    deep, shallow = np.abs(binding - 0.68) < 0.1, np.abs(binding - 0.28) < 0.06
    assert along.polarisation[deep].mean() > 0.3
    assert along.polarisation[shallow].mean() < -0.4
    pulls = across.polarisation / across.polarisation_sigma
    assert np.abs(pulls.mean()) < 4 / np.sqrt(len(pulls))


def test_a_frame_shows_the_bands_of_both_spins(at: Callable[[str], Any]) -> None:
    line = at(SCORPIUS)
    analyser = line.arpes_analyser
    plan = fermi_surface(
        analyser,
        line.energy,
        Cut(1.0, 50.0, middle=0.5),
        angle=analyser.deflector,
        angles=[0.0],
        photon_energy=LIGHT,
    )
    events, frames = run(plan)
    assert frames.shape[1:] == (600 // 16, 800 // 16)
    binding = LIGHT + PHOTON_OFFSET - 4.4 - events[0]["arpes_analyser_energies"]
    spectrum = frames[0, np.abs(events[0]["arpes_analyser_angles"]) < 1.5].sum(axis=0)
    at_binding = lambda energy: np.interp(-energy, -binding, spectrum)  # noqa: E731
    assert min(at_binding(0.68), at_binding(0.28)) > 1.3 * at_binding(0.48)
    assert at_binding(-0.2) < 0.1 * at_binding(0.28)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"cut": Cut(0.4, 20.0)}, "one energy at a time.*step"),
        ({"axes": "y"}, "give a list of the target's axes"),
        ({"axes": []}, "give a list of the target's axes"),
        ({"cycles": 0}, "at least 1"),
        ({"axes": ["w"]}, "spin_analyser_spin_axis: 'w' is not there; choose one of x, y, z"),
    ],
    ids=str,
)
def test_what_a_spin_detector_cannot_do_is_refused_first(
    at: Callable[[str], Any], given: dict[str, Any], said: str
) -> None:
    line = at(SCORPIUS)
    cut = given.pop("cut", CUT)
    with pytest.raises((ValueError, LimitError), match=said):
        dry_run(spin_edc(line.spin_analyser, line.energy, cut, photon_energy=LIGHT, **given))


def test_a_map_shows_the_squares_of_oxide(at: Callable[[str], Any]) -> None:
    line = at(NANO_ESCA)
    places = [SQUARE / 2, 3 * SQUARE / 2]
    events, _ = run(
        xps_map(
            line.esca_analyser,
            line.energy,
            BindingRegion("Fe 2p3/2", 704.0, 713.0, step=0.5, dwell=0.4),
            x=line.esca_stage.x,
            y=line.esca_stage.y,
            columns=places,
            rows=places,
            photon_energy=1000.0,
            pass_energy=50.0,
        )
    )
    for stage in (line.esca_stage.x, line.esca_stage.y):
        stage.set(0.0).wait(20)
    oxide = {}
    for each in events:
        binding = 1000.0 - 4.4 - each["esca_analyser_energies"]
        lines = [np.abs(binding - middle) < 1.0 for middle in (706.8, 710.7)]
        metal, oxidised = (each["esca_analyser_spectrum"][near].sum() for near in lines)
        there = tuple(round(each[f"esca_stage_{axis}"]) for axis in "xy")
        oxide[there] = oxidised / metal
    assert min(oxide[1, 1], oxide[3, 3]) > 2 * max(oxide[1, 3], oxide[3, 1])


def energy_spectrum(frame: np.ndarray) -> np.ndarray:
    """Photons by column; what a particle left in a pixel counts as little."""
    return np.minimum(frame, 20).sum(axis=0).astype(float)


def test_the_elastic_line_follows_the_light_and_emission_does_not(at: Callable[[str], Any]) -> None:
    line = at(HORNET)
    arm, light = line.spectrometer, line.energy
    home = arm.pitch.position

    def exposed(incident: float, **about: Any) -> np.ndarray:
        plan = rixs(
            [line.rixs_detector, line.i0],
            light,
            incident,
            edge="Fe L3",
            spectrometer=arm,
            exposures=1,
            dwell=20.0,
            md=about,
        )
        return energy_spectrum(run(plan)[1][0])

    try:
        resonant = [exposed(incident) for incident in (L3, L3 + 1.0)]
        arm.pitch.set(arm.pitch_for(L3 - scattering.FLUORESCENCE_BELOW)).wait(20)
        emitted = [exposed(L3 + above, technique="XES") for above in (15.0, 30.0)]
    finally:
        arm.pitch.set(home).wait(20)
    per_eV = 1.0 / spectrometer.energy_per_column(L3, home) / 16
    elastic = [int(np.argmax(spectrum)) for spectrum in resonant]
    assert elastic[1] - elastic[0] == pytest.approx(per_eV, abs=2)
    at_columns = np.arange(len(emitted[0]))
    middles = [float(np.average(at_columns, weights=spectrum)) for spectrum in emitted]
    assert min(spectrum.sum() for spectrum in emitted) > 1000
    assert middles == pytest.approx([63.5, 63.5], abs=4)
    assert middles[1] - middles[0] == pytest.approx(0.0, abs=0.1 * per_eV)


def test_absorption_is_measured_before_scattering(at: Callable[[str], Any]) -> None:
    line = at(HORNET)
    regions = [Region(L3 - 4.0, L3 + 2.0, 2.0)]
    events, _ = run(xas([line.i0, line.tey], line.energy, regions, edge="Fe L3", dwell=0.1))
    ratio = [each["tey"] / each["i0"] for each in events]
    assert ratio[2] > 2 * ratio[0]
