"""What an analyser sees of a surface by its core levels, through the gas above it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ._hemisphere import Look
from .physics import FLUX, illuminated, photoelectrons, resolution, transmitted

if TYPE_CHECKING:
    from ._table import SimulatedBeamline

BRIGHTNESS = 2e3  # electrons/s, eV and deg of unit density, in the full flux; assumed


class CoreLevels:
    """The photoemission model of a metal whose surface oxidises and reduces."""

    focused = 1.0  # share of the light that reaches the spot

    def __init__(self, twin: SimulatedBeamline) -> None:
        self._twin, self._beam = twin, twin.beam

    def _oxide(self, t: float) -> float:
        """Share of the surface under the spot that is oxidised [1]."""
        return float(self._beam.chamber.at(t).oxide)

    def intensity(self, look: Look, t: float) -> NDArray[np.float64]:
        """Electrons per second, eV and deg, shape (m, n), at the instant ``t`` [s]."""
        beam, chamber = self._beam, self._beam.chamber
        if beam.mono is None:
            return np.zeros((len(look.angles), len(look.energies)))
        energy = float(beam.mono["ENERGY"].where(t))
        opening = 0.0 if beam.exit_slit is None else float(beam.exit_slit["GAP"].where(t))
        state = chamber.at(t)
        kelvin, hit = 300.0, 1.0
        if (holder := beam.manipulator) is not None:
            kelvin = float(holder.cryostat.where(t))
            x, y, theta = (holder[axis].where(t) for axis in ("X", "Y", "THETA"))
            hit = float(illuminated(x, y, theta, beam.sample))
        density = photoelectrons(
            energy - look.work_function - look.energies,
            beam.sample.element,
            oxide=self._oxide(t),
            oxygen=float(state.oxygen),
            bias=0.0 if chamber.bias is None else float(chamber.bias.where(t)),
            width=float(np.hypot(look.resolution, resolution(energy, opening))),
            temperature=kelvin,
            on_sample=hit,
        )
        light = float(beam.photons(t, np.asarray(energy))) / FLUX
        seen = BRIGHTNESS * self.focused * light * density
        seen = seen * transmitted(look.energies, float(chamber.pressure(t)))
        return np.broadcast_to(seen, (len(look.angles), len(seen)))
