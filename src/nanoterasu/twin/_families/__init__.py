"""How each device class is simulated: one module a family of instruments."""

from collections.abc import Mapping

from ophyd import Device

from .._table import Builder
from ._common import BUILDERS as COMMON
from ._microscope import BUILDERS as MICROSCOPE
from ._spectrometer import BUILDERS as SPECTROMETER

BUILDERS: Mapping[type[Device], Builder] = {**COMMON, **MICROSCOPE, **SPECTROMETER}

__all__ = ["BUILDERS"]
