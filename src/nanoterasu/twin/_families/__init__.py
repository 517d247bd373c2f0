"""How each device class is simulated: one module a family of instruments."""

from collections.abc import Mapping

from ophyd import Device

from .._table import Builder
from ._common import BUILDERS as COMMON
from ._environment import BUILDERS as ENVIRONMENT
from ._spectrometer import BUILDERS as SPECTROMETER

BUILDERS: Mapping[type[Device], Builder] = {**COMMON, **SPECTROMETER, **ENVIRONMENT}

__all__ = ["BUILDERS"]
