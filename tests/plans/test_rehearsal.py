"""Plans walk through themselves first: limits and time, before anything moves."""

from typing import Any

import bluesky.plan_stubs as bps
import pytest
from bluesky import RunEngine
from bluesky.utils import MsgGenerator
from ophyd import Component as Cpt
from ophyd import Device, Signal
from ophyd.sim import SynAxis
from ophyd.status import Status
from ophyd.utils import LimitError

from nanoterasu.plans import Region, dry_run, rehearsed, xas, xas_fly, xmcd


class Axis(SynAxis):
    """Moves at once, at 10 units a second by its own account, between 600 and 800."""

    def __init__(self, name: str, low: float = 600.0, high: float = 800.0) -> None:
        super().__init__(name=name, value=low)  # type: ignore[arg-type]
        self.low, self.high = low, high
        self.went: list[float] = []

    def check_value(self, value: float) -> None:
        if not self.low <= value <= self.high:
            raise LimitError(f"{self.name}: {value:g} is outside.")

    def travel_time(self, start: float, target: float) -> float:
        return abs(target - start) / 10.0

    def set(self, value: float) -> Any:
        self.went.append(value)
        return super().set(value)


class Counter(Device):
    """Counts for its dwell, by its own account."""

    dwell = Cpt(Signal, value=0.5, kind="config")
    value = Cpt(Signal, value=1.0, kind="hinted")

    @property
    def trigger_time(self) -> float:
        return float(str(self.dwell.get()))

    def trigger(self) -> Status:
        status = Status()
        status.set_finished()
        return status


class Scan(Device):
    """Takes up to a hundred points."""

    def kickoff(self) -> Status:
        raise AssertionError("a rehearsal starts nothing")

    complete = collect = describe_collect = prepare = kickoff

    def check_prepare(self, sweep: Any) -> None:
        if sweep.points > 100:
            raise LimitError(f"{self.name}: {sweep.points} points are too many.")


@pytest.fixture
def energy() -> Any:
    return Axis("energy")


@pytest.fixture
def counter() -> Any:
    return Counter(name="i0")


@pytest.fixture(scope="module")
def engine() -> RunEngine:
    return RunEngine({}, context_managers=[])


def starts_of(engine: RunEngine, plan: Any) -> list[dict[str, Any]]:
    starts: list[dict[str, Any]] = []
    engine(plan, {"start": [lambda _, document: starts.append(dict(document))]})
    return starts


REGIONS = [Region(600.0, 610.0, 1.0)]


def test_a_rehearsal_tells_events_moves_and_time(energy: Any, counter: Any) -> None:
    found = dry_run(xas([counter], energy, REGIONS, edge="Fe L3", dwell=2.0))
    assert found.events == 11
    assert found.moves["energy"] == (600.0, 610.0)
    # Ten units at ten a second, eleven dwells of 2 s, and the reading.
    assert found.duration == pytest.approx(1.0 + 22.0, abs=0.5)
    assert "11 events in about 0 min 23 s" in str(found)
    assert energy.went == []


def test_without_a_dwell_the_counters_own_counts(energy: Any, counter: Any) -> None:
    found = dry_run(xas([counter], energy, REGIONS, edge="Fe L3"))
    assert found.duration == pytest.approx(1.0 + 5.5, abs=0.5)


def test_what_happens_together_takes_as_long_as_the_slowest(energy: Any) -> None:
    other = Axis("other", 0.0, 100.0)
    assert dry_run(bps.mv(energy, 610.0, other, 50.0)).duration == pytest.approx(5.0)


def test_a_sleep_is_counted() -> None:
    found = dry_run(bps.sleep(3.0))
    assert found.duration == 3.0
    assert str(found) == "0 events in about 0 min 03 s; moves nothing"


def test_a_plan_with_its_last_point_out_of_range_moves_nothing(
    engine: RunEngine, energy: Any, counter: Any
) -> None:
    regions = [Region(600.0, 800.5, 0.5)]
    with pytest.raises(LimitError, match=r"energy: 800\.5 is outside"):
        engine(xas([counter], energy, regions, edge="Fe L3", dwell=9.0))
    assert energy.went == []
    assert counter.dwell.get() == 0.5


def test_a_sweep_is_checked_before_it_is_prepared(energy: Any) -> None:
    scan: Any = Scan(name="scan")
    plan = xas_fly(scan, energy, 600.0, 700.0, points=101, dwell=0.1, edge="Fe L3")
    with pytest.raises(LimitError, match="101 points are too many"):
        dry_run(plan)
    plan = xas_fly(scan, energy, 600.0, 700.0, points=100, dwell=0.1, edge="Fe L3")
    assert dry_run(plan).duration == pytest.approx(10.0, abs=0.5)


def test_the_start_document_bears_the_plans_name(
    engine: RunEngine, energy: Any, counter: Any
) -> None:
    (start,) = starts_of(engine, xas([counter], energy, REGIONS, edge="Fe L3", md={"note": "a"}))
    assert start["plan_name"] == "xas"
    assert (start["technique"], start["edge"], start["note"]) == ("XAS", "Fe L3", "a")
    assert start["num_points"] == 11


def test_a_plan_within_a_plan_gives_its_uid(engine: RunEngine, energy: Any, counter: Any) -> None:
    given: list[str] = []

    def both() -> MsgGenerator[None]:
        for _ in range(2):
            uid = yield from xas([counter], energy, REGIONS, edge="Fe L3")
            given.append(uid)

    starts = starts_of(engine, both())
    assert given == [start["uid"] for start in starts]


def test_the_same_plan_object_can_be_run_twice(
    engine: RunEngine, energy: Any, counter: Any
) -> None:
    plan = xas([counter], energy, REGIONS, edge="Fe L3")
    assert len(starts_of(engine, plan)) == len(starts_of(engine, plan)) == 1


def test_a_wrong_call_fails_where_it_is_written(energy: Any, counter: Any) -> None:
    with pytest.raises(TypeError, match="xas: missing a required argument: 'edge'"):
        xas([counter], energy, REGIONS)  # type: ignore[call-arg]
    with pytest.raises(TypeError, match=r"xas: got an unexpected keyword argument 'dwel'"):
        xas([counter], energy, REGIONS, edge="Fe L3", dwel=1.0)  # type: ignore[call-arg]


@pytest.mark.parametrize("dwell", [0.0, -1.0, float("nan")])
def test_a_dwell_is_positive(energy: Any, counter: Any, dwell: float) -> None:
    with pytest.raises(ValueError, match="an integration time"):
        dry_run(xas([counter], energy, REGIONS, edge="Fe L3", dwell=dwell))


def dichroism(energy: Any, counter: Any, **changes: Any) -> Any:
    settings: dict[str, Any] = {
        "edge": "Fe L3",
        "polarisation": Signal(name="polarisation", value="linear_horizontal"),
        "field": Axis("field", -7.0, 7.0),
        "fields": (1.0, -1.0),
    }
    return xmcd([counter], energy, REGIONS, **(settings | changes))


@pytest.mark.parametrize("order", ["", "+0-", "plus", None])
def test_an_order_is_a_row_of_signs(energy: Any, counter: Any, order: Any) -> None:
    with pytest.raises(ValueError, match=r"give a row of '\+' and '-'"):
        dry_run(dichroism(energy, counter, order=order))


def test_dichroism_needs_a_field(energy: Any, counter: Any) -> None:
    with pytest.raises(ValueError, match="give at least one field"):
        dry_run(dichroism(energy, counter, fields=()))


def test_a_field_beyond_the_magnets_is_found_first(energy: Any, counter: Any) -> None:
    with pytest.raises(LimitError, match="field: -9 is outside"):
        dry_run(dichroism(energy, counter, fields=(1.0, -9.0)))


@pytest.mark.parametrize("order", ["+--+", "+-", "-", "++--"])
def test_each_field_is_measured_in_the_order_given(
    engine: RunEngine, energy: Any, counter: Any, order: str
) -> None:
    (start,) = starts_of(engine, dichroism(energy, counter, order=order))
    names = {"+": "helicity_plus", "-": "helicity_minus"}
    assert [(each["field"], each["helicity"]) for each in start["spectra"]] == [
        (field, names[sign]) for field in (1.0, -1.0) for sign in order
    ]
    assert start["plan_name"] == "xmcd"
    assert start["num_points"] == 2 * len(order) * 11


def test_the_field_is_moved_once_for_all_its_spectra(
    engine: RunEngine, energy: Any, counter: Any
) -> None:
    field = Axis("field", -7.0, 7.0)
    engine(dichroism(energy, counter, field=field))
    assert field.went == [1.0, -1.0]


def test_any_plan_can_be_rehearsed(engine: RunEngine, energy: Any) -> None:
    @rehearsed
    def there_and_away(axis: Any) -> MsgGenerator[None]:
        yield from bps.mv(axis, 700.0)
        yield from bps.mv(axis, 900.0)

    with pytest.raises(LimitError):
        engine(there_and_away(energy))
    assert energy.went == []
