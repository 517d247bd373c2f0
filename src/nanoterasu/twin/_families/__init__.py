"""How each device class is simulated: one module a family of instruments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ophyd import Device

from ._analyser import BUILDERS as _ANALYSER
from ._common import BUILDERS as _COMMON
from ._environment import BUILDERS as _ENVIRONMENT
from ._microscope import BUILDERS as _MICROSCOPE
from ._nano import BUILDERS as _NANO
from ._spectrometer import BUILDERS as _SPECTROMETER
from ._spin import BUILDERS as _SPIN

if TYPE_CHECKING:
    from .._table import Builder

__all__ = ["BUILDERS"]

BUILDERS: Mapping[type[Device], Builder] = {
    **_COMMON,
    **_SPECTROMETER,
    **_ANALYSER,
    **_ENVIRONMENT,
    **_MICROSCOPE,
    **_NANO,
    **_SPIN,
}
