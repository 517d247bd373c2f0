"""How each device class is simulated: one module a family of instruments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ophyd import Device

from ._common import BUILDERS as _COMMON
from ._microscope import BUILDERS as _MICROSCOPE
from ._spectrometer import BUILDERS as _SPECTROMETER

if TYPE_CHECKING:
    from .._table import Builder

__all__ = ["BUILDERS"]

BUILDERS: Mapping[type[Device], Builder] = {**_COMMON, **_MICROSCOPE, **_SPECTROMETER}
