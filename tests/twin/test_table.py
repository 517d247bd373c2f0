import asyncio
from collections.abc import Coroutine, Iterator
from typing import Any

import numpy as np
import pytest
from ophyd import Component, Device
from ophyd.signal import EpicsSignalBase

from nanoterasu.beamlines import Beamline, device, tables
from nanoterasu.twin import SAMPLES, TwinError
from nanoterasu.twin._channels import Number, Waveform
from nanoterasu.twin._clock import Clock
from nanoterasu.twin._families import BUILDERS
from nanoterasu.twin._table import SimulatedBeamline, simulate


def named(cls: type[Device], prefix: str) -> Iterator[str]:
    """PVs that a device of the class makes below a prefix."""
    for name in cls.component_names:
        component = getattr(cls, name)
        assert isinstance(component, Component)
        if issubclass(component.cls, Device):
            yield from named(component.cls, f"{prefix}{component.suffix}")
        elif issubclass(component.cls, EpicsSignalBase):
            yield f"{prefix}{component.suffix}"


def simulated(beamline: type[Beamline], seed: int = 0) -> SimulatedBeamline:
    return SimulatedBeamline(beamline, Clock(50.0), SAMPLES["Fe"], seed, BUILDERS)


@pytest.mark.parametrize("beamline", tables().values(), ids=lambda cls: cls.__name__)
def test_every_pv_of_every_line_is_served(beamline: type[Beamline]) -> None:
    twin = simulated(beamline)
    wanted = {
        pv
        for line in beamline.lines().values()
        for pv in named(line.cls, twin.prefix + line.suffix)
    }
    assert wanted
    assert not wanted - twin.channels.keys()


@pytest.mark.parametrize("beamline", tables().values(), ids=lambda cls: cls.__name__)
def test_every_number_that_has_a_dimension_carries_its_unit(beamline: type[Beamline]) -> None:
    ratios = ("CFF", "SHERMAN")
    for pv, channel in simulated(beamline).channels.items():
        field = pv.rpartition(":")[2]
        # What is counted or chosen has none.
        if isinstance(channel, Number | Waveform) and "." not in field and field not in ratios:
            assert getattr(channel, "units"), pv  # noqa: B009 - of caproto's, without types


def test_a_device_that_the_twin_does_not_know_is_named() -> None:
    class Periscope(Device):
        """Looks over the shielding wall."""

    class BL99U(Beamline):
        """Has one."""

        energy_range = (100.0, 1000.0)
        lookout = device(Periscope, "EA-PERI-01:")

    with pytest.raises(TwinError, match=r"BL99U.*'lookout'.*Periscope"):
        simulated(BL99U)


def test_an_unknown_beamline_is_refused_with_the_known_ones() -> None:
    with pytest.raises(TwinError, match=r"BL13Q.*BL13U"):
        simulate("BL13Q", sample=SAMPLES["Fe"], speed=1.0, seed=0)


def acquire(twin: SimulatedBeamline, name: str) -> float:
    """Reading of one dwell, as a client gets it."""
    channels = {pv.rpartition(":")[2]: each for pv, each in twin.instruments[name].channels.items()}

    async def dwell() -> float:
        await channels["DWELL"].post(0.1)
        await channels["ACQUIRE"].write(1)  # type: ignore[attr-defined]
        return channels["CURRENT"].value  # type: ignore[attr-defined]

    return run(dwell())


def run(coroutine: Coroutine[Any, Any, float]) -> float:
    return asyncio.run(coroutine)


def test_the_same_seed_reads_the_same_and_each_electrometer_its_own() -> None:
    beamline = tables()["BL13U"]
    begins = np.array([1.0])
    first, again, other = (
        simulated(beamline, seed).electrometers["i0"].measure(begins, 0.1)[0] for seed in (5, 5, 6)
    )
    assert first == again != other


def test_before_anything_is_moved_there_is_light_on_the_sample() -> None:
    twin = simulated(tables()["BL13U"])
    assert acquire(twin, "i0") > 1e-10
    assert acquire(twin, "tey") > 1e-11
