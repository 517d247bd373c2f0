"""Runs with known moments, made without any of the code under test."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import xarray as xr
from scipy.special import voigt_profile

HOLES = 3.4
L3, L2 = 706.8, 719.9
GRID = np.concatenate(
    [
        np.arange(690, 702, 0.5),
        np.arange(702, 712, 0.1),
        np.arange(712, 717, 0.3),
        np.arange(717, 725, 0.1),
        np.arange(725, 760.1, 0.5),
    ]
)


def absorption(
    energy: np.ndarray,
    alignment: float,
    *,
    orbital: float,
    spin: float,
    gaussian: float = 0.5,
    lorentz: tuple[float, float] = (0.2, 0.5),
    step_ratio: float = 2.0,
    asymmetry: float = 0.0,
) -> np.ndarray:
    """Edge steps of absorption; white lines of 13.2 eV of both senses' step per hole."""
    r = 13.2 * HOLES
    q = -0.75 * orbital * r / HOLES
    p = (4 * q - spin * r / HOLES) / 6
    white = np.zeros_like(energy)
    steps = np.zeros_like(energy)
    shares = ((L3, lorentz[0], 0.68 * r, p, step_ratio), (L2, lorentz[1], 0.32 * r, q - p, 1.0))
    for edge, width, total, dichroism, step in shares:
        profile = (1 - asymmetry) * voigt_profile(energy - edge, gaussian, width)
        profile = profile + asymmetry * voigt_profile(energy - edge - 1.5, 1.5 * gaussian, width)
        white = white + 0.5 * (total + alignment * dichroism) * profile
        steps = steps + step * (0.5 + np.arctan((energy - edge) / 0.4) / np.pi)
    return steps / (1 + step_ratio) + white


@pytest.fixture
def make_run() -> Callable[..., xr.Dataset]:
    def make(
        *,
        orbital: float = 0.085,
        spin: float = 1.98,
        noise: float = 0.0,
        jitter: float = 0.0,
        drift: float = 0.0,
        seed: int = 0,
        polarisation: float = 1.0,
        order: tuple[int, ...] = (1, -1, -1, 1),
        fields: tuple[float, ...] = (5.0, -5.0),
        back_and_forth: bool = False,
        **shape: Any,
    ) -> xr.Dataset:
        random = np.random.default_rng(seed)
        rows: dict[str, list[np.ndarray]] = {}
        number = 0
        for field in fields:
            for helicity in order:
                energy = GRID + jitter * random.standard_normal(GRID.size)
                if back_and_forth and number % 2:
                    energy = energy[::-1]
                alignment = polarisation * helicity * np.sign(field)
                mu = absorption(energy, alignment, orbital=orbital, spin=spin, **shape)
                signal = 0.4 * (1 - 0.001 * (energy - L3)) + mu
                signal = signal * (1 + drift * number)
                signal = signal + noise * np.sqrt(signal) * random.standard_normal(GRID.size)
                i0 = 1e-9 * np.linspace(1 - 0.01 * number, 0.98 - 0.01 * number, GRID.size)
                name = "helicity_plus" if helicity > 0 else "helicity_minus"
                columns = {
                    "energy": energy,
                    "i0": i0,
                    "tey": 0.02 * signal * i0,
                    "magnet_field": field + 0.002 * random.standard_normal(GRID.size),
                    "undulator_polarisation": np.full(GRID.size, name),
                }
                for key, column in columns.items():
                    rows.setdefault(key, []).append(column)
                number += 1
        return xr.Dataset({key: ("time", np.concatenate(parts)) for key, parts in rows.items()})

    return make
