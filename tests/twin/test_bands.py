"""What BL06U's analyser sees follows from light, focus, sample and analyser."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from nanoterasu.analysis import arpes
from nanoterasu.devices import focal_length, gap_for
from nanoterasu.plans import tracked_places
from nanoterasu.twin import SAMPLES
from nanoterasu.twin._motion import Rest
from nanoterasu.twin._table import simulate
from nanoterasu.twin.physics import (
    CRYSTAL,
    ECCENTRICITY,
    FOCUS_OFFSET,
    OPTIC_DIAMETER,
    OPTIC_ZONE,
    PHOTON_OFFSET,
    WORK_FUNCTION,
    analyser_resolution,
    emission,
    focused_sigma,
    in_the_beam,
    passes,
    resolution,
    rotation,
    shares,
)

ENERGY = 100.0  # eV
LEVEL = ENERGY + PHOTON_OFFSET - WORK_FUNCTION
FOCUS = focal_length(ENERGY, OPTIC_DIAMETER, OPTIC_ZONE) + FOCUS_OFFSET
BINNING = 4


class Station:
    """BL06U's twin without a server, its axes put where a test wants them."""

    def __init__(self) -> None:
        self.twin = simulate("BL06U", sample=SAMPLES["Fe"], speed=50.0, seed=1)
        self.put("mono", ENERGY=ENERGY)
        self.put("undulator", GAP=gap_for(ENERGY, "linear_horizontal", 80.0))
        self.put("optic", Z=FOCUS)
        self.put("aperture", Z=120.0)
        self.hemisphere: Any = self.twin.instruments["analyser"]._hemisphere  # type: ignore[attr-defined]
        self.set("CENTRE", LEVEL - 0.5)
        self.cool(30.0)

    def put(self, line: str, **places: float) -> None:
        motors: Any = self.twin.instruments[line]
        for axis, place in places.items():
            motors[axis]._trajectory = Rest(place)

    def set(self, name: str, value: float) -> None:
        self.hemisphere._numbers[name]._data["value"] = value

    def cool(self, kelvin: float) -> None:
        sample: Any = self.twin.instruments["sample"]
        sample.cryostat.trajectory = Rest(kelvin)

    def frame(self, **stage: float) -> np.ndarray:
        self.put("stage", **stage)
        return self.hemisphere.expected(0.0, 1.0, BINNING)

    @property
    def axes(self) -> tuple[np.ndarray, np.ndarray]:
        return self.hemisphere.angles(BINNING), self.hemisphere.energies(BINNING)


@pytest.fixture
def station() -> Station:
    return Station()


@pytest.mark.parametrize(("x", "direction"), [(-6.0, 90.0), (8.0, 45.0)])
def test_the_wave_vector_at_the_fermi_level_is_the_crystals(
    station: Station, x: float, direction: float
) -> None:
    found = arpes.crossing(
        station.frame(X=x), *station.axes, fermi_level=LEVEL, between=(0.3, 0.75)
    )
    true = CRYSTAL.fermi_wave_vector(direction)
    assert found.wave_vector == pytest.approx(true, abs=2 * found.wave_vector_uncertainty)
    assert found.wave_vector_uncertainty < 0.003
    velocity = CRYSTAL.fermi_velocity(direction)
    assert found.velocity == pytest.approx(velocity, rel=0.15)


@pytest.mark.parametrize("kelvin", [30.0, 150.0, 300.0])
def test_the_edge_of_gold_has_level_temperature_and_resolution(
    station: Station, kelvin: float
) -> None:
    station.cool(kelvin)
    for name, value in (("PASS_ENERGY", 5.0), ("CENTRE", LEVEL)):
        station.set(name, value)
    spectrum = station.frame(X=30.0).sum(axis=0)
    edge = arpes.fermi_edge(station.axes[1], spectrum, temperature=kelvin)
    both = np.hypot(analyser_resolution(5.0, 0.2), resolution(ENERGY, 30.0))
    assert edge.position == pytest.approx(LEVEL, abs=5e-4)
    assert edge.resolution == pytest.approx(both, abs=2e-3)


def test_a_wider_exit_slit_gives_light_and_takes_resolution(station: Station) -> None:
    station.set("CENTRE", LEVEL)
    narrow = station.frame(X=30.0)
    station.put("exit_slit", GAP=90.0)
    wide = station.frame(X=30.0)
    assert wide.sum() > 1.5 * narrow.sum()
    widths = [
        arpes.fermi_edge(station.axes[1], frame.sum(axis=0), temperature=30.0).resolution
        for frame in (narrow, wide)
    ]
    assert widths[1] > 2.0 * widths[0]


def test_without_light_there_are_no_electrons(station: Station) -> None:
    lit = station.frame().sum()
    station.put("undulator", GAP=60.0)
    assert station.frame().sum() < 1e-6 * lit


def test_an_aperture_aside_keeps_the_light_away(station: Station) -> None:
    lit = station.frame().sum()
    station.put("aperture", X=60.0)
    assert station.frame().sum() < 1e-6 * lit
    assert passes(120.0, FOCUS, 0.0) == 1.0
    assert 0.0 < passes(1000.0, FOCUS, 0.0) < 0.1  # too near to the optic: it cuts the cone


def test_out_of_focus_both_domains_are_seen_at_once(station: Station) -> None:
    near, beyond = (1.0, -1.0, 0.5), (1.0, -1.0, 40.0)
    (x, y, _), seen = near, []
    for _, _, defocus in (near, beyond):
        station.put("optic", Z=FOCUS + defocus)
        seen.append(
            arpes.contrast(
                station.frame(X=x, Y=y),
                *station.axes,
                fermi_level=LEVEL,
                momenta=(CRYSTAL.fermi_wave_vector(0.0), CRYSTAL.fermi_wave_vector(45.0)),
            )
        )
    assert seen[0] < -0.5
    assert abs(seen[1]) < 0.5


def test_the_smallest_spot_is_in_focus_and_grows_to_both_sides() -> None:
    sizes = focused_sigma([-20.0, -5.0, 0.0, 5.0, 20.0], FOCUS)
    assert sizes.argmin() == 2
    assert sizes[0] == sizes[-1] > 10 * sizes[2]


def test_shares_of_the_spot_add_up_and_change_at_the_boundary() -> None:
    angle, distance = np.radians(CRYSTAL.boundary[0]), CRYSTAL.boundary[1]
    normal = np.array([np.cos(angle), np.sin(angle)])
    before, on, behind = (
        shares((distance + offset) * normal, (0.1, 0.1), CRYSTAL) for offset in (-1.0, 0.0, 1.0)
    )
    assert before == pytest.approx((1.0, 0.0, 0.0))
    assert on == pytest.approx((0.5, 0.5, 0.0))
    assert behind == pytest.approx((0.0, 1.0, 0.0))
    assert shares((40.0, 0.0), (0.1, 0.1), CRYSTAL)[2] == pytest.approx(1.0)


@pytest.mark.parametrize("theta", [-30.0, 10.0, 45.0])
def test_places_of_a_tracked_rotation_keep_the_spot_and_its_focus(theta: float) -> None:
    ((x, y, z),) = tracked_places(
        [theta], home=(0.0, 0.0, 0.0), eccentricity=[each / 1000 for each in ECCENTRICITY]
    )
    turned = rotation(theta, 0.0, 0.0)
    point, past, _ = in_the_beam(turned, (1000 * x, 1000 * y, 1000 * z), (3.0, 4.0, 0.0))
    assert point == pytest.approx([3.0, 4.0], abs=1e-6)
    assert past == pytest.approx(0.0, abs=1e-6)
    lost, _, _ = in_the_beam(turned, (0.0, 0.0, 0.0), (3.0, 4.0, 0.0))
    assert np.hypot(*(lost - [3.0, 4.0])) > 5.0  # um, without it


def test_a_tilt_about_x_is_tracked_likewise() -> None:
    ((x, y, z),) = tracked_places(
        [12.0],
        home=(0.0, 0.0, 0.0),
        eccentricity=[each / 1000 for each in ECCENTRICITY],
        axis=(1.0, 0.0, 0.0),
    )
    point, past, _ = in_the_beam(
        rotation(0.0, 12.0, 0.0), (1000 * x, 1000 * y, 1000 * z), (0.0, 0.0, 0.0)
    )
    assert point == pytest.approx([0.0, 0.0], abs=1e-6)
    assert past == pytest.approx(0.0, abs=1e-6)


def test_turning_the_sample_shifts_the_bands_as_the_deflector_does() -> None:
    by_deflector = emission(rotation(0.0, 0.0, 0.0), [0.0], 7.0)
    by_theta = emission(rotation(-7.0, 0.0, 0.0), [0.0], 0.0)
    assert by_theta == pytest.approx(by_deflector)
    by_tilt = emission(rotation(0.0, 5.0, 0.0), [0.0], 0.0)
    assert by_tilt == pytest.approx(emission(rotation(0.0, 0.0, 0.0), [5.0], 0.0))


def test_a_swept_spectrum_has_the_counts_of_a_fixed_one_of_the_same_time(station: Station) -> None:
    fixed = station.frame(X=30.0)
    _, energies = station.axes
    per_energy = fixed[:, energies < LEVEL - 0.3].sum(axis=0).mean()
    for name, value in (("LOW", LEVEL - 0.8), ("HIGH", LEVEL - 0.4), ("STEP", 0.1)):
        station.set(name, value)
    station.hemisphere._mode._data["value"] = 1
    swept = station.frame(X=30.0)  # 1 s for all five energies
    # Each energy is on the detector for a dwell, over a window as wide as 200 columns.
    assert swept.shape[1] == 5
    assert swept.sum(axis=0).mean() == pytest.approx(per_energy * 200 / 5, rel=0.02)
