"""What the analysers of BL07U see: a ferromagnet's bands, and a film with a pattern on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._core_levels import CoreLevels
from ._hemisphere import Look
from ._instruments import Motors
from ._nano import Bands
from .physics import (
    EASY_AXIS,
    EXCHANGE_SPLITTING,
    FERROMAGNET,
    FLUX,
    PATTERN_SHARE,
    exchange_split,
    illuminated,
    pattern_oxide,
    rotation,
)

if TYPE_CHECKING:
    from ._table import SimulatedBeamline


class Film(Bands):
    """A crystal as large as the twin's sample, in the whole beam; the holder beside it is gold."""

    def _spot(
        self, turned: NDArray[np.float64], photon: float, t: float
    ) -> tuple[float, float, float]:
        holder = self._beam.manipulator
        assert holder is not None
        x, y, theta = (holder[axis].where(t) for axis in ("X", "Y", "THETA"))
        hit = float(illuminated(x, y, theta, self._beam.sample))
        return hit, 0.0, 1.0 - hit

    def _light(self, photon: float, t: float) -> float:
        return float(self._beam.photons(t, np.asarray(photon))) / FLUX


class Ferromagnet:
    """Bands of both spins, as `nanoterasu.twin._hemisphere.Photoemission`."""

    def __init__(self, twin: SimulatedBeamline) -> None:
        self._beam = twin.beam
        bands = exchange_split(FERROMAGNET, EXCHANGE_SPLITTING)
        self.majority, self.minority = (Film(twin, crystal) for crystal in bands)

    def intensity(self, look: Look, t: float) -> NDArray[np.float64]:
        """Electrons per second, eV and deg, shape (m, n), of both spins together."""
        return 0.5 * (self.majority.intensity(look, t) + self.minority.intensity(look, t))

    def magnetisation(self, t: float) -> NDArray[np.float64]:
        """Direction of the majority's spin in the laboratory at ``t`` [s], shape (3,)."""
        holder = self._beam.manipulator
        assert holder is not None
        angles = (float(holder[axis].where(t)) for axis in ("THETA", "TILT", "PHI"))
        return rotation(*angles) @ np.array(EASY_AXIS)


class PatternedFilm(CoreLevels):
    """A metal film with squares of oxide, under a spot that a fine stage moves."""

    focused = PATTERN_SHARE

    def _oxide(self, t: float) -> float:
        stage, holder = self._twin.instruments["esca_stage"], self._beam.manipulator
        assert isinstance(stage, Motors)
        assert holder is not None
        x, y = (float(stage[axis].where(t) - 1e3 * holder[axis].where(t)) for axis in "XY")
        return float(pattern_oxide(x, y))
