"""From the rows of a run to its single spectra on one energy grid."""

from collections.abc import Iterator

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.interpolate import PchipInterpolator

from ._scale import counting_error

HELICITY = {"helicity_plus": 1, "helicity_minus": -1}
NEEDED = ("energy", "i0", "magnet_field", "undulator_polarisation")

Spectrum = tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], int, float]
"""Energy (n,), intensity (n,), its error (n,), helicity, field."""


def spectra(dataset: xr.Dataset, signal: str = "tey", *, field: float | None = None) -> xr.Dataset:
    """Split the rows of one run into single spectra, each divided by ``i0``.

    A new spectrum begins where the field changes, where the energy turns back or starts again, and
    where the helicity changes; helicities that alternate from row to row within one sweep are taken
    apart too.  Rows that are not finite, or whose ``i0`` has collapsed (below a tenth of its
    median), are left out.  Spectra on slightly different energies, as continuous scans give,
    are interpolated to a common grid (shape-preserving cubic) over the range common to all.

    Parameters
    ----------
    dataset
        ``primary`` of a run: ``energy`` [eV], ``i0`` [A], ``magnet_field`` [T],
        ``undulator_polarisation`` (``"helicity_plus"``, ``"helicity_minus"``, others ignored) and
        the signal [A], each (n,) along one dimension, in the order of measurement.
    signal
        Variable to reduce: ``"tey"`` or ``"tfy"``.
    field
        Magnetic field of all rows [T], where they do not carry it, as those of a continuous scan;
        these have a column ``helicity`` (+1, -1, 0) in place of ``undulator_polarisation``.

    Returns
    -------
    xarray.Dataset
        ``intensity`` and ``intensity_error`` [1] (spectrum, energy), with coordinates ``energy``
        [eV], ``helicity`` (+1, -1) and ``magnet_field`` [T] of each spectrum.  The attribute
        ``dropped`` lists what was left out and why.

    Raises
    ------
    ValueError
        If a variable is missing, variables differ in length, or no complete spectrum remains.

    Examples
    --------
    >>> energy = np.tile(np.linspace(690.0, 760.0, 71), 2)
    >>> rows = xr.Dataset({
    ...     "energy": ("time", energy),
    ...     "i0": ("time", np.full(142, 2e-9)),
    ...     "tey": ("time", np.full(142, 1e-9)),
    ...     "magnet_field": ("time", np.full(142, 5.0)),
    ...     "undulator_polarisation": ("time", ["helicity_plus"] * 71 + ["helicity_minus"] * 71),
    ... })
    >>> split = spectra(rows)
    >>> split.helicity.values, dict(split.sizes), float(split.intensity[0, 0])
    (array([ 1, -1]), {'spectrum': 2, 'energy': 71}, 0.5)
    """
    columns = _columns(_as_stepped(dataset, field), signal)
    found, dropped = [], []
    pieces = list(_pieces(columns))
    widest = max((np.ptp(columns["energy"][rows]) for rows, _ in pieces), default=0.0)
    usual = np.median([rows.size for rows, _ in pieces if rows.size > 3] or [0])
    for rows, polarisation in pieces:
        where = f"rows {rows[0]} to {rows[-1]} ({polarisation})"
        span = np.ptp(columns["energy"][rows])
        if polarisation not in HELICITY:
            dropped.append(f"{where}: the polarisation is not circular")
        elif rows.size < 4 or span < 0.9 * widest or rows.size < 0.8 * usual:
            dropped.append(
                f"{where}: incomplete, {rows.size} usable points over {span:.1f} eV where the "
                f"widest spectrum spans {widest:.1f} eV"
            )
        else:
            found.append(_spectrum(columns, rows, HELICITY[polarisation]))
    if not found:
        raise ValueError(
            f"no complete circularly polarised spectrum of {signal!r} among "
            f"{columns['energy'].size} rows: {'; '.join(dropped) or 'there are no usable rows'}. "
            "Check that the run finished and that its polarisation was set to a helicity."
        )
    return _on_common_grid(found, signal, dropped)


def _as_stepped(dataset: xr.Dataset, field: float | None) -> xr.Dataset:
    """The rows of a continuous scan, with the columns of a step scan."""
    along = dataset["energy"].dims if "energy" in dataset else ()
    if "undulator_polarisation" not in dataset and "helicity" in dataset:
        names = {sign: name for name, sign in HELICITY.items()}
        signs = np.asarray(dataset["helicity"].values)
        light = [names.get(int(sign) if np.isfinite(sign) else 0, "unknown") for sign in signs]
        dataset = dataset.assign(undulator_polarisation=(along, light))
    if field is not None:
        dataset = dataset.assign(magnet_field=(along, np.full(dataset["energy"].shape, field)))
    return dataset


def _columns(dataset: xr.Dataset, signal: str) -> dict[str, NDArray]:
    missing = [name for name in (*NEEDED, signal) if name not in dataset]
    if missing:
        raise ValueError(
            f"the dataset has no {', '.join(map(repr, missing))}: splitting a run into spectra "
            f"needs {', '.join(NEEDED)} and the signal {signal!r}. It holds "
            f"{', '.join(sorted(map(str, dataset.data_vars)))}; read the run's primary stream "
            "whole, or name another signal."
        )
    columns = {name: np.asarray(dataset[name].values) for name in (*NEEDED, signal)}
    shapes = {name: column.shape for name, column in columns.items()}
    if len(set(shapes.values())) != 1 or columns["energy"].ndim != 1:
        raise ValueError(
            f"the variables of the dataset do not lie along one common dimension: {shapes}. Give "
            "one value a row for each, as a run's primary stream holds them."
        )
    columns["intensity"] = columns.pop(signal)
    return {
        name: column.astype(str) if name == "undulator_polarisation" else column.astype(float)
        for name, column in columns.items()
    }


def _pieces(columns: dict[str, NDArray]) -> Iterator[tuple[NDArray[np.intp], str]]:
    """Row numbers and polarisation of each sweep, complete or not."""
    numbers = np.column_stack([columns[n] for n in ("energy", "i0", "magnet_field", "intensity")])
    usable = np.isfinite(numbers).all(axis=1)
    if usable.any():
        usable &= columns["i0"] > 0.1 * np.median(columns["i0"][usable])
    rows = np.flatnonzero(usable)
    if rows.size == 0:
        return
    energy, field = columns["energy"][rows], columns["magnet_field"][rows]
    tolerance = max(0.02, 0.02 * np.abs(field).max())  # T; readbacks flicker, plans do not
    steps = np.abs(np.diff(energy))
    turn = max(0.05 * np.ptp(energy), 5 * float(np.median(steps)) if steps.size else 0.0)
    for first, last in _sweeps(energy, field, tolerance, turn):
        sweep = rows[first:last]
        kinds = columns["undulator_polarisation"][sweep]
        for kind in dict.fromkeys(kinds.tolist()):
            part = sweep[kinds == kind]
            if part.size > 2 or part.size == sweep.size:  # else a stray row at the turning point
                yield part, kind


def _sweeps(
    energy: NDArray[np.float64], field: NDArray[np.float64], tolerance: float, turn: float
) -> Iterator[tuple[int, int]]:
    """Runs of rows in which the field stands still and the energy does not turn by ``turn``.

    Only a way back of ``turn`` or more ends a sweep, so that jitter does not; it ends at
    the farthest point reached, which serves a restart and a sweep there and back alike.
    """
    x, b = energy.tolist(), field.tolist()
    start = farthest = lowest = highest = 0
    direction = 0
    i = 0
    while i < len(x):
        if abs(b[i] - b[start]) > tolerance:
            end = i
        elif direction == 0:
            lowest = i if x[i] < x[lowest] else lowest
            highest = i if x[i] > x[highest] else highest
            if x[i] - x[lowest] >= turn or x[highest] - x[i] >= turn:
                direction = 1 if x[i] - x[lowest] >= turn else -1
                farthest = i
            i += 1
            continue
        elif direction * (x[i] - x[farthest]) >= 0:
            farthest = i if x[i] != x[farthest] else farthest
            i += 1
            continue
        elif direction * (x[farthest] - x[i]) >= turn:
            end = farthest + 1
        else:
            i += 1
            continue
        yield start, end
        start = farthest = lowest = highest = i = end
        direction = 0
    if start < len(x):
        yield start, len(x)


def _spectrum(columns: dict[str, NDArray], rows: NDArray[np.intp], helicity: int) -> Spectrum:
    """One spectrum in order of energy; energies measured twice are averaged."""
    measured = columns["energy"][rows]
    ratio = columns["intensity"][rows] / columns["i0"][rows]
    energy, place, times = np.unique(measured, return_inverse=True, return_counts=True)
    intensity = np.bincount(place, ratio) / times
    error = counting_error(energy, intensity)
    return energy, intensity, error, helicity, float(np.median(columns["magnet_field"][rows]))


def _on_common_grid(found: list[Spectrum], signal: str, dropped: list[str]) -> xr.Dataset:
    energies = [energy for energy, *_ in found]
    longest = max(energies, key=len)
    low, high = max(e[0] for e in energies), min(e[-1] for e in energies)
    full = [e for e in energies if e.size == longest.size]
    grid = np.mean(full, axis=0)
    grid = grid[(grid >= low - 1e-6) & (grid <= high + 1e-6)]
    values, errors = [], []
    for energy, intensity, error, *_ in found:
        if np.array_equal(energy, grid):
            values.append(intensity)
            errors.append(error)
        else:
            inside = np.clip(grid, energy[0], energy[-1])
            values.append(PchipInterpolator(energy, intensity)(inside))
            errors.append(np.interp(inside, energy, error))
    dims = ("spectrum", "energy")
    ratio = f"{signal} / i0"
    return xr.Dataset(
        {
            "intensity": (dims, np.array(values), {"units": "1", "long_name": ratio}),
            "intensity_error": (dims, np.array(errors), {"units": "1"}),
        },
        coords={
            "energy": ("energy", grid, {"units": "eV", "long_name": "photon energy"}),
            "helicity": ("spectrum", [h for *_, h, _ in found], {"units": "1"}),
            "magnet_field": ("spectrum", [field for *_, field in found], {"units": "T"}),
        },
        attrs={"signal": signal, "dropped": dropped},
    )
