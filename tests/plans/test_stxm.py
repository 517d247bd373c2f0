"""Plans of the microscope: what they would do, what they refuse, what they say of themselves."""

from typing import Any

import pytest
from bluesky import RunEngine
from ophyd import Component as Cpt
from ophyd import Device, Signal
from ophyd.sim import SynAxis
from ophyd.status import Status
from ophyd.utils import LimitError

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


class Axis(SynAxis):
    """Between 600 and 1400."""

    def check_value(self, value: float) -> None:
        if not 600.0 <= value <= 1400.0:
            raise LimitError(f"{self.name}: {value:g} is outside.")


class Scan(Device):
    """Keeps what it is prepared with; refuses more than a thousand points."""

    def __init__(self, name: str) -> None:
        super().__init__(name=name)
        self.flown: list[Any] = []

    def check_prepare(self, pattern: Any) -> None:
        if pattern.points > 1000:
            raise LimitError(f"{self.name}: {pattern.points} points are too many.")

    def flight_time(self, pattern: Any) -> float:
        return float(pattern.duration) + 1.0

    def prepare(self, pattern: Any) -> Status:
        self.flown.append(pattern)
        return self.kickoff()

    def kickoff(self) -> Status:
        status = Status()
        status.set_finished()
        return status

    complete = kickoff

    def describe_collect(self) -> dict[str, Any]:
        return {"i0": {"source": "test", "dtype": "number", "shape": []}}

    def collect_pages(self) -> Any:
        return iter(())


class Switch(Device):
    """Checks that half a period is the dwell."""

    rate = Cpt(Signal, value=0.0)

    def check_dwell(self, dwell: float, rate: float | None = None) -> None:
        if rate is not None and abs(0.5 / rate - dwell) > 1e-9:
            raise LimitError(f"a dwell of {dwell:g} s does not fit {rate:g} Hz.")


AREA: dict[str, Any] = {"centre": (0.0, 0.0), "size": (2.0, 1.0), "pixel": 0.5, "dwell": 1e-2}


def changed(**changes: Any) -> dict[str, Any]:
    return AREA | changes


REGIONS = [Region(700.0, 702.0, 1.0)]


@pytest.fixture
def scan() -> Any:
    return Scan(name="raster")


@pytest.fixture
def energy() -> Any:
    return Axis(name="focused_energy", value=700.0)  # type: ignore[arg-type]


@pytest.fixture
def light() -> Any:
    return Signal(name="polarisation", value="linear_horizontal")


@pytest.fixture(scope="module")
def engine() -> RunEngine:
    return RunEngine({}, context_managers=[])


def start_of(engine: RunEngine, plan: Any) -> dict[str, Any]:
    starts: list[dict[str, Any]] = []
    engine(plan, {"start": [lambda _, document: starts.append(dict(document))]})
    (start,) = starts
    return start


def test_a_raster_lies_about_its_centre_in_whole_pixels() -> None:
    raster = Raster.around((1.0, -2.0), (2.0, 1.0), pixel=0.5, dwell=1e-3)
    assert (raster.x_start, raster.x_stop, raster.columns) == (0.0, 2.0, 5)
    assert (raster.y_start, raster.y_stop, raster.lines) == (-2.5, -1.5, 3)
    assert raster.pixel == (0.5, 0.5)
    assert raster.points == 15


@pytest.mark.parametrize(
    "changes",
    [
        {"pixel": 0.0},
        {"pixel": float("nan")},
        {"dwell": -1.0},
        {"size": (0.1, 1.0)},
        {"size": (2.0, -1.0)},
        {"centre": (None, 0.0)},
    ],
    ids=str,
)
def test_an_area_that_is_none_is_refused(scan: Any, energy: Any, changes: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="give"):
        dry_run(stxm_image(scan, energy, 700.0, **changed(**changes)))


def test_a_dry_run_tells_time_and_pixels(scan: Any, energy: Any) -> None:
    found = dry_run(stxm_stack(scan, energy, REGIONS, **AREA))
    assert found.rows == 3 * 15
    assert found.duration == pytest.approx(3 * (15 * 1e-2 + 1.0))
    assert "45 rows flown" in str(found)
    assert scan.flown == []


def test_a_stack_flies_every_energy_at_one_helicity_then_at_the_next(
    engine: RunEngine, scan: Any, energy: Any, light: Any
) -> None:
    plan = stxm_stack(scan, energy, REGIONS, **AREA, polarisation=light, order="+-")
    start = start_of(engine, plan)
    assert [raster.image for raster in scan.flown] == list(range(6))
    assert start["plan_name"] == "stxm_stack"
    assert (start["num_images"], start["num_points"]) == (6, 90)
    assert start["energies"] == [700.0, 701.0, 702.0]
    assert light.get() == "helicity_minus"


def test_a_line_is_a_raster_of_one_line(engine: RunEngine, scan: Any, energy: Any) -> None:
    plan = stxm_line(scan, energy, REGIONS, centre=(1.0, 2.0), length=2.0, pixel=0.5, dwell=1e-2)
    start_of(engine, plan)
    assert {(each.lines, each.columns, each.y_start) for each in scan.flown} == {(1, 5, 2.0)}


def test_a_focus_scan_ends_where_the_formula_has_it(
    engine: RunEngine, scan: Any, energy: Any
) -> None:
    plan = stxm_focus(
        scan, energy, 700.0, span=20.0, steps=5, centre=(0.0, 0.0), length=2.0, pixel=0.5,
        dwell=1e-2,
    )  # fmt: skip
    start = start_of(engine, plan)
    assert start["distances"] == [690.0, 695.0, 700.0, 705.0, 710.0]
    assert len(scan.flown) == 5
    assert energy.position == 700.0


@pytest.mark.parametrize("changes", [{"steps": 2}, {"span": 0.0}])
def test_a_focus_is_between_three_distances(
    scan: Any, energy: Any, changes: dict[str, Any]
) -> None:
    line: dict[str, Any] = {"centre": (0.0, 0.0), "length": 2.0, "pixel": 0.5, "dwell": 1e-2}
    settings = {"span": 20.0, "steps": 5} | changes
    with pytest.raises(ValueError, match="at least 3 steps over a positive span"):
        dry_run(stxm_focus(scan, energy, 700.0, **settings, **line))


def test_a_spectrum_is_measured_at_every_place(engine: RunEngine, energy: Any) -> None:
    x: Any = SynAxis(name="x")
    y: Any = SynAxis(name="y")
    counter: Any = Signal(name="transmission", value=1.0)
    plan = stxm_point(
        [counter],
        energy,
        REGIONS,
        x=x,
        y=y,
        places=[(1.0, 2.0), (3.0, 4.0)],
    )
    assert dry_run(plan).events == 6
    assert start_of(engine, plan)["places"] == [[1.0, 2.0], [3.0, 4.0]]
    with pytest.raises(ValueError, match="places is empty"):
        dry_run(stxm_point([counter], energy, REGIONS, x=x, y=y, places=[]))


def test_what_is_refused_is_refused_before_anything_is_flown(
    engine: RunEngine, scan: Any, energy: Any, light: Any
) -> None:
    far = [Region(700.0, 1401.0, 701.0)]
    with pytest.raises(LimitError, match="1401 is outside"):
        engine(stxm_stack(scan, energy, far, **AREA))
    with pytest.raises(LimitError, match="points are too many"):
        engine(stxm_image(scan, energy, 700.0, **changed(pixel=0.01)))
    with pytest.raises(ValueError, match="needs polarisation"):
        engine(stxm_image(scan, energy, 700.0, **AREA, order="+-"))
    with pytest.raises(ValueError, match=r"give a row of '\+' and '-'"):
        engine(stxm_image(scan, energy, 700.0, **AREA, polarisation=light, order="+0"))
    assert scan.flown == []
    assert energy.position == 700.0


def test_a_fast_sweep_lets_the_switch_rest_afterwards(
    engine: RunEngine, scan: Any, energy: Any, light: Any
) -> None:
    switch: Any = Switch(name="switch")
    field: Any = SynAxis(name="magnet_field")

    def plan(dwell: float, rate: float = 5.0) -> Any:
        return xmcd_fly(
            scan, energy, 700.0, 710.0, points=101, dwell=dwell, edge="Fe L3", switch=switch,
            rate=rate, polarisation=light, field=field, at=1.0,
        )  # fmt: skip

    with pytest.raises(LimitError, match=r"0\.2 s does not fit 5 Hz"):
        engine(plan(0.2))
    with pytest.raises(ValueError, match="how often a second"):
        engine(plan(0.1, 0.0))
    assert light.get() == "linear_horizontal"
    start = start_of(engine, plan(0.1))
    assert (start["technique"], start["switching"]) == ("XMCD", 5.0)
    assert light.get() == "helicity_plus"
    assert switch.rate.get() == 0.0
