"""Simulated spin detectors: a magnetised target behind an analyser."""

from __future__ import annotations

from asyncio import Event
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nanoterasu.devices import SPIN_AXES, TARGET_MAGNETISATIONS

from ._analyser import Analyser
from ._channels import Choice, Number, readback
from ._clock import Clock
from ._hemisphere import Hemisphere, Look
from ._stations import Ferromagnet
from .physics import REFLECTED, SHERMAN, spin_filtered

PULSE = 0.5  # s, until the target is magnetised the other way; assumed


class Target:
    """What a target sends on of a ferromagnet's electrons, as `Photoemission`.

    Attributes
    ----------
    axis : int
        Of `SPIN_AXES`.
    sign : int
        Of its magnetisation along the axis, 1 or -1.
    """

    def __init__(self, model: Ferromagnet) -> None:
        self._model, self.axis, self.sign = model, 1, 1

    def intensity(self, look: Look, t: float) -> NDArray[np.float64]:
        """Electrons per second, eV and deg, shape (m, n)."""
        along = self.sign * float(self._model.magnetisation(t)[self.axis])
        each = (self._model.majority, self._model.minority)
        majority, minority = (spin.intensity(look, t) / 2 for spin in each)
        return REFLECTED * spin_filtered(majority, minority, along)


class SpinAnalyser(Analyser):
    """An analyser whose electrons pass a target first."""

    def __init__(
        self,
        prefix: str,
        clock: Clock,
        settings: Mapping[str, Any],
        model: Ferromagnet,
        start: float,
        seed: Sequence[int],
    ) -> None:
        self._target = Target(model)
        hemisphere = Hemisphere(prefix, settings, self._target, (1, 1), start)
        super().__init__(prefix, clock, hemisphere, seed)
        self._axis_choice = Choice(self._target.axis, SPIN_AXES)
        self._sign_choice = Choice(0, TARGET_MAGNETISATIONS)
        self._axis_choice.on_put, self._sign_choice.on_put = self._set_axis, self._set_sign
        self.channels |= {
            prefix + "SPIN_AXIS": self._axis_choice,
            prefix + "TARGET": self._sign_choice,
            prefix + "SHERMAN": readback(Number(SHERMAN)),
        }

    async def _set_axis(self, value: int) -> None:
        await self._pulse()
        self._target.axis = value
        await self._axis_choice.post(value)

    async def _set_sign(self, value: int) -> None:
        await self._pulse()
        self._target.sign = -1 if value else 1
        await self._sign_choice.post(value)

    async def _pulse(self) -> None:
        await self._clock.reach(self._clock.now() + PULSE, Event())
