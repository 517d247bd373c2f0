"""Time per event of a step scan over the twin: the house's devices against ophyd's own.

Run as ``python benchmarks/step_scan.py [--points N] [--speed S] [--profile]``.  Both scans read the
same PVs of the same twin by the same RunEngine in the same process, in turns, so that the load of
the machine falls on both; what is printed is the median of the turns.
"""

from __future__ import annotations

import argparse
import cProfile
import os
import pstats
import statistics
import time
from collections.abc import Callable
from typing import Any

from nanoterasu.twin import TwinProcess

TURNS = 5


def main() -> None:
    """Measure, and print milliseconds per event."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=100)
    parser.add_argument("--speed", type=float, default=5000.0, help="of the twin's clock")
    parser.add_argument("--profile", action="store_true", help="where the RunEngine's time goes")
    asked = parser.parse_args()
    with TwinProcess("BL13U", speed=asked.speed) as twin:
        os.environ.update(twin.environment)
        measure(twin, asked.points, asked.profile)


def measure(twin: TwinProcess, points: int, profile: bool) -> None:
    """Compare the two over ``twin``."""
    # Imported now: the client library reads its environment once.
    import bluesky.plans as bp
    import numpy as np
    from bluesky import RunEngine
    from ophyd import Component as Cpt
    from ophyd import Device, EpicsMotor, EpicsSignal, EpicsSignalRO

    from nanoterasu.beamlines.bl13u import BL13U
    from nanoterasu.plans import Region, dry_run, xas

    class Counter(Device):
        current = Cpt(EpicsSignalRO, "CURRENT", kind="hinted")
        acquire = Cpt(EpicsSignal, "ACQUIRE", kind="omitted", put_complete=True)

        def trigger(self) -> Any:
            return self.acquire.set(1)

    class Energy(Device):
        mono = Cpt(EpicsMotor, "OP-PGM-01:ENERGY")
        gap = Cpt(EpicsMotor, "ID-APPLE-01:GAP", kind="omitted")

        def set(self, value: float) -> Any:
            gap = beamline.undulator.gap_for(value)
            return self.mono.set(value) & self.gap.set(gap)

    beamline: Any = BL13U(twin.prefix)
    beamline.connect()
    ours: list[Any] = [beamline.i0, beamline.tey, beamline.tfy]
    peers: list[Any] = [
        Counter(f"{twin.prefix}EA-AMM-0{n}:", name=name)
        for n, name in enumerate(("peer_i0", "peer_tey", "peer_tfy"), 1)
    ]
    peer_energy: Any = Energy(twin.prefix, name="peer_energy")
    for device in (*peers, peer_energy):
        device.wait_for_connection(timeout=10)
    for counter in ours:
        counter.dwell.put(1e-3, wait=True)
    engine = RunEngine({}, context_managers=[])
    energies = np.linspace(700.0, 740.0, points).tolist()
    step = 40.0 / (points - 1)

    def plan() -> Any:
        return xas(ours, beamline.energy, [Region(700.0, 740.0, step)], edge="Fe L2,3")

    def timed(make: Callable[[], Any]) -> float:
        beamline.energy.set(700.0).wait(10)
        begun = time.perf_counter()
        engine(make())
        return 1e3 * (time.perf_counter() - begun) / points

    begun = time.perf_counter()
    dry_run(plan())
    rehearsal = 1e3 * (time.perf_counter() - begun) / points
    times: dict[str, list[float]] = {"house": [], "ophyd": []}
    for _ in range(TURNS):
        times["house"].append(timed(plan))
        times["ophyd"].append(timed(lambda: bp.list_scan(peers, peer_energy, energies)))
    house, peer = (statistics.median(each) for each in times.values())
    print(f"house {house:.1f} ms per event, of which the rehearsal is {rehearsal:.2f} ms")
    print(f"ophyd {peer:.1f} ms per event, without guards, limits or rehearsal")
    print(f"ratio {house / peer:.2f}")
    if profile:
        _profile(engine, plan())


def _profile(engine: Any, plan: Any) -> None:
    profiler = cProfile.Profile()
    engine.loop.call_soon_threadsafe(profiler.enable)
    engine(plan)
    engine.loop.call_soon_threadsafe(profiler.disable)
    time.sleep(0.2)  # not an event to wait for: the loop's own thread ends the profile
    pstats.Stats(profiler).sort_stats("cumulative").print_stats(60)


if __name__ == "__main__":
    main()
