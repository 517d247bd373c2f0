"""BL08U's twin over Channel Access: photoelectrons, gas and heat, and the plans that use them."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from bluesky import RunEngine
from bluesky.utils import FailedStatus, RunEngineInterrupted

from nanoterasu.beamlines.bl08u import BL08U
from nanoterasu.plans import (
    BindingRegion,
    EnvironmentStep,
    Region,
    dry_run,
    operando,
    xas,
    xas_fly,
    xps_map,
    xps_regions,
)
from nanoterasu.twin import TwinProcess
from nanoterasu.twin.physics import transmitted

pytestmark = pytest.mark.system

METAL = BindingRegion("Fe 2p3/2", 704.0, 710.0, step=0.1, dwell=0.05)


class Documents:
    """What a RunEngine emitted."""

    def __init__(self) -> None:
        self.emitted: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, document: Any) -> None:
        self.emitted.append((name, document))

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [document for name, document in self.emitted if name == kind]

    def descriptor(self, stream: str) -> dict[str, Any]:
        (found,) = [each for each in self.of("descriptor") if each["name"] == stream]
        return found

    def column(self, key: str, stream: str = "primary") -> np.ndarray:
        """Column of a stream, from events or from pages."""
        uid = self.descriptor(stream)["uid"]
        events = [each["data"][key] for each in self.of("event") if each["descriptor"] == uid]
        pages = [each["data"][key] for each in self.of("event_page") if each["descriptor"] == uid]
        return np.array(events + [value for page in pages for value in page])


@pytest.fixture(scope="module")
def line(twin_of: Callable[[str], TwinProcess]) -> Iterator[BL08U]:
    """Every device, connected, cold, at the light of these tests; left cold and without gas."""
    connected = BL08U(twin_of("BL08U").prefix)
    connected.connect()
    connected.sample.temperature.rate.put(600.0, wait=True)
    connected.sample.temperature.set(300.0).wait(20)
    connected.energy.set(1000.0).wait(30)
    yield connected
    for axis in ("oxygen", "hydrogen", "pressure"):
        getattr(connected.gas_cell, axis).set(0.0).wait(20)
    connected.sample.temperature.set(300.0).wait(20)
    connected.sample.temperature.rate.put(60.0, wait=True)
    for device in connected.devices().values():
        device.destroy()


@pytest.fixture(scope="module")
def engine() -> RunEngine:
    return RunEngine({}, context_managers=[])


@pytest.fixture
def run(engine: RunEngine) -> Callable[[Any], Documents]:
    """Run a plan; give what it emitted."""

    def run_it(plan: Any) -> Documents:
        documents = Documents()
        engine(plan, documents)
        return documents

    return run_it


def series(line: Any, steps: list[EnvironmentStep], **more: Any) -> Any:
    environment = [line.gas_cell.oxygen, line.gas_cell.pressure, line.sample.temperature]
    return operando(
        line.analyser,
        line.energy,
        METAL,
        steps,
        photon_energy=1000.0,
        pass_energy=50.0,
        environment=environment,
        **more,
    )


def one(line: Any, run: Callable[[Any], Documents], region: BindingRegion) -> np.ndarray:
    """Counts of one sweep, in order of binding energy."""
    plan = xps_regions(line.analyser, line.energy, [region], photon_energy=1000.0)
    return run(plan).column("analyser_spectrum", region.stream)[0][::-1]


def test_each_region_has_a_stream_with_its_own_energies_and_an_event_a_sweep(
    line: Any, run: Callable[[Any], Documents]
) -> None:
    carbon = BindingRegion("C 1s", 282.0, 288.0, step=0.2, dwell=0.05, sweeps=2)
    plan = xps_regions(
        line.analyser,
        line.energy,
        [METAL, carbon],
        photon_energy=1000.0,
        pass_energy=50.0,
        detectors=[line.i0],
    )
    assert dry_run(plan).events == 3
    documents = run(plan)
    (start,) = documents.of("start")
    assert [each["stream"] for each in start["regions"]] == ["Fe_2p3_2", "C_1s"]
    assert documents.column("analyser_energies", "Fe_2p3_2").shape == (1, 61)
    assert documents.column("analyser_spectrum", "C_1s").shape == (2, 31)
    for region in (METAL, carbon):
        kinetic = documents.column("analyser_energies", region.stream)[0]
        binding = start["photon_energy"] - start["work_function"] - kinetic
        assert binding[[-1, 0]] == pytest.approx([region.low, region.high])
        descriptor = documents.descriptor(region.stream)
        assert descriptor["data_keys"]["analyser_energies"]["units"] == "eV"
        settings = descriptor["configuration"]["analyser"]["data"]
        assert settings["analyser_low"] == pytest.approx(kinetic[0])
        assert settings["analyser_pass_energy"] == 50.0


def test_a_map_shows_where_the_sample_ends(line: Any, run: Callable[[Any], Documents]) -> None:
    plan = xps_map(
        line.analyser,
        line.energy,
        BindingRegion("Fe 2p3/2", 705.0, 709.0, step=0.5, dwell=0.05),
        x=line.sample.x,
        y=line.sample.y,
        columns=(2.0, 4.0),
        rows=(0.0, 0.5),
        photon_energy=1000.0,
    )
    documents = run(plan)
    line.sample.x.set(0.0).wait(20)
    line.sample.y.set(0.0).wait(20)
    counts = documents.column("analyser_spectrum").sum(axis=1)
    x = documents.column("sample_x")
    assert x.tolist() == [2.0, 4.0, 4.0, 2.0]
    assert counts[x > 3.0].max() < 0.05 * counts[x < 3.0].min()
    assert documents.of("start")[0]["shape"] == [2, 2]


def test_a_bias_moves_the_sample_and_not_the_analyser(
    line: Any, run: Callable[[Any], Documents]
) -> None:
    before = one(line, run, METAL).argmax()
    line.bias.voltage.set(1.0).wait(10)
    try:
        after = one(line, run, METAL).argmax()
    finally:
        line.bias.voltage.set(0.0).wait(10)
    assert (after - before) * METAL.step == pytest.approx(1.0, abs=0.15)


def test_a_programme_is_watched_from_one_step_to_the_next(
    line: Any, run: Callable[[Any], Documents]
) -> None:
    gas, temperature = line.gas_cell, line.sample.temperature
    steps = [
        EnvironmentStep(2),
        EnvironmentStep(2, [(gas.oxygen, 10.0), (gas.pressure, 1.0), (temperature, 320.0)], True),
        EnvironmentStep(2, [(temperature, 340.0)]),
    ]
    documents = run(series(line, steps))
    assert documents.of("start")[0]["started_at"] == [0, 0]
    assert documents.column("programme_step").tolist() == [0, 0, 1, 1, 2, 2]
    assert documents.column("programme_spectrum").tolist() == [0, 1] * 3
    assert documents.column("sample_temperature")[2] == pytest.approx(320.0, abs=0.5)
    when = documents.column("environment_time", "environment")
    heat = documents.column("sample_temperature", "environment")
    assert np.all(np.diff(when) >= 0.0)
    assert (heat[0], heat[-1]) == pytest.approx((300.0, 340.0), abs=0.5)
    ends = documents.column("spectrum_time")  # in the clock of the log
    assert np.interp(ends[3], when, heat) == pytest.approx(320.0, abs=1.0)
    key = documents.descriptor("environment")["data_keys"]["gas_cell_pressure"]
    assert key["units"] == "mbar"
    areas = documents.column("analyser_spectrum").sum(axis=1)
    passed = float(transmitted(1000.0 - 707.0, 1.0))
    assert areas[3] / areas[1] == pytest.approx(passed, abs=0.06)


def test_a_programme_that_was_ended_goes_on_where_it_says(
    line: Any, engine: RunEngine, run: Callable[[Any], Documents]
) -> None:
    temperature = line.sample.temperature
    steps = [EnvironmentStep(2, [(temperature, 330.0)]), EnvironmentStep(3, [(temperature, 310.0)])]
    documents = Documents()

    def fail(name: str, document: Any) -> None:
        if name == "event" and document["seq_num"] == 3:
            raise OSError("the disk is full")

    token = engine.subscribe(fail)
    try:
        with pytest.raises(OSError, match="the disk is full") as error:
            engine(series(line, steps), documents)
    finally:
        engine.unsubscribe(token)
    (said,) = [note for note in error.value.__notes__ if "start_at" in note]
    assert said.endswith("give start_at=(1, 0).")
    assert documents.of("stop")[0]["exit_status"] == "fail"
    rest = run(series(line, steps, start_at=(1, 1)))
    assert rest.of("start")[0]["started_at"] == [1, 1]
    assert rest.column("programme_spectrum").tolist() == [1, 2]
    # Brought to where the step before had left it, then on.
    heat = rest.column("sample_temperature", "environment")
    assert heat.max() == pytest.approx(330.0, abs=0.5)
    assert temperature.fresh_readback() == pytest.approx(310.0, abs=0.5)


def test_after_a_pause_the_ramps_go_on(line: Any, engine: RunEngine) -> None:
    temperature = line.sample.temperature
    documents, enough = Documents(), threading.Event()

    def count(name: str, document: Any) -> None:
        if name == "event" and document["seq_num"] == 2:
            enough.set()

    def pause() -> None:
        assert enough.wait(20)
        engine.request_pause(defer=False)

    plan = series(line, [EnvironmentStep(1), EnvironmentStep(4, [(temperature, 400.0)])])
    pauser = threading.Thread(target=pause)
    token = engine.subscribe(count)
    pauser.start()
    try:
        with pytest.raises(RunEngineInterrupted):
            engine(plan, documents)
        pauser.join()
        stopped = temperature.fresh_readback()
        engine.resume()
    finally:
        engine.unsubscribe(token)
    assert stopped < 399.0
    assert temperature.fresh_readback() == pytest.approx(400.0, abs=0.5)
    assert documents.column("programme_spectrum").tolist() == [0, 0, 1, 2, 3]
    assert documents.of("stop")[0]["exit_status"] == "success"


def test_a_potential_oxidises_and_draws_a_current(
    line: Any, run: Callable[[Any], Documents]
) -> None:
    cell = line.potentiostat
    step = [(cell.mode, "potential_control"), (cell.potential, 1.1)]
    back = [(cell.potential, -0.3)]
    steps = [EnvironmentStep(2), EnvironmentStep(6, step, True), EnvironmentStep(4, back, True)]
    documents = run(series(line, steps, detectors=[cell.current]))
    cell.potential.set(0.0).wait(10)
    cell.mode.set("open_circuit").wait(5)
    current = documents.column("potentiostat_current")
    assert current[0] == 0.0
    assert current[2:8].max() > 0.0 > current[8:].min()
    metal = documents.column("analyser_spectrum").max(axis=1)
    assert metal[7] < 0.9 * metal[1]
    assert metal[-1] > metal[7]


def test_absorption_is_measured_as_elsewhere(line: Any, run: Callable[[Any], Documents]) -> None:
    steps = run(
        xas([line.i0, line.tey], line.energy, [Region(704.0, 710.0, 1.0)], edge="Fe L3", dwell=0.2)
    )
    sweep = run(
        xas_fly(line.continuous, line.energy, 700.0, 712.0, points=25, dwell=0.2, edge="Fe L3")
    )
    line.energy.set(1000.0).wait(30)
    for documents in (steps, sweep):
        ratio = documents.column("tey") / documents.column("i0")
        at = documents.column("energy")[ratio.argmax()]
        assert 706.0 <= at <= 709.0


def test_a_failed_ramp_ends_the_programme(line: Any, engine: RunEngine) -> None:
    pressure = line.gas_cell.pressure
    line.gas_cell.oxygen.set(0.0).wait(10)
    pressure.set(0.0).wait(20)
    plan = series(line, [EnvironmentStep(2, [(pressure, 0.5)], True)])
    with pytest.raises(FailedStatus) as error:
        engine(plan)
    assert any("start_at=(0, 0)" in note for note in error.value.__notes__)
