"""Counting statistics of an electrometer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

ELEMENTARY_CHARGE = 1.602176634e-19  # C, exact in the SI


@dataclass(frozen=True, slots=True)
class Counter:
    """An electrometer and what is in front of it.

    Attributes
    ----------
    electrons_per_event : float
        Electrons that one counted photon sets free: shot noise is that of the photons.
    noise : float [A/sqrt(Hz)]
        Of the amplifier.
    dark : float [A]
        Current without light.
    """

    electrons_per_event: float = 1.0
    noise: float = 2e-15
    dark: float = 0.0

    def measure(
        self, current: ArrayLike, dwell: ArrayLike, generator: np.random.Generator
    ) -> np.ndarray:
        """Mean current [A] that is read for a true ``current``.

        Parameters
        ----------
        current : float or (n,) array [A]
        dwell : float or (n,) array [s]
            Integration time.
        generator
            Source of the noise; the same seed gives the same readings.
        """
        charge = ELEMENTARY_CHARGE * self.electrons_per_event
        time = np.asarray(dwell, dtype=float)
        events = np.maximum(np.asarray(current, dtype=float), 0.0) * time / charge
        counted = generator.poisson(events) * charge / time
        return counted + self.dark + generator.normal(0.0, self.noise / np.sqrt(time), events.shape)


# Assumed: some 1e-4 of the signal in 0.1 s, of the size that such endstations reach.
ELECTROMETERS = {
    "i0": Counter(electrons_per_event=2.0, noise=5e-14, dark=2e-14),
    "tey": Counter(electrons_per_event=4.0, noise=5e-14, dark=2e-14),
    "tfy": Counter(electrons_per_event=190.0, noise=2e-15, dark=1e-14),
    "transmission": Counter(electrons_per_event=190.0, noise=2e-15, dark=1e-14),
}
