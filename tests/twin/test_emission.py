"""The physics of an emission spectrometer: where lines are, how wide, how strong, what moves them.

The frames are the twin's own, made without Channel Access.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanoterasu.analysis import rixs as reduction
from nanoterasu.devices import gap_for, phase_for, pitch_for
from nanoterasu.plans import momentum
from nanoterasu.twin import SAMPLES
from nanoterasu.twin._motion import Rest
from nanoterasu.twin._table import simulate
from nanoterasu.twin.physics import FINER, resolution, rixs, spectrometer

INCIDENT = 852.7  # eV, Ni L3
BINNING = 4
ROWS = 2048 // BINNING
TAPE, OXIDE = 8.0, 0.0  # mm


class Twin:
    """BL02U's instruments, put where a test wants them."""

    def __init__(self, seed: int) -> None:
        self.twin = simulate("BL02U", sample=SAMPLES["Ni"], speed=50.0, seed=seed)
        self.generator = np.random.default_rng(seed)
        instruments: Any = self.twin.instruments
        self.view = instruments["spectrometer"].view
        beam = self.twin.beam
        assert beam.undulator
        assert beam.mono
        assert beam.exit_slit
        assert beam.manipulator
        self.motors = {
            "gap": beam.undulator["GAP"],
            "phase": beam.undulator["PHASE"],
            "energy": beam.mono["ENERGY"],
            "slit": beam.exit_slit["GAP"],
            "y": beam.manipulator["Y"],
            "theta": beam.manipulator["THETA"],
            "two_theta": instruments["spectrometer"]["TWOTHETA"],
            "pitch": instruments["spectrometer"]["PITCH"],
            "distance": instruments["spectrometer"]["DISTANCE"],
        }
        self.at(energy=INCIDENT, slit=10.0, pitch=pitch(INCIDENT))

    def at(self, **places: float) -> Twin:
        """Put axes at places [eV, um, mm, deg]; the gap follows the energy."""
        if "energy" in places:
            places["gap"] = gap_for(places["energy"], "linear_horizontal", 56.0)
        for name, place in places.items():
            self.motors[name]._trajectory = Rest(place)
        return self

    def frame(self, begin: float = 1.0, dwell: float = 60.0) -> np.ndarray:
        return self.view.frame(begin, dwell, BINNING, self.generator)

    def spectrum(self, begin: float = 1.0, dwell: float = 60.0) -> np.ndarray:
        """Counts by column; hits taken out, lines straightened by the truth."""
        clean, _ = reduction.without_cosmics(self.frame(begin, dwell)[None])
        rows = (np.arange(ROWS) + 0.5) * BINNING - 0.5
        return reduction.straightened(clean[0], spectrometer.curvature(rows) / BINNING)

    def spectrum_rows(self) -> np.ndarray:
        """Counts by row; hits taken out."""
        return reduction.without_cosmics(self.frame()[None])[0][0].sum(axis=1)


def pitch(energy: float) -> float:
    return pitch_for(energy, spectrometer.LINE_DENSITY, spectrometer.DEVIATION)


def column(energy: float, at: float = INCIDENT) -> float:
    """Column of a photon, binned, with the spectrometer set for ``at`` [eV]."""
    full = spectrometer.column(energy, pitch(at), spectrometer.FOCUS)
    return float((full + 0.5) / BINNING - 0.5)


@pytest.fixture
def twin() -> Twin:
    return Twin(seed=2)


def test_the_whole_line_is_as_narrow_as_published() -> None:
    of_mono = float(resolution(INCIDENT, 10.0, *FINER["BL02U"]))
    columns = float(spectrometer.point_spread(spectrometer.FOCUS))
    of_grating = columns * spectrometer.energy_per_column(INCIDENT, pitch(INCIDENT))
    assert np.hypot(of_mono, of_grating) == pytest.approx(17.3e-3, abs=0.05e-3)


def test_the_elastic_line_is_as_wide_as_its_parts(twin: Twin) -> None:
    for slit in (20.0, 40.0):
        seen = reduction.elastic_line(twin.at(y=TAPE, slit=slit).spectrum())
        per_column = BINNING * spectrometer.energy_per_column(INCIDENT, pitch(INCIDENT))
        of_mono = float(resolution(INCIDENT, slit, *FINER["BL02U"])) / per_column
        of_grating = float(spectrometer.point_spread(spectrometer.FOCUS)) / BINNING
        true = np.hypot(of_mono, of_grating)
        assert reduction.unrounded(seen.width) == pytest.approx(true, rel=0.05)


@pytest.mark.parametrize("offset", [-2.0, 0.0, 1.5])
def test_the_elastic_line_follows_the_energy_and_the_pitch_brings_it_back(
    twin: Twin, offset: float
) -> None:
    away = reduction.elastic_line(twin.at(y=TAPE, energy=INCIDENT + offset).spectrum())
    assert away.centre == pytest.approx(column(INCIDENT + offset), abs=0.15)
    back = reduction.elastic_line(twin.at(pitch=pitch(INCIDENT + offset)).spectrum())
    assert back.centre == pytest.approx(ROWS / 2 - 0.5, abs=0.15)  # it drifts by a tenth


def test_off_the_focus_the_line_is_broad(twin: Twin) -> None:
    sharp = reduction.elastic_line(twin.at(y=TAPE).spectrum())
    blurred = reduction.elastic_line(twin.at(distance=spectrometer.FOCUS + 80.0).spectrum())
    assert blurred.width > 3.0 * sharp.width


def test_tape_shows_the_elastic_line_alone_and_the_oxide_its_excitations(twin: Twin) -> None:
    bright = round(column(INCIDENT - 1.08))
    around = slice(bright - 6, bright + 7)
    tape = twin.at(y=TAPE).spectrum()[around].sum()
    assert twin.at(y=OXIDE).spectrum()[around].sum() > 20 * (tape + 10)


def test_excitations_follow_the_incident_energy_and_fluorescence_does_not() -> None:
    below, above = rixs.emission([INCIDENT - 0.2, INCIDENT + 0.5], "Ni").loss
    assert above[:-1] == pytest.approx(below[:-1])
    assert above[-1] - below[-1] == pytest.approx(0.7)


def test_an_excitation_is_strongest_on_its_resonance() -> None:
    energies = np.arange(INCIDENT - 2, INCIDENT + 2, 0.05)
    rate = rixs.emission(energies, "Ni").rate
    for number, excitation in enumerate(rixs.EXCITATIONS["Ni"], start=1):
        peak = energies[np.argmax(rate[:, number])]
        assert peak == pytest.approx(INCIDENT + excitation.detuning, abs=0.06)


def test_excitations_disperse_with_momentum_and_broaden_with_temperature() -> None:
    at_centre, at_edge = (
        rixs.emission(INCIDENT, "Ni", q=q).loss for q in (0.0, np.pi / rixs.LATTICE["Ni"])
    )
    assert at_edge[1] - at_centre[1] == pytest.approx(rixs.EXCITATIONS["Ni"][0].bandwidth)
    cold, hot = (rixs.emission(INCIDENT, "Ni", temperature=t).width for t in (20.0, 400.0))
    assert np.all(hot[1:-1] > 1.05 * cold[1:-1])


def test_turning_the_sample_moves_the_dispersing_excitation(twin: Twin) -> None:
    centres = []
    for theta in (15.0, 75.0):  # specular; grazing
        spectrum = twin.at(theta=theta).spectrum(dwell=60.0)
        start = round(column(INCIDENT - 1.1))
        peak = spectrum[start - 15 : start + 16]
        edges = np.arange(start - 15, start + 17) - 0.5
        (line,), _ = reduction.fit_lines(edges, peak, [reduction.Line(start, 8.0, peak.sum())])
        centres.append(line.centre)
    zone = (1 - np.cos(momentum(INCIDENT, 75.0, 150.0) * rixs.LATTICE["Ni"])) / 2
    per_column = BINNING * spectrometer.energy_per_column(INCIDENT, pitch(INCIDENT))
    expected = rixs.EXCITATIONS["Ni"][0].bandwidth * zone / per_column
    assert centres[0] - centres[1] == pytest.approx(expected, abs=0.4)


@pytest.mark.parametrize("two_theta", [60.0, 90.0, 150.0])
def test_momentum_is_that_of_the_plans(two_theta: float) -> None:
    for theta in (-30.0, 0.0, 15.0, 60.0):
        there = float(rixs.momentum(INCIDENT, theta, two_theta))
        assert momentum(INCIDENT, theta, two_theta) == pytest.approx(there, abs=1e-9)


def test_specular_light_is_strong() -> None:
    on, off = (rixs.emission(INCIDENT, "Ni", q=q).rate[0] for q in (0.0, 0.3))
    assert on > 10 * off


def test_polarised_in_the_plane_no_charge_scatters_at_a_right_angle(twin: Twin) -> None:
    horizontal = twin.at(y=TAPE, two_theta=90.0).spectrum().sum()
    gap = gap_for(INCIDENT, "linear_vertical", 56.0)
    vertical = twin.at(phase=phase_for("linear_vertical", 56.0), gap=gap).spectrum().sum()
    assert vertical > 10 * horizontal


def test_a_closed_shutter_leaves_dark_counts(twin: Twin) -> None:
    assert twin.twin.beam.shutter
    lit = twin.spectrum().sum()
    twin.twin.beam.shutter.opening = Rest(0.0)
    assert twin.spectrum().sum() < 1.5 * 60.0 * spectrometer.DARK_RATE < 0.1 * lit


def test_everything_drifts_slowly(twin: Twin) -> None:
    twin.at(y=TAPE)
    quarter = spectrometer.DRIFT_PERIOD / 4
    early, late = (
        reduction.elastic_line(twin.spectrum(begin=t - 30.0)).centre for t in (30.0, quarter)
    )
    assert late - early == pytest.approx(spectrometer.DRIFT / BINNING, abs=0.15)


def test_imaging_shows_the_edge_of_the_sample_where_it_is(twin: Twin) -> None:
    twin.view.mode = "imaging"
    rows = twin.at(y=3.0).spectrum_rows()
    assert rows[: ROWS // 2 - 20].sum() < 0.1 * rows[ROWS // 2 + 20 :].sum()
    moved = twin.at(y=3.0 - 0.01).spectrum_rows()
    shift = 0.01 / spectrometer.HEIGHT_PER_ROW / BINNING
    assert moved[ROWS // 2 - int(shift) + 8 : ROWS // 2].sum() > 5 * rows[: ROWS // 2].sum()


def test_in_hv2_mode_a_wide_slit_spreads_over_the_rows_and_leaves_the_line_sharp(
    twin: Twin,
) -> None:
    twin.at(y=TAPE, slit=200.0)
    wide = reduction.elastic_line(twin.spectrum()).width
    twin.view.mode = "hv2"
    frame, _ = reduction.without_cosmics(twin.frame()[None])
    rows = (np.arange(ROWS) + 0.5) * BINNING - 0.5
    energies = INCIDENT + (rows - 1023.5) * spectrometer.ENERGY_PER_ROW
    moved = np.array([column(energy) for energy in energies]) - column(INCIDENT)
    along = reduction.straightened(frame[0], spectrometer.curvature(rows) / BINNING + moved)
    seen = reduction.elastic_line(along)
    assert seen.width < 0.2 * wide
    assert seen.centre == pytest.approx(column(INCIDENT), abs=0.2)


def test_particles_hit_as_often_as_they_should() -> None:
    generator = np.random.default_rng(0)
    pixels, counts = spectrometer.cosmic_hits(20_000.0, generator)
    hits = 20_000.0 * spectrometer.COSMIC_RATE
    assert len(counts) == len(pixels) == pytest.approx(4.0 * hits, rel=0.2)  # 4 pixels a track
    assert counts.min() >= 100


@pytest.mark.parametrize("binning", [1, 2, 8])
def test_binning_loses_no_photon(twin: Twin, binning: int) -> None:
    frames = [twin.view.frame(1.0, 5.0, each, np.random.default_rng(7)) for each in (binning, 16)]
    assert frames[0].shape == (2048 // binning, 2048 // binning)
    assert frames[0].dtype == np.uint16
    assert frames[0].sum() == frames[1].sum() > 0
