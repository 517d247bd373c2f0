"""Magnetisation that remembers: a loop with branches, and its fall with temperature.

The memory is a play operator of half-width Hc: an inner field stays where it is until the applied
one has moved more than Hc away, then is drawn along.  Minor loops, remanence and the dependence on
history follow from that; see Visintin, Differential Models of Hysteresis (1994), chapter III.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import ArrayLike

from ._sample import Sample

MOMENTS_AT = 300.0  # K, where the samples' moments are given
_ARTANH_99 = math.atanh(0.99)


def follow(inner: float, field: ArrayLike, coercive_field: float) -> np.ndarray:
    """Inner field [T] after the applied one went monotonically to ``field``.

    Parameters
    ----------
    inner : float [T]
        Inner field before; 0 is the virgin state.
    field : float or (n,) array [T]
        Applied field; of an array, every value is reached from the same ``inner``.
    coercive_field : float [T]

    >>> follow(0.0, [0.05, 1.0], 0.1)
    array([0. , 0.9])
    """
    applied = np.asarray(field, dtype=float)
    return np.maximum(applied - coercive_field, np.minimum(applied + coercive_field, inner))


def magnetisation(inner: ArrayLike, sample: Sample) -> np.ndarray:
    """Magnetisation along the field, as a fraction of saturation [1], at an inner field [T]."""
    return np.tanh(_ARTANH_99 * np.asarray(inner, dtype=float) / sample.saturation_field)


def loop(fields: Iterable[float], sample: Sample, inner: float = 0.0) -> np.ndarray:
    """Magnetisation [1] along a walk through ``fields`` [T], from the virgin state.

    >>> up = loop([2.0, 0.0, -2.0, 0.0], Sample.named("Fe"))
    >>> bool(up[1] > 0 > up[3])
    True
    """
    walked = []
    for field in fields:
        inner = float(follow(inner, field, sample.coercive_field))
        walked.append(inner)
    return magnetisation(walked, sample)


def thermal_factor(temperature: ArrayLike, sample: Sample) -> np.ndarray:
    """Saturation at ``temperature`` [K], relative to that at which the moments are given."""

    def saturation(kelvin: ArrayLike) -> np.ndarray:
        reduced = np.clip(np.asarray(kelvin, dtype=float) / sample.curie_temperature, 0.0, 1.0)
        return (1.0 - reduced**sample.squareness) ** (1.0 / sample.squareness)

    return saturation(temperature) / saturation(MOMENTS_AT)
