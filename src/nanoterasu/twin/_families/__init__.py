"""How each device class is simulated: one module a family of instruments."""

from collections.abc import Mapping

from ophyd import Device

from .._table import Builder
from ._analyser import BUILDERS as ANALYSER
from ._common import BUILDERS as COMMON
from ._spectrometer import BUILDERS as SPECTROMETER

BUILDERS: Mapping[type[Device], Builder] = {**COMMON, **SPECTROMETER, **ANALYSER}

__all__ = ["BUILDERS"]
