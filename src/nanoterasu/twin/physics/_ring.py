"""Stored current: decay between top-ups, and what a top-up does to the beam."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike


@dataclass(frozen=True, slots=True)
class Ring:
    """Storage ring in top-up operation.

    Attributes
    ----------
    design_current : float [mA]
        Current after a top-up; 400 mA is the design value (facts, S001:L274-276).
    lifetime : float [s]
        Of the stored beam; assumed.
    interval : float [s]
        Between top-ups; assumed.
    dip : float [1]
        Fraction of the flux lost while the injection bump is on; assumed.
    dip_time : float [s]
        Time that the bump lasts, with its damping; assumed.
    """

    design_current: float = 400.0
    lifetime: float = 36_000.0
    interval: float = 120.0
    dip: float = 0.05
    dip_time: float = 0.05

    def current(self, t: ArrayLike) -> np.ndarray:
        """Stored current [mA] at ``t`` [s], a saw-tooth below the design current.

        >>> Ring().current([0.0, 119.9, 120.0]).round(2)
        array([400.  , 398.67, 400.  ])
        """
        since = np.mod(np.asarray(t, dtype=float), self.interval)
        return self.design_current * np.exp(-since / self.lifetime)

    def steadiness(self, t: ArrayLike) -> np.ndarray:
        """Fraction of the flux [1] that stays on axis at ``t`` [s]; below one at a top-up."""
        since = np.mod(np.asarray(t, dtype=float), self.interval)
        return np.where(since < self.dip_time, 1.0 - self.dip, 1.0)


RING = Ring()
