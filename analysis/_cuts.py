"""From angles to momenta, and a band near the Fermi level."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

# sqrt(2 m_e)/hbar [1/(Angstrom sqrt(eV))], by CODATA 2018; as in Damascelli, Hussain and Shen,
# Rev. Mod. Phys. 75, 473 (2003), where it stands as 0.512.
MOMENTUM = 0.512317


def parallel_momentum(kinetic: ArrayLike, angle: ArrayLike) -> NDArray[np.float64]:
    """Momentum along the surface [1/Angstrom], k = 0.5123 sqrt(E) sin(angle).

    Parameters
    ----------
    kinetic : array [eV]
    angle : array [deg]
        From the surface normal; broadcast against ``kinetic``.

    >>> parallel_momentum(100.0, [0.0, 30.0]).round(4)
    array([0.    , 2.5616])
    """
    sine = np.sin(np.radians(np.asarray(angle, dtype=float)))
    return MOMENTUM * np.sqrt(np.asarray(kinetic, dtype=float)) * sine


@dataclass(frozen=True, slots=True)
class Crossing:
    """Where a band meets the Fermi level.

    Attributes
    ----------
    wave_vector, wave_vector_uncertainty : float [1/Angstrom]
    velocity, velocity_uncertainty : float [eV Angstrom]
        Slope dE/dk there.
    energies : (n,) array [eV]
        From the Fermi level, at which the band was found.
    momenta : (n,) array [1/Angstrom]
        Where, on the positive side.
    """

    wave_vector: float
    wave_vector_uncertainty: float
    velocity: float
    velocity_uncertainty: float
    energies: NDArray[np.float64]
    momenta: NDArray[np.float64]


def crossing(
    counts: ArrayLike,
    angles: ArrayLike,
    kinetic: ArrayLike,
    *,
    fermi_level: float,
    between: tuple[float, float],
    depth: float = 0.25,
) -> Crossing:
    """Follow a band to the Fermi level by fits along momentum, at both sides of normal emission.

    Each energy is fitted by itself with a Lorentzian at +k and at -k, of the same width, on a
    constant; a parabola through the places found gives wave vector and velocity.  The factor of
    the Fermi function is the same at all momenta, and so leaves the places alone.  Where the band
    turns within a width of its states, the velocity comes out too high: take it where the band is
    straight.

    Parameters
    ----------
    counts : (m, n) array [counts]
    angles : (m,) array [deg]
    kinetic : (n,) array [eV]
    fermi_level : float [eV]
        Kinetic.
    between : (2,) tuple [1/Angstrom]
        In which the band is looked for, on the positive side.
    depth : float [eV]
        Below the Fermi level, from where it is followed.

    Raises
    ------
    ValueError
        When the band is seen at fewer than five energies.
    """
    image, at = np.asarray(counts, dtype=float), np.asarray(kinetic, dtype=float)
    energies, places, errors = [], [], []
    for column in np.flatnonzero((at > fermi_level - depth) & (at < fermi_level)):
        k = parallel_momentum(at[column], angles)
        within = (np.abs(k) > between[0]) & (np.abs(k) < between[1])
        found = _places(k[within], image[within, column], between)
        if found is not None:
            energies.append(at[column] - fermi_level)
            places.append(found[0])
            errors.append(found[1])
    if len(energies) < 5:
        raise ValueError(
            f"the band is seen at {len(energies)} energies between {depth:g} eV below the Fermi "
            f"level at {fermi_level:.6g} eV and it; five are needed. Count longer, or look for it "
            "between other momenta."
        )
    x, y = np.array(energies), np.array(places)
    weights = 1.0 / np.array(errors)
    fit, covariance = np.polyfit(x, y, 2, w=weights, cov=True)
    # What another order of the polynomial would give is as likely.
    other = np.polyfit(x, y, 3, w=weights)
    slope, place = float(fit[1]), float(fit[2])
    spread = [abs(float(other[n + 1] - fit[n])) for n in (1, 2)]
    slope_error, place_error = np.hypot(np.sqrt(np.diag(covariance)[1:]), spread)
    return Crossing(place, float(place_error), 1.0 / slope, float(slope_error) / slope**2, x, y)


def _places(
    k: NDArray[np.float64], counts: NDArray[np.float64], between: tuple[float, float]
) -> tuple[float, float] | None:
    """Place of the band and its uncertainty [1/Angstrom]; None where it is not seen."""
    from scipy.optimize import curve_fit

    def model(
        x: NDArray[np.float64], place: float, width: float, up: float, down: float, ground: float,
        shift: float,
    ) -> NDArray[np.float64]:  # fmt: skip
        right = up / (1.0 + ((x - shift - place) / width) ** 2)
        return right + down / (1.0 + ((x - shift + place) / width) ** 2) + ground

    if len(k) < 8 or counts.max() < 20:
        return None
    best, low = float(abs(k[np.argmax(counts)])), float(np.median(counts))
    peak = float(counts.max() - low)
    start = (best, 0.02, peak, peak, low, 0.0)
    limits = (
        (between[0], 1e-3, 0.0, 0.0, 0.0, -0.05),
        (between[1], 0.3, np.inf, np.inf, np.inf, 0.05),
    )
    errors = np.sqrt(np.maximum(counts, 1.0))
    try:
        found, covariance = curve_fit(
            model, k, counts, p0=start, sigma=errors, absolute_sigma=True, bounds=limits
        )
    except RuntimeError:  # no fit: the band is not to be seen in what noise there is
        return None
    error = float(np.sqrt(covariance[0, 0]))
    return (float(found[0]), error) if 0 < error < 0.05 else None
