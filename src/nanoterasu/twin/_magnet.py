"""Simulated superconducting magnet: its loop, its ramp rules, and its quench."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from nanoterasu.devices import allowed_rate

from ._channels import Integer, Number, Rejected, readback
from ._clock import Clock
from ._instruments import Ramped
from ._motion import Trajectory, Trapezoid
from .physics import Sample, follow, magnetisation

COLLAPSE = 2.0  # T/s, of the field in a quench; assumed


class Magnet(Ramped):
    """Superconducting magnet along the beam, and the loop that the sample runs through in it.

    It quenches when its field moves faster than its rules allow, or when 1 is put to TWIN_QUENCH,
    as by a fault: the field collapses, and nothing ramps until RESET.

    Parameters
    ----------
    rules
        Largest rate [T/min] up to a field [T], in the order of the fields.
    """

    def __init__(
        self, prefix: str, clock: Clock, sample: Sample, rules: Sequence[tuple[float, float]]
    ) -> None:
        self._sample, self._rules = sample, rules
        self._inner = 0.0  # T, of the loop, when the present trajectory began
        self._largest, self._fastest = rules[-1][0], max(rate for _, rate in rules)
        rate = Number(min(1.0, self._fastest), "T/min")
        names = (prefix + "FIELD", prefix + "FIELD_RBV", prefix + "DONE")
        limits = {"low": -self._largest, "high": self._largest}
        super().__init__(names, clock, units="T", start=0.0, rate=rate, **limits)
        rate.on_put = self._set_rate
        stop, reset, fault = Integer(0), Integer(0), Integer(0)
        stop.on_put, reset.on_put, fault.on_put = self.halt, self._reset, self._fault
        self._quenched = readback(Integer(0))
        self.channels |= {
            prefix + "STOP": stop,
            prefix + "RATE": rate,
            prefix + "RATE_MAX": readback(Number(self._fastest, "T/min")),
            prefix + "FIELD_MAX": readback(Number(self._largest, "T")),
            prefix + "QUENCH": self._quenched,
            prefix + "RESET": reset,
            prefix + "TWIN_QUENCH": fault,
        }

    async def _set_rate(self, value: float) -> None:
        if not 0.0 < value <= self._fastest:
            raise Rejected
        await self._rate.post(value)

    async def _start(self, value: float) -> None:
        if self._quenched.value:
            raise Rejected
        await super()._start(value)

    async def _passed(self, field: float, end: float) -> None:
        too_fast = float(self._rate.value) > allowed_rate(self._rules, field)
        if too_fast and self._clock.now() < end and not self._quenched.value:
            await self._quench()

    async def _fault(self, value: int) -> None:
        if value and not self._quenched.value:
            await self._quench()

    async def _quench(self) -> None:
        await self._quenched.post(1)  # first, so that who waits for the ramp learns why
        now = self._clock.now()
        collapse = Trapezoid(now, float(self.where(now)), 0.0, COLLAPSE)
        await self._setpoint.post(0.0)
        await self._go(collapse)

    async def _reset(self, value: int) -> None:
        if value and abs(float(self.where(self._clock.now()))) < 1e-3:
            await self._quenched.post(0)

    def _redirect(self, trajectory: Trajectory) -> None:
        # Between two redirections the field is monotonic, which `follow` needs.
        self._inner = float(self._inner_at(self._clock.now()))
        super()._redirect(trajectory)

    def _inner_at(self, t: ArrayLike) -> np.ndarray:
        return follow(self._inner, self.where(t), self._sample.coercive_field)

    def magnetisation(self, t: ArrayLike) -> np.ndarray:
        """Magnetisation of the sample along the beam, as a fraction of saturation [1]."""
        return magnetisation(self._inner_at(t), self._sample)
