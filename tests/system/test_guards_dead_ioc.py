"""An IOC that dies under a move, a count, a sweep and a ramp, and comes back: guarded, and not."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ophyd import EpicsMotor, EpicsSignal
from ophyd.utils import DisconnectedError

from nanoterasu.beamlines.bl13u import BL13U
from nanoterasu.devices import Electrometer, Motor
from nanoterasu.plans import Sweep
from nanoterasu.twin import TwinProcess

pytestmark = pytest.mark.system

WATCH = 2.0  # s, for which something is watched that is said never to end


def until(condition: Callable[[], Any], timeout: float = 10.0) -> bool:
    """Whether ``condition`` came to hold within ``timeout`` [s]."""
    end = time.monotonic() + timeout
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    return bool(condition())


def fresh(signal: Any) -> float:
    """Value that the IOC has now."""
    return float(signal.get(use_monitor=False))


class Outcome:
    """What became of everything that was under way when the IOC died, and when it came back."""

    def __init__(self, twin: TwinProcess) -> None:
        prefix = twin.prefix
        self.axis = Motor(prefix + "EA-STAGE-01:X", name="axis")
        self.stock = EpicsMotor(prefix + "EA-STAGE-01:Y", name="stock")
        self.counter = Electrometer(prefix + "EA-AMM-01:", name="counter")
        self.acquire = EpicsSignal(prefix + "EA-AMM-02:ACQUIRE", name="acquire", put_complete=True)
        self.dwell = EpicsSignal(prefix + "EA-AMM-02:DWELL", name="dwell")
        self.beamline = BL13U(prefix)
        self.devices = [self.axis, self.stock, self.counter, self.acquire, self.dwell]
        self.devices += [self.beamline.energy, *self.beamline.devices().values()]
        for device in self.devices:
            device.wait_for_connection(timeout=10)
        # So slow that it is all still under way when the IOC dies.
        for motor in (self.axis, self.stock):
            motor.velocity.put(0.01, wait=True)
        for dwell in (self.counter.dwell, self.dwell):
            dwell.put(1000.0, wait=True)
        self.beamline.magnet.ramp_rate.put(0.01, wait=True)
        scan = self.beamline.continuous
        scan.prepare(Sweep(700.0, 720.0, 1001, 1.0)).wait(10)
        scan.kickoff().wait(10)
        self.under_way: dict[str, Any] = {
            "axis": self.axis.set(10.0),
            "stock": self.stock.set(10.0),
            "count": self.counter.trigger(),
            "put": self.acquire.set(1),
            "sweep": scan.complete(),
            "field": self.beamline.magnet.field.set(5.0),
        }
        assert until(lambda: fresh(self.axis.user_readback) > 0.0)
        assert until(lambda: fresh(self.stock.user_readback) > 0.0)
        assert until(lambda: fresh(scan.count) > 0)
        assert not any(status.done for status in self.under_way.values())
        self.killed = time.monotonic()
        twin.kill()
        self.ended: dict[str, float] = {}
        while time.monotonic() < self.killed + WATCH:
            for name, status in self.under_way.items():
                if status.done:
                    self.ended.setdefault(name, time.monotonic() - self.killed)
            time.sleep(0.005)
        self.when_dead = {
            name: status.exception() for name, status in self.under_way.items() if status.done
        }
        self.refused = {
            "axis": _raised(lambda: self.axis.set(1.0)),
            "field": _raised(lambda: self.beamline.magnet.field.set(1.0)),
            "count": _raised(self.counter.trigger),
            "shutter": _raised(lambda: self.beamline.shutter.set("open")),
        }
        twin.restart()
        assert until(lambda: self.axis.connected and self.stock.connected, 30.0)
        self.stock_arrived = until(lambda: self.under_way["stock"].done)

    def close(self) -> None:
        for device in self.devices:
            device.destroy()


def _raised(act: Callable[[], Any]) -> Exception | None:
    try:
        act()
    except DisconnectedError as error:
        return error
    return None


@pytest.fixture(scope="module")
def outcome(twin: TwinProcess) -> Iterator[Outcome]:
    found = Outcome(twin)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("what", "channel", "during"),
    [
        ("axis", "EA-STAGE-01:X.DMOV", "while axis moved to 10"),
        ("count", "EA-AMM-01:ACQUIRE", "while counter counted"),
        ("sweep", "EA-FLY-01:RUN", "while continuous swept the energy"),
        ("field", "EA-MAG-01:DONE", "while magnet_field moved to 5"),
    ],
)
def test_what_was_under_way_fails_when_the_ioc_dies(
    outcome: Outcome, what: str, channel: str, during: str
) -> None:
    assert outcome.ended[what] < 1.5
    error = outcome.when_dead[what]
    assert isinstance(error, DisconnectedError)
    assert channel in str(error)
    assert during in str(error)
    assert "Bring it back" in str(error)


def test_without_the_guard_a_move_hangs_when_the_ioc_dies(outcome: Outcome) -> None:
    assert "stock" not in outcome.ended


def test_without_the_guard_a_count_succeeds_when_the_ioc_dies(outcome: Outcome) -> None:
    assert outcome.when_dead["put"] is None


def test_a_rebooted_ioc_does_not_make_a_move_arrive(outcome: Outcome) -> None:
    assert isinstance(outcome.under_way["axis"].exception(), DisconnectedError)
    assert fresh(outcome.axis.user_readback) == 0.0


def test_without_the_guard_a_rebooted_ioc_makes_it_arrive_where_it_is_not(
    outcome: Outcome,
) -> None:
    assert outcome.stock_arrived
    assert outcome.under_way["stock"].success
    assert fresh(outcome.stock.user_readback) == 0.0


def test_after_a_reboot_the_axis_moves_again(outcome: Outcome) -> None:
    outcome.axis.set(2.0).wait(10)
    assert fresh(outcome.axis.user_readback) == 2.0


@pytest.mark.parametrize("what", ["axis", "field", "count", "shutter"])
def test_what_is_asked_of_a_dead_ioc_is_refused(outcome: Outcome, what: str) -> None:
    assert isinstance(outcome.refused[what], DisconnectedError)
    assert "Bring it back" in str(outcome.refused[what])
