"""Whether a beamline can measure: what answers, and whether it agrees with the table."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Literal

from ophyd import Device

from nanoterasu.beamlines import Beamline
from nanoterasu.devices import Motor, PhotonEnergy, Ramp

State = Literal["ok", "absent", "missing", "disagrees", "interlock"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of one device.

    Attributes
    ----------
    device : str
        Its name in the table.
    state : str
        "ok"; "absent", an optional device that does not answer; "missing", a required one;
        "disagrees" with the table; "interlock", which plans will wait for.
    said : str
        What was found, and what to do.
    """

    device: str
    state: State
    said: str

    @property
    def stops(self) -> bool:
        """Whether a session should not measure so."""
        return self.state in ("missing", "disagrees")


def check(beamline: Beamline, timeout: float = 5.0) -> list[Finding]:
    """Ask every device of a station whether it can measure; nothing moves.

    Parameters
    ----------
    beamline
        Built for the station, connected or not.
    timeout
        Longest wait for all the answers [s].

    Returns
    -------
    list of Finding
        In the table's order, at least one a device.
    """
    here = beamline.here()
    beamline.absent = set()
    devices = beamline.devices()
    until = time.monotonic() + timeout
    found: list[Finding] = []
    for name, built in devices.items():
        silent = _silent(built, until)
        if silent:
            found.append(_of_the_silent(name, built, silent, optional=here[name].optional))
            continue
        disagreements = [Finding(name, "disagrees", said) for said in _disagreements(built)]
        broken = [Finding(name, "interlock", said) for said in _broken(beamline, name)]
        found += disagreements + broken or [Finding(name, "ok", "")]
    return found


def _silent(built: Device, until: float) -> list[Any]:
    """Return the signals that do not answer in time."""
    try:
        built.wait_for_connection(timeout=max(until - time.monotonic(), 0.05))
    except TimeoutError:
        signals = [walked.item for walked in built.walk_signals(include_lazy=False)]
        return [signal for signal in signals if not signal.connected]
    return []


def _of_the_silent(name: str, built: Device, silent: list[Any], *, optional: bool) -> Finding:
    signals = [*built.walk_signals(include_lazy=False)]
    some = ", ".join(getattr(each, "pvname", each.name) for each in silent[:3])
    more = ", …" if len(silent) > 3 else ""
    what = f"{len(silent)} of {len(signals)} signals are silent: {some}{more}."
    advice = "Look whether its IOC runs and this machine reaches it"
    if optional:
        return Finding(name, "absent", f"{what} A session measures without it. {advice}.")
    return Finding(name, "missing", f"{what} {advice}; no session begins without it.")


def _disagreements(built: Device) -> Iterator[str]:
    """Yield what of a device is other than its class or the table says."""
    parts = [built, *(below for _, below in built.walk_subdevices(include_lazy=False))]
    for part in parts:
        if isinstance(part, Motor):
            yield from _units(part.name, part.units, str(part.motor_egu.get(use_monitor=False)))
            low, high = _soft_limits(part)
            if low > high or (low == high != 0.0):
                yield (
                    f"{part.name}: its soft limits are {low:g} to {high:g} {part.units}, between "
                    "which there is nothing. Set them at the record."
                )
        elif isinstance(part, Ramp):
            yield from _units(part.name, part.egu, str(part.readback.metadata.get("units") or ""))
        elif isinstance(part, PhotonEnergy):
            yield from _energies(part)


def _units(name: str, stated: str, said: str) -> Iterator[str]:
    if stated and said != stated:
        yield (
            f"{name}: the control system gives it in {said or 'no unit'!r}, the table in "
            f"{stated!r}: every position would be wrong. Correct EGU at the IOC."
        )


def _soft_limits(axis: Motor) -> tuple[float, float]:
    """Return the limits that the record has now, not those monitored last."""
    limits = (axis.low_limit_travel, axis.high_limit_travel)
    low, high = (float(str(limit.get(use_monitor=False))) for limit in limits)
    return low, high


def _energies(energy: PhotonEnergy) -> Iterator[str]:
    axis, (low, high) = energy.mono.energy, energy.energy_range
    lowest, highest = _soft_limits(axis)
    if lowest < highest and (lowest > low or highest < high):
        yield (
            f"{energy.name}: the table has {low:g} to {high:g} eV, and the soft limits of "
            f"{axis.name} leave {lowest:g} to {highest:g} eV. Set one or the other."
        )


def _broken(beamline: Beamline, device: str) -> Iterator[str]:
    """Yield the interlocks on a device that do not hold now."""
    for interlock in beamline.guarded_by():
        if interlock.signal.partition(".")[0] != device:
            continue
        signal = attrgetter(interlock.signal)(beamline)
        value, units = float(signal.get()), signal.metadata.get("units") or ""
        low, high = interlock.at_least, interlock.at_most
        if low is not None and value < low:
            yield f"{interlock.signal} is {value:g} {units}, below {low:g}: plans wait for it."
        if high is not None and value > high:
            yield f"{interlock.signal} is {value:g} {units}, above {high:g}: plans wait for it."
