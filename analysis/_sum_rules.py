"""Orbital and spin moment from dichroism, with an honest uncertainty."""

from dataclasses import replace

import numpy as np
import xarray as xr

from ._integrals import Array, Choices, alternatives, integrals, with_background
from ._lines import Lines, both_sides, white_lines
from ._moments import Moments
from ._scale import edge_scale, window
from .xas import edge_energies, two_step

DRAWS = 300
"""Noise draws for the statistical uncertainty: its own relative error is 4 %."""

ROUNDS = 2
"""Background without the tails of the lines, then lines on that background; converges fast."""

VISIBLE = 30.0
"""Signal over noise above which the dichroism shows its own line shape."""


def sum_rules(
    xmcd: xr.Dataset,
    *,
    element: str,
    holes: float,
    circular_polarisation: float,
    angle: float = 0.0,
    cut: float | None = None,
    end: float | None = None,
    step_ratio: float = 2.0,
) -> Moments:
    """Orbital and effective spin moment from the L2,3 sum rules.

    With ``p`` and ``q`` the integrals of ``mu_plus - mu_minus`` over L3 and over both edges, and
    ``r`` that of ``mu_plus + mu_minus`` without its step::

        orbital = -4 q / (3 r) * holes
        spin    = -(6 p - 4 q) / r * holes

    and differences scaled by ``1 / (circular_polarisation * cos(angle))``: Thole et al., Phys. Rev.
    Lett. 68, 1943 (1992); Carra et al., Phys. Rev. Lett. 70, 694 (1993); in this form Chen et al.,
    Phys. Rev. Lett. 75, 152 (1995).

    The Lorentzian tail of each line crosses the cut and the ends of the range, which alone
    makes the spin several per cent too small.  Two Voigt lines fitted to the difference and two
    to the sum say how much; that is added, and its whole effect counts as systematic uncertainty.

    Only the moment that the field has aligned is seen: from an unsaturated sample the result is
    the projection of the magnetisation on the beam, not the moment of the atom.

    Parameters
    ----------
    xmcd
        ``mu_plus``, ``mu_minus`` and their ``..._error`` along ``energy`` [eV], with attributes
        ``pre_edge`` and ``post_edge``, as the function `xmcd` gives.
    element
        Chemical symbol.
    holes
        Unoccupied d states per atom [1], such as 3.39 for Fe metal (Chen et al.).
    circular_polarisation
        Degree of circular polarisation, above 0 and up to 1 [1].
    angle
        Between beam and magnetisation [deg], below 90.
    cut
        Where L3 ends and L2 begins [eV]; half-way between the lines by default.
    end
        Where the integrals end [eV]; the last energy by default.
    step_ratio
        Height of the L3 step over that of the L2 step [1].

    Returns
    -------
    Moments

    Raises
    ------
    ValueError
        If an argument is out of its range, a variable is missing, or the range is too short.

    Examples
    --------
    Lines of known area: p = -1, q = -0.2, r = 8 give 0.1133 and 2.2033 mu_B for 3.4 holes.

    >>> energy = np.linspace(680.0, 780.0, 1001)
    >>> l3, l2 = (np.exp(-0.5 * (energy - e) ** 2) / np.sqrt(2 * np.pi) for e in (706.8, 719.9))
    >>> step = two_step(energy, l3=706.8, l2=719.9, width=0.1)
    >>> sides = {"mu_plus": step + 2.5 * l3 + 1.4 * l2, "mu_minus": step + 3.5 * l3 + 0.6 * l2}
    >>> data = xr.Dataset(
    ...     {name: ("energy", mu) for name, mu in sides.items()}
    ...     | {f"{name}_error": ("energy", np.zeros(1001)) for name in sides},
    ...     coords={"energy": energy},
    ...     attrs={"pre_edge": (680.0, 699.0), "post_edge": (732.0, 780.0)},
    ... )
    >>> found = sum_rules(data, element="Fe", holes=3.4, circular_polarisation=1.0)
    >>> round(found.orbital, 2), round(found.spin, 1), found.unit
    (0.11, 2.2, 'mu_B')
    """
    edges = edge_energies(element)
    energy, sides, error = _columns(xmcd)
    projection = _projection(circular_polarisation, angle)
    if not 0 < holes <= 10:
        raise ValueError(f"{holes} holes in a d shell: give a number above 0 and up to 10.")
    chosen = Choices(
        cut=(edges["L3"] + edges["L2"]) / 2,
        end=float(energy[-1]) if end is None else end,
        step_l3=_maximum(energy, sides.sum(axis=0), edges["L3"]),
        step_l2=_maximum(energy, sides.sum(axis=0), edges["L2"]),
        step_width=0.5,
        step_ratio=step_ratio,
        pre_edge=tuple(xmcd.attrs["pre_edge"]),
        post_edge=tuple(xmcd.attrs["post_edge"]),
    )
    before = window(energy, chosen.pre_edge, "pre-edge")
    after = window(energy, chosen.post_edge, "post-edge")
    mu, scale = edge_scale(energy, sides, before, after)
    total, difference = _fitted(energy, mu, error, chosen)
    for _ in range(ROUNDS):
        chosen = replace(
            chosen,
            cut=(total.l3 + total.l2) / 2 if cut is None else cut,
            step_l3=total.l3,
            step_l2=total.l2,
            step_width=total.lorentz_l3,
        )
        tails = both_sides(energy, total, difference) * scale
        mu, scale = edge_scale(energy, sides, before, after, tails)
        total, difference = _fitted(energy, mu, error, chosen)
    tails = both_sides(energy, total, difference) * scale
    if not total.l3 < chosen.cut < total.l2 < chosen.end <= energy[-1]:
        raise ValueError(
            f"cut {chosen.cut:.1f} eV and end {chosen.end:.1f} eV do not follow the lines at "
            f"{total.l3:.1f} and {total.l2:.1f} eV within spectra up to {energy[-1]:.1f} eV: the "
            "cut lies between the lines, the end after the second."
        )

    def moments(areas: Array) -> Array:
        p, q, r = areas[..., 0], areas[..., 1], areas[..., 2]
        scale = holes / (r * projection)
        return np.stack([-4 / 3 * q * scale, -(6 * p - 4 * q) * scale], axis=-1)

    def corrected(c: Choices, share: float = 1.0) -> Array:
        seen = integrals(energy, sides, c, share * tails)
        return seen + share * _unseen(energy, total, difference, c)

    areas, unseen = corrected(chosen), _unseen(energy, total, difference, chosen)
    best = moments(areas)
    best = moments(areas)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = float(best[0] / best[1])
    shifts = {
        name: max((moments(corrected(c)) - best for c in others), key=lambda s: abs(s[1]))
        for name, others in alternatives(chosen, element).items()
    }
    shifts["line tails"] = best - moments(corrected(chosen, share=0.0))
    systematic = np.sqrt(np.sum(np.square(list(shifts.values())), axis=0))
    random = np.random.default_rng(0)
    noisy = sides + random.standard_normal((DRAWS, *sides.shape)) * error
    drawn = moments(integrals(energy, noisy, chosen, tails) + unseen)
    statistical = drawn.std(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = {n: (best + s)[0] / (best + s)[1] - ratio for n, s in shifts.items()}
        spread = float(np.std(drawn[:, 0] / drawn[:, 1]))
    return Moments(
        element=element,
        orbital=float(best[0]),
        orbital_statistical=float(statistical[0]),
        orbital_systematic=float(systematic[0]),
        spin=float(best[1]),
        spin_statistical=float(statistical[1]),
        spin_systematic=float(systematic[1]),
        ratio=ratio,
        ratio_statistical=spread,
        ratio_systematic=float(np.sqrt(np.sum(np.square(list(ratios.values()))))),
        p=float(areas[0]),
        q=float(areas[1]),
        r=float(areas[2]),
        tails=(float(unseen[0]), float(unseen[1]), float(unseen[2])),
        holes=holes,
        circular_polarisation=circular_polarisation,
        angle=angle,
        choices=chosen,
        total_lines=total,
        difference_lines=difference,
        budget={name: (float(s[0]), float(s[1])) for name, s in shifts.items()},
    )


def _columns(xmcd: xr.Dataset) -> tuple[Array, Array, Array]:
    """Energy (n,), both spectra (2, n) and their errors (2, n)."""
    needed = ("mu_plus", "mu_minus", "mu_plus_error", "mu_minus_error")
    missing = [name for name in needed if name not in xmcd]
    missing += [name for name in ("pre_edge", "post_edge") if name not in xmcd.attrs]
    if missing:
        raise ValueError(
            f"the dataset has no {', '.join(map(repr, missing))}: the sum rules take what the "
            "function xmcd gives."
        )
    energy, sides = with_background(xmcd)
    errors = np.stack([np.asarray(xmcd[f"{n}_error"].values, float) for n in needed[:2]])
    return energy, sides, errors


def _projection(circular_polarisation: float, angle: float) -> float:
    if not 0 < circular_polarisation <= 1:
        raise ValueError(
            f"a degree of circular polarisation of {circular_polarisation}: give a number above 0 "
            "and up to 1, such as 0.95; the helicity's sign is already in the spectra."
        )
    if not abs(angle) < 89.0:
        raise ValueError(
            f"{angle} deg between beam and magnetisation leaves no dichroism to divide by: give "
            "the angle in degrees, well below 90."
        )
    return circular_polarisation * float(np.cos(np.radians(angle)))


def _maximum(energy: Array, total: Array, edge: float) -> float:
    near = np.abs(energy - edge) <= 3.0
    return float(energy[near][np.argmax(total[near])]) if near.any() else edge


def _fitted(energy: Array, sides: Array, error: Array, c: Choices) -> tuple[Lines, Lines]:
    """Lines of the sum and of the difference; the latter borrows a shape if it is too weak."""
    near = (c.step_l3, c.step_l2)
    step = two_step(energy, l3=c.step_l3, l2=c.step_l2, width=c.step_width, ratio=c.step_ratio)
    total = white_lines(energy, sides.sum(axis=0), near=near, step=step)
    if not (total.area_l3 > 0 and total.area_l2 > 0):
        raise ValueError(
            f"there are no white lines near {near[0]:.1f} and {near[1]:.1f} eV to weigh the "
            "dichroism with: check the element and the energy calibration."
        )
    dichroism = sides[0] - sides[1]
    noise = float(np.sqrt(np.mean(np.sum(error**2, axis=0))))
    lines = white_lines(energy, dichroism, near=near, step=step, shape=total.shape)
    if np.linalg.norm(lines.spectrum(energy)) > VISIBLE * noise:
        lines = white_lines(energy, dichroism, near=near, step=step)
    return total, lines


def _unseen(energy: Array, total: Lines, difference: Lines, c: Choices) -> Array:
    """Areas of the fitted lines less what the very same reduction finds of them: (3,) [eV]."""
    step = two_step(energy, l3=c.step_l3, l2=c.step_l2, width=c.step_width, ratio=c.step_ratio)
    before = window(energy, c.pre_edge, "pre-edge")
    after = window(energy, c.post_edge, "post-edge")
    bare, _ = edge_scale(energy, np.stack([step, step]), before, after)
    peaks = both_sides(energy, total, difference)
    seen = integrals(energy, bare + peaks, c, peaks)
    p, r = difference.area_l3, total.area_l3 + total.area_l2
    return np.array([p, p + difference.area_l2, r]) - seen
