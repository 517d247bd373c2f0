"""Gas, heat, bias and potential over Channel Access: they arrive, or say why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import bluesky.plan_stubs as bps
import pytest
from bluesky.utils import MsgGenerator
from ophyd import EpicsSignal
from ophyd.utils import LimitError

from nanoterasu.beamlines.bl08u import BL08U
from nanoterasu.devices import MoveFailed
from nanoterasu.plans import dry_run
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system


@pytest.fixture(scope="module")
def line(twin_of: Callable[[str], TwinProcess]) -> Iterator[Any]:
    """Every device, connected; left cold and without gas."""
    connected = BL08U(twin_of("BL08U").prefix)
    connected.connect()
    yield connected
    connected.gas_cell.oxygen.set(0.0).wait(20)
    connected.gas_cell.pressure.set(0.0).wait(20)
    connected.sample.temperature.set(300.0).wait(30)
    for device in connected.devices().values():
        device.destroy()


@pytest.mark.parametrize(
    ("axis", "value", "said"),
    [
        ("gas_cell.pressure", 30.0, "outside what its controller allows, 0 to 20 mbar"),
        ("gas_cell.oxygen", -1.0, "0 to 50 sccm"),
        ("sample.temperature", 900.0, r"290 to 773\.15 K"),
        ("bias.voltage", float("nan"), "give a finite number"),
        ("potentiostat.potential", 0.5, "to 'potential_control' first"),
        ("potentiostat.mode", "on", "is no mode"),
    ],
)
def test_what_a_controller_does_not_allow_is_refused_before_anything_moves(
    line: Any, axis: str, value: Any, said: str
) -> None:
    device, _, part = axis.partition(".")
    heat = line.sample.temperature

    def plan() -> MsgGenerator[None]:
        yield from bps.mv(heat, 500.0)
        yield from bps.mv(getattr(getattr(line, device), part), value)

    before = heat.setpoint.get(use_monitor=False)
    with pytest.raises(LimitError, match=said):
        dry_run(plan())
    assert heat.setpoint.get(use_monitor=False) == before


@pytest.mark.parametrize(
    ("suffix", "value"),
    [("EA-GAS-01:PRESSURE", 30.0), ("EA-STAGE-01:TEMPERATURE_RATE", 0.0)],
)
def test_the_controller_itself_rejects_what_it_does_not_allow(
    line: Any, suffix: str, value: float
) -> None:
    signal = EpicsSignal(line.prefix + suffix, name="raw")
    signal.wait_for_connection(timeout=5)
    before = signal.get(use_monitor=False)
    signal.put(value, wait=True)
    assert signal.get(use_monitor=False) == before
    signal.destroy()


def test_with_gas_the_pressure_follows_and_without_it_says_that_it_did_not_come(
    line: Any,
) -> None:
    cell = line.gas_cell
    cell.oxygen.set(10.0).wait(10)
    cell.pressure.set(0.5).wait(30)
    assert cell.pressure.fresh_readback() == pytest.approx(0.5, abs=0.01)
    cell.pressure.set(0.0).wait(20)
    cell.oxygen.set(0.0).wait(10)
    with pytest.raises(MoveFailed, match="gas_cell_pressure stands at"):
        cell.pressure.set(0.5).wait(30)


def test_a_ramp_that_is_told_twice_to_go_there_is_one_ramp(line: Any) -> None:
    temperature = line.sample.temperature
    first = temperature.set(340.0)
    assert temperature.set(340.0) is first
    first.wait(30)
    assert temperature.fresh_readback() == pytest.approx(340.0, abs=0.5)


def test_a_new_place_replaces_the_old_one_and_a_stop_says_so(line: Any) -> None:
    temperature = line.sample.temperature
    temperature.set(300.0).wait(30)
    first, second = temperature.set(500.0), temperature.set(600.0)
    with pytest.raises(MoveFailed, match="a new move to 600 replaced this one"):
        first.wait(5)
    temperature.stop()
    with pytest.raises(MoveFailed, match="was stopped on its way to 600"):
        second.wait(5)


def test_a_potential_is_held_in_its_mode_alone(line: Any) -> None:
    cell = line.potentiostat
    cell.mode.set("potential_control").wait(5)
    cell.potential.set(0.2).wait(10)
    cell.potential.set(0.0).wait(10)
    cell.mode.set("open_circuit").wait(5)
    with pytest.raises(LimitError, match="the circuit is open"):
        cell.potential.set(0.2)
