"""The microscope's physics: spot, aperture, film and domains."""

import numpy as np
import pytest

from nanoterasu.beamlines import tables
from nanoterasu.twin import SAMPLES
from nanoterasu.twin._clock import Clock
from nanoterasu.twin._families import BUILDERS
from nanoterasu.twin._raster import _Lines
from nanoterasu.twin._table import SimulatedBeamline
from nanoterasu.twin.physics import FILM, aperture_share, density, film_transmission, spot_sigma

MU = 2e4  # cm2/g


def passed(
    x: float, y: float = 0.0, *, spot: float = 0.021, dichroic: float = 0.0, field: float = 0.0
) -> float:
    arrays = [np.array([value]) for value in (x, y, spot)]
    return film_transmission(
        *arrays,
        absorbed=np.array([MU]),
        dichroic=np.array([dichroic]),
        saturation=np.array([field]),
        film=FILM,
        element="Fe",
    ).item()


def domain(up: bool) -> float:
    """A place in the middle of a domain of this direction, along y = 0."""
    return FILM.edge + FILM.period * (1.25 if up else 1.75)


def test_the_film_absorbs_by_its_thickness_and_its_beside_nothing() -> None:
    depth = density("Fe") * FILM.thickness * 1e-7 * MU
    assert passed(FILM.edge - 1.0) == pytest.approx(1.0, abs=1e-6)
    assert passed(domain(True)) == pytest.approx(np.exp(-depth), rel=1e-6)
    assert passed(FILM.edge) == pytest.approx((1 + np.exp(-depth)) / 2, abs=0.01)


def test_a_particle_is_thicker() -> None:
    x, y, _ = FILM.particles[0]
    depth = density("Fe") * (FILM.thickness + FILM.particle_thickness) * 1e-7 * MU
    assert passed(x, y) == pytest.approx(np.exp(-depth), rel=1e-4)


def test_the_contrast_of_domains_flips_with_the_light_and_goes_in_a_field() -> None:
    up, down = (passed(domain(up), dichroic=-3e3) for up in (True, False))
    assert up > 1.02 * down
    assert passed(domain(True), dichroic=3e3) == pytest.approx(down)
    saturated = [passed(domain(up), dichroic=-3e3, field=1.0) for up in (True, False)]
    assert saturated[0] == pytest.approx(saturated[1])
    assert saturated[0] == pytest.approx(up)


def test_a_wide_spot_sees_no_domains() -> None:
    sharp, blurred = (
        passed(domain(True), dichroic=-3e3, spot=spot)
        - passed(domain(True), dichroic=3e3, spot=spot)
        for spot in (0.021, 1.0)
    )
    assert abs(blurred) < 0.1 * sharp


def test_the_spot_is_the_zone_plates_resolution_within_the_depth_of_focus() -> None:
    in_focus = float(spot_sigma(0.0, 4516.7))
    assert 2.355 * in_focus == pytest.approx(1.22 * 0.040, rel=1e-3)
    # Depth of focus 2 Δr² / λ = 1.8 um at 700 eV (Attwood, chapter 9).
    assert float(spot_sigma(1.0, 4516.7)) < 1.2 * in_focus
    assert float(spot_sigma(20.0, 4516.7)) > 10 * in_focus


def test_an_aperture_that_is_aside_stops_the_light() -> None:
    assert float(aperture_share(500.0, 4500.0, 0.0, 50.0)) == 1.0
    assert float(aperture_share(500.0, 4500.0, 40.0, 50.0)) == 0.0


def simulated() -> SimulatedBeamline:
    return SimulatedBeamline(tables()["BL14U"], Clock(50.0), SAMPLES["Fe"], 0, BUILDERS)


def test_helicity_is_that_of_the_undulator_until_it_is_switched() -> None:
    twin = simulated()
    undulator, switch = twin.beam.undulator, twin.beam.switch
    assert undulator is not None
    assert switch is not None
    t = np.arange(0.025, 0.4, 0.05)
    assert twin.beam.helicity(t).tolist() == [0.0] * 8  # linear light
    undulator["PHASE"]._trajectory = type(undulator["PHASE"]._trajectory)(-14.0)  # type: ignore[call-arg]
    assert twin.beam.helicity(t).tolist() == [-1.0] * 8
    switch._rate._data["value"] = 5.0
    switch.lock(0.0)
    assert twin.beam.helicity(t).tolist() == [-1.0, -1.0, 1.0, 1.0] * 2


def test_lines_are_flown_at_constant_speed_and_y_stands_still_meanwhile() -> None:
    xs, ys = np.linspace(-1.0, 1.0, 21), np.array([0.0, 0.5, 1.0])
    plan = _Lines(xs, ys, 1e-3, 0.005, 0.002, 0.022, 0)
    begins = plan.begins(10.0, 3)
    x, y = plan.way(10.0, 0, 3)
    middles = begins + 0.5e-3
    assert x.at(middles).reshape(3, 21) == pytest.approx(np.tile(xs, (3, 1)))
    assert y.at(middles).reshape(3, 21) == pytest.approx(np.tile(ys[:, None], (1, 21)))
    assert np.diff(begins)[20] == pytest.approx(1e-3 + 0.022)
