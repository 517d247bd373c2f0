"""A ferromagnet's bands, split by exchange, and a detector that tells their spins apart."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ._bands import Crystal

# Narrow enough that both bands are occupied at normal emission; assumed.
FERROMAGNET = Crystal(hopping=0.12, chemical_potential=0.0)
EXCHANGE_SPLITTING = 0.40  # eV, between the bands of the two spins; assumed
EASY_AXIS = (0.0, 1.0, 0.0)  # along which the holder's film is magnetised; assumed
SHERMAN = 0.30  # of a VLEED target, Fe(001)-p(1x1)-O: of this size in the literature (recalled)
REFLECTED = 0.01  # of the electrons, by aperture and target; assumed


def exchange_split(crystal: Crystal, splitting: float) -> tuple[Crystal, Crystal]:
    """Bands of the majority, which lie deeper, and of the minority, ``splitting`` [eV] apart."""
    middle, half = crystal.chemical_potential, splitting / 2
    return (
        replace(crystal, chemical_potential=middle + half),
        replace(crystal, chemical_potential=middle - half),
    )


def spin_filtered(
    majority: ArrayLike, minority: ArrayLike, along: float, sherman: float = SHERMAN
) -> NDArray[np.float64]:
    """Electrons that come back from a magnetised target.

    N = (I/2) (1 + S P cos), with I and P of both spins together; the inverse of what
    `nanoterasu.devices.SpinAnalyser` says.

    Parameters
    ----------
    majority, minority : float or (n,) arrays
        Electrons with their spin along the sample's magnetisation, and against it.
    along : float [1]
        Cosine between the sample's magnetisation and the target's.
    sherman : float [1]

    >>> spin_filtered(100.0, 0.0, 1.0, 0.3) - spin_filtered(100.0, 0.0, -1.0, 0.3)
    np.float64(30.0)
    """
    more, less = np.asarray(majority, dtype=float), np.asarray(minority, dtype=float)
    return 0.5 * ((more + less) + sherman * along * (more - less))
