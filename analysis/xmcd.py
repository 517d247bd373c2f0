"""X-ray magnetic circular dichroism at the L2,3 edges: from a run to magnetic moments.

Three steps: `spectra` splits a run, `xmcd` averages and subtracts, `sum_rules` weighs.

Sign convention: *parallel* (``mu_plus``) is helicity times sign of the field = +1, the field
being positive along the beam, so that the L3 dichroism ``mu_plus - mu_minus`` of a
ferromagnet along its field is negative and its moments are positive.
"""

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from ._spectra import spectra
from ._sum_rules import Moments, sum_rules
from .xas import edge_energies, normalise

__all__ = ["Moments", "spectra", "sum_rules", "xmcd"]


def xmcd(
    spectra: xr.Dataset,
    *,
    element: str,
    pre_edge: tuple[float, float] | None = None,
    post_edge: tuple[float, float] | None = None,
) -> xr.Dataset:
    """Average the parallel and the antiparallel spectra; their sum and difference.

    Each spectrum is normalised by itself (see `nanoterasu.analysis.xas.normalise`), so that slow
    drifts of gain and background go.  Of each sense, all combinations of helicity and
    field direction weigh the same, whatever their number of repeats.  Errors are counting noise,
    widened by one common factor where repeats differ from one another by more than that.

    Parameters
    ----------
    spectra
        ``intensity`` and ``intensity_error`` (spectrum, energy), with ``helicity`` and
        ``magnet_field`` [T], as the function `spectra` gives.
    element
        Chemical symbol of the magnetic element.
    pre_edge, post_edge
        First and last energy [eV] of the windows for background and step; by default all that was
        measured more than 8 eV below L3 and more than 12 eV above L2.

    Returns
    -------
    xarray.Dataset
        Along ``energy`` [eV], in units of the edge step [1], each with its ``..._error``:
        ``mu_plus``, ``mu_minus``, ``xas`` (their sum), ``xmcd`` (their difference, plus less
        minus).  Attributes ``parallel`` and ``antiparallel`` count the spectra;
        ``repeat_scatter`` is the scatter of repeats over counting noise [1].

    Raises
    ------
    ValueError
        If one of the senses is missing, a spectrum was measured at zero field, or the range holds
        no pre-edge or no post-edge.

    Examples
    --------
    >>> energy = np.linspace(690.0, 760.0, 141)
    >>> step = 1.0 + (energy > 707)
    >>> line = np.exp(-((energy - 707) ** 2))
    >>> found = xr.Dataset(
    ...     {"intensity": (("spectrum", "energy"), [step + 3 * line, step + 5 * line]),
    ...      "intensity_error": (("spectrum", "energy"), np.full((2, 141), 0.01))},
    ...     coords={"energy": energy, "helicity": ("spectrum", [1, 1]),
    ...             "magnet_field": ("spectrum", [5.0, -5.0])},
    ... )
    >>> float(xmcd(found, element="Fe").xmcd.sel(energy=707).round(6))
    -2.0
    """
    edges = edge_energies(element)
    energy = spectra["energy"].values
    if pre_edge is None:
        pre_edge = (float(energy.min()), edges["L3"] - 8.0)
    if post_edge is None:
        post_edge = (edges["L2"] + 12.0, float(energy.max()))
    single = normalise(energy, spectra["intensity"], pre_edge=pre_edge, post_edge=post_edge)
    mu = single["mu"].values
    noise = spectra["intensity_error"].values / single["step"].values[:, np.newaxis]
    helicity, field = spectra["helicity"].values, spectra["magnet_field"].values
    plus, minus = _senses(helicity, field)
    scatter = _repeat_scatter(mu, noise, (plus, minus))
    widen = max(1.0, scatter) if np.isfinite(scatter) else 1.0
    cell = 2 * (helicity > 0) + (field > 0)
    data: dict[str, NDArray[np.float64]] = {}
    for name, sense in (("mu_plus", plus), ("mu_minus", minus)):
        weights = np.array([1 / np.sum(sense & (cell == c)) if s else 0.0
                            for c, s in zip(cell, sense, strict=True)])  # fmt: skip
        weights /= weights.sum()
        data[name] = weights @ mu
        data[f"{name}_error"] = widen * np.sqrt(weights**2 @ noise**2)
    error = np.hypot(data["mu_plus_error"], data["mu_minus_error"])
    data["xas"], data["xas_error"] = data["mu_plus"] + data["mu_minus"], error
    data["xmcd"], data["xmcd_error"] = data["mu_plus"] - data["mu_minus"], error
    return xr.Dataset(
        {name: ("energy", values, {"units": "1"}) for name, values in data.items()},
        coords={"energy": ("energy", energy, {"units": "eV", "long_name": "photon energy"})},
        attrs={
            "element": element,
            "signal": spectra.attrs.get("signal", ""),
            "pre_edge": pre_edge,
            "post_edge": post_edge,
            "background_slope": single.attrs["background_slope"],
            "parallel": int(plus.sum()),
            "antiparallel": int(minus.sum()),
            "repeat_scatter": float(scatter),
            "dropped": list(spectra.attrs.get("dropped", [])),
        },
    )


def _senses(
    helicity: NDArray[np.int64], field: NDArray[np.float64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    if np.any(np.abs(field) < 1e-3):
        raise ValueError(
            "a spectrum was measured at zero field, where no direction of the magnetisation is "
            "recorded: leave it out, or give it the sign of the field that came before by "
            "assigning the coordinate magnet_field."
        )
    sense = helicity * np.sign(field)
    if not (np.any(sense > 0) and np.any(sense < 0)):
        have = ", ".join(f"{h:+d} at {b:+.2f} T" for h, b in zip(helicity, field, strict=True))
        raise ValueError(
            "the spectra hold only one sense of helicity times field, so that there is no "
            f"difference to take (helicity {have}): measure the other helicity or the opposite "
            "field as well."
        )
    return sense > 0, sense < 0


def _repeat_scatter(
    mu: NDArray[np.float64],
    noise: NDArray[np.float64],
    senses: tuple[NDArray[np.bool_], NDArray[np.bool_]],
) -> float:
    """Root of the reduced chi square of repeats about their mean; NaN without repeats."""
    total, freedom = 0.0, 0
    for sense in senses:
        group, sigma = mu[sense], noise[sense]
        known = np.all(sigma > 0, axis=0)
        off = (group - group.mean(axis=0))[:, known] / sigma[:, known]
        total += float(np.sum(off**2))
        freedom += (len(group) - 1) * int(known.sum())
    return float(np.sqrt(total / freedom)) if freedom else float("nan")
