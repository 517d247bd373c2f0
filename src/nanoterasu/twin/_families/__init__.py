"""How each device class is simulated: one module a family of instruments."""

from collections.abc import Mapping

from ophyd import Device

from .._table import Builder
from ._common import BUILDERS as _COMMON
from ._spectrometer import BUILDERS as _SPECTROMETER

__all__ = ["BUILDERS"]

BUILDERS: Mapping[type[Device], Builder] = {**_COMMON, **_SPECTROMETER}
