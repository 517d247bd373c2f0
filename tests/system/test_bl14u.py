"""BL14U's plans over its twin: what images show, and a sweep with fast switching."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import xarray as xr
from bluesky import RunEngine
from ophyd.utils import LimitError

from nanoterasu.analysis import stxm, xmcd
from nanoterasu.beamlines import table
from nanoterasu.plans import (
    Raster,
    Region,
    dry_run,
    stxm_focus,
    stxm_image,
    stxm_line,
    stxm_point,
    stxm_stack,
    xmcd_fly,
)
from nanoterasu.twin import SAMPLES, TwinProcess
from nanoterasu.twin.physics import CIRCULAR_DEGREE, FILM, density, dichroism, runout

pytestmark = [pytest.mark.system, pytest.mark.timeout(180)]

L3 = 706.8  # eV
AREA: dict[str, Any] = {"centre": (-1.0, 0.0), "size": (4.0, 2.0), "pixel": 0.1, "dwell": 1e-3}


def changed(**changes: Any) -> dict[str, Any]:
    return AREA | changes


EMPTY = {"x": (-3.0, -2.4)}


@pytest.fixture(scope="module")
def served(twin_of: Callable[[str], TwinProcess]) -> TwinProcess:
    return twin_of("BL14U")


@pytest.fixture(scope="module")
def line(served: TwinProcess) -> Iterator[Any]:
    connected: Any = table("BL14U")(served.prefix)
    connected.connect()
    connected.magnet.ramp_rate.put(1.0, wait=True)
    yield connected
    connected.undulator.polarisation.set("linear_horizontal").wait(20)
    connected.focused_energy.set(700.0).wait(20)
    connected.magnet.field.set(0.0).wait(20)
    for device in connected.devices().values():
        device.destroy()


@pytest.fixture(scope="module")
def engine() -> RunEngine:
    return RunEngine({}, context_managers=[])


@pytest.fixture
def run(engine: RunEngine) -> Callable[[Any], xr.Dataset]:
    """Run a plan; give the rows of its primary stream."""

    def run_it(plan: Any) -> xr.Dataset:
        pages: list[Any] = []

        def take(name: str, document: Any) -> None:
            if name == "event_page":
                pages.append(document["data"])

        engine(plan, take)
        return xr.Dataset(
            {name: ("time", np.concatenate([page[name] for page in pages])) for name in pages[0]}
        )

    return run_it


def test_an_image_at_each_helicity_shows_the_domains(
    run: Callable[[Any], xr.Dataset], line: Any
) -> None:
    light = line.undulator.polarisation
    plan = stxm_image(line.raster, line.focused_energy, L3, **AREA, polarisation=light, order="+-")
    rows = run(plan)
    assert rows.sizes["time"] == dry_run(plan).rows == 2 * 41 * 21
    assert np.unique(rows["helicity"]).tolist() == [-1.0, 1.0]
    found = stxm.magnetic(stxm.optical_density(stxm.images(rows), EMPTY))
    shifted = found["x"].values - float(runout(rows["zone_plate_z"].values[0]))
    x, y = np.meshgrid(shifted, found["y"].values)
    # A pixel is flown through: what is within one of a wall sees both domains.
    around = [FILM.domain(x + step, y) for step in (-0.12, 0.0, 0.12)]
    inside = (x > FILM.edge + 0.2) & (around[0] == around[1]) & (around[1] == around[2])
    inside &= ~FILM.on_particle(x - 0.2, y) & ~FILM.on_particle(x + 0.2, y)
    expected = CIRCULAR_DEGREE * float(dichroism(L3, SAMPLES["Fe"], 0.1))
    expected *= density("Fe") * FILM.thickness * 1e-7
    measured = (found["xmcd"].values * around[1])[inside]
    assert np.median(measured) == pytest.approx(expected, rel=0.03)
    assert np.all(measured < 0.5 * expected)  # of the right sign, everywhere


def test_without_the_zone_plate_following_the_image_is_blurred(
    run: Callable[[Any], xr.Dataset], line: Any
) -> None:
    def width(energy: Any) -> float:
        line.focused_energy.set(700.0).wait(20)
        rows = run(
            stxm_line(
                line.raster, energy, [Region(719.0, 720.0, 1.0)], centre=(-2.0, -1.9),
                length=1.5, pixel=0.03, dwell=1e-2,
            )
        )  # fmt: skip
        image = stxm.images(rows)
        return stxm.edge_place(image["x"].values, image["intensity"].values[-1, 0])[2]

    assert width(line.focused_energy) < 0.05
    assert width(line.energy) > 0.3


def test_a_focus_scan_finds_the_focal_length(run: Callable[[Any], xr.Dataset], line: Any) -> None:
    line.undulator.polarisation.set("linear_horizontal").wait(20)
    line.focused_energy.set(L3).wait(20)
    z = line.zone_plate.z_for(L3)
    rows = run(
        stxm_focus(
            line.raster, line.zone_plate.z, z + 4.0, span=40.0, steps=9, centre=(-2.0, -1.9),
            length=2.0, pixel=0.04, dwell=2e-3,
        )
    )  # fmt: skip
    image = stxm.images(rows)
    profiles = image["intensity"].values[:, 0]
    fits = np.array([stxm.edge_place(image["x"].values, profile) for profile in profiles])
    place, error = stxm.best_focus(image["zone_plate_z"].values, fits[:, 2], fits[:, 3])
    assert place == pytest.approx(z, abs=max(4 * error, 0.5))
    assert error < 1.0


def test_a_stack_moves_with_the_zone_plate_and_shows_the_edge(
    run: Callable[[Any], xr.Dataset], line: Any
) -> None:
    regions = [Region(697.0, 707.0, 10.0), Region(707.0, 757.0, 50.0)]
    rows = run(stxm_stack(line.raster, line.focused_energy, regions, **AREA))
    stack = stxm.optical_density(stxm.images(rows), EMPTY)
    assert stack["energy"].values == pytest.approx([697.0, 707.0, 757.0])
    moved = stxm.shifts(stack["od"], reference=1)[:, 1] * 0.1
    expected = runout(stack["zone_plate_z"].values)
    assert moved == pytest.approx(expected - expected[1], abs=0.06)
    film = stack["od"].sel(x=slice(-1.0, 0.3), y=slice(-0.8, 0.8)).mean(("y", "x")).values
    assert film[1] > 3 * film[2] > 6 * film[0]


def test_an_image_larger_than_the_ring_of_rows_comes_whole(
    run: Callable[[Any], xr.Dataset], line: Any
) -> None:
    area: dict[str, Any] = {
        "centre": (0.0, 0.0),
        "size": (9.95, 5.95),
        "pixel": 0.05,
        "dwell": 1e-3,
    }
    raster = Raster.around(**area)
    assert raster.points > line.raster.CAPACITY
    rows = run(stxm_image(line.raster, line.focused_energy, 700.0, **area))
    x = np.linspace(raster.x_start, raster.x_stop, raster.columns)
    y = np.linspace(raster.y_start, raster.y_stop, raster.lines)
    assert rows["fine_x"].values == pytest.approx(np.tile(x, raster.lines), abs=1e-6)
    assert rows["fine_y"].values == pytest.approx(np.repeat(y, raster.columns), abs=1e-6)


def test_a_spectrum_beside_the_film_is_i0(engine: RunEngine, line: Any) -> None:
    events: list[Any] = []
    plan = stxm_point(
        [line.i0, line.transmission], line.focused_energy, [Region(697.0, 707.0, 10.0)],
        x=line.fine.x, y=line.fine.y, places=[(-3.0, -1.0), (-1.0, -1.0)], dwell=0.05,
    )  # fmt: skip
    engine(plan, {"event": [lambda _, event: events.append(event["data"])]})
    ratios = np.array([event["transmission"] / event["i0"] for event in events]).reshape(2, 2)
    assert ratios[0, 1] == pytest.approx(ratios[0, 0], rel=0.02)
    assert ratios[1, 1] < 0.5 * ratios[1, 0]
    z = [event["zone_plate_z"] for event in events[:2]]
    assert z[1] - z[0] == pytest.approx(line.zone_plate.focal_length(10.0), abs=0.1)


def fast(line: Any, **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "points": 311, "dwell": 0.1, "edge": "Fe L2,3", "switch": line.helicity_switch,
        "rate": 5.0, "polarisation": line.undulator.polarisation,
        "field": line.magnet.field, "at": 1.0,
    }  # fmt: skip
    return xmcd_fly(line.continuous, line.energy, 690.0, 752.0, **(settings | changes))


def test_one_sweep_with_fast_switching_gives_the_moment(
    run: Callable[[Any], xr.Dataset], line: Any
) -> None:
    rows = run(fast(line))
    assert set(np.unique(rows["helicity"])) == {-1.0, 1.0}
    assert np.all(np.diff(rows["helicity"]) != 0)
    found = xmcd.xmcd(xmcd.spectra(rows, field=1.0), element="Fe")
    fe = SAMPLES["Fe"]
    moments = xmcd.sum_rules(
        found, element="Fe", holes=fe.holes, circular_polarisation=CIRCULAR_DEGREE
    )
    assert moments.spin == pytest.approx(fe.spin_moment, abs=3 * moments.spin_uncertainty)
    assert moments.spin_uncertainty < 0.2
    assert line.helicity_switch.rate.get(use_monitor=False) == 0.0


def test_what_cannot_be_done_is_refused_before_anything_moves(engine: RunEngine, line: Any) -> None:
    before = line.mono.energy.fresh_readback(), line.zone_plate.z.fresh_readback()
    scan, energy = line.raster, line.focused_energy
    with pytest.raises(LimitError, match="600 to 1400 eV in which this beamline is focused"):
        engine(stxm_stack(scan, energy, [Region(590.0, 710.0, 60.0)], **AREA))
    with pytest.raises(LimitError, match="is faster than fine_x's 1000 um/s"):
        engine(stxm_image(scan, energy, 710.0, **changed(dwell=5e-5)))
    with pytest.raises(LimitError, match="is outside fine_x's -50 to 50 um"):
        engine(stxm_image(scan, energy, 710.0, **changed(centre=(49.0, 0.0))))
    with pytest.raises(LimitError, match="not a whole number of dwells"):
        engine(fast(line, dwell=0.07))
    assert before == (line.mono.energy.fresh_readback(), line.zone_plate.z.fresh_readback())
