"""The microscope: joins zone plate, aperture and stages to what the photodiode sees."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from nanoterasu.devices import focal_length

from ._instruments import Motors
from .physics import (
    APERTURE_DIAMETER,
    DIODE_YIELD,
    ELEMENTARY_CHARGE,
    FILM,
    FOCUSED_SHARE,
    OUTERMOST_ZONE,
    ZONE_PLATE_DIAMETER,
    absorption,
    aperture_share,
    dichroism,
    film_transmission,
    runout,
    spot_sigma,
)

if TYPE_CHECKING:
    from ._beam import Beam


class Microscope:
    """Scanning transmission microscope; an instrument that is absent does nothing.

    Attributes
    ----------
    zone_plate, aperture, fine, coarse : Motors or None
    """

    def __init__(self, beam: Beam) -> None:
        self._beam = beam
        self.film = FILM
        self.zone_plate: Motors | None = None
        self.aperture: Motors | None = None
        self.fine: Motors | None = None
        self.coarse: Motors | None = None

    def zone_plate_z(self, t: ArrayLike) -> np.ndarray:
        """Distance of the zone plate to the sample [um]."""
        return _at(self.zone_plate, "Z", t)

    def current(self, t: ArrayLike, energy: np.ndarray, width: np.ndarray) -> np.ndarray:
        """True current [A] of the photodiode at the instants ``t`` [s].

        Parameters
        ----------
        t : array [s]
        energy, width : arrays like ``t`` [eV]
            Of the light, and its full width at half maximum.
        """
        beam, sample = self._beam, self._beam.sample
        focal = focal_length(1.0, ZONE_PLATE_DIAMETER, OUTERMOST_ZONE) * energy
        defocus = self.zone_plate_z(t) - 1e3 * _at(self.coarse, "Z", t) - focal
        spot = spot_sigma(defocus, focal)
        aside = np.hypot(*(_at(self.aperture, a, t) - _at(self.zone_plate, a, t) for a in "XY"))
        share = aperture_share(_at(self.aperture, "Z", t), focal, aside, APERTURE_DIAMETER)
        x, y = (
            _at(self.fine, a, t) + 1e3 * _at(self.coarse, a, t) - _at(self.zone_plate, a, t)
            for a in "XY"
        )
        transmitted = film_transmission(
            x - runout(self.zone_plate_z(t)),
            y,
            spot,
            absorbed=absorption(energy, sample, resolution=width),
            dichroic=beam.circular(t) * dichroism(energy, sample, width) / 2.0,
            saturation=beam.magnetisation(t),
            film=self.film,
            element=sample.element,
        )
        photons = beam.photons(t, energy) * FOCUSED_SHARE * share * transmitted
        return photons * DIODE_YIELD * ELEMENTARY_CHARGE


def _at(motors: Motors | None, axis: str, t: ArrayLike) -> np.ndarray:
    return np.zeros(np.shape(t)) if motors is None else motors[axis].where(t)
