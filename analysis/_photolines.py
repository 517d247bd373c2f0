"""Lines of photoelectrons: positions, widths, and the step that each leaves behind it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter
from scipy.special import voigt_profile

_FWHM = 2.0 * np.sqrt(2.0 * np.log(2.0))
_GRID = 0.02  # eV
_BEFORE = 20.0  # eV below a region, where lines whose feet reach into it may stand


@dataclass(frozen=True, slots=True)
class Component:
    """One chemical state of a core level.

    Attributes
    ----------
    name : str
    binding : float [eV]
        Where it is looked for; the fit refines it.
    lorentzian : float [eV]
        Full width by the core hole's life time; kept.
    gaussian : float [eV]
        Full width by light, analyser and what is not resolved; the fit refines it.
    tail : (2,) tuple or None
        For a metal: share of the line with an exponential tail to higher binding energy, and its
        decay [eV]; the fit refines both.
    """

    name: str
    binding: float
    lorentzian: float
    gaussian: float
    tail: tuple[float, float] | None = None

    def parameters(self) -> list[float]:
        """What a fit refines, in the order in which `refined` takes it."""
        return [self.binding, self.gaussian, *(self.tail or ())]

    def refined(self, values: NDArray[np.float64]) -> "Component":
        """Return the component with other parameters."""
        binding, gaussian, *tail = (float(value) for value in values)
        pair = (tail[0], tail[1]) if tail else None
        return Component(self.name, binding, self.lorentzian, gaussian, pair)


def line(
    binding: NDArray[np.float64], component: Component
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Line of unit area [1/eV], and its integral from below [1], at ``binding`` (n,) [eV].

    A Voigt profile; with a tail, part of it is drawn out exponentially by electron-hole pairs
    (G. D. Mahan, Phys. Rev. B 11, 4814 (1975), in first order).

    >>> energy = np.linspace(695.0, 725.0, 301)
    >>> profile, step = line(energy, Component("metal", 706.8, 0.4, 0.3, (0.3, 1.2)))
    >>> bool(abs(np.trapezoid(profile, energy) - 1.0) < 0.02), bool(abs(step[-1] - 1.0) < 0.02)
    (True, True)
    """
    grid = np.arange(binding.min() - _BEFORE, binding.max() + 2 * _GRID, _GRID)
    sigma = max(abs(component.gaussian), 1e-3) / _FWHM
    profile = voigt_profile(grid - component.binding, sigma, component.lorentzian / 2)
    if component.tail is not None:
        share, decay = component.tail
        kept = np.exp(-_GRID / max(abs(decay), _GRID))
        # Trapezoids: the tail of a channel begins in its middle.
        drawn = np.asarray(lfilter([(1 - kept) / 2, (1 - kept) / 2], [1.0, -kept], profile))
        profile = (1.0 - share) * profile + share * drawn
    step = np.cumsum(profile) * _GRID
    return np.interp(binding, grid, profile), np.interp(binding, grid, step)
