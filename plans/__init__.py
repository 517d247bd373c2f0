"""Recipes by technique: bluesky plans over protocols."""

if __name__ != "nanoterasu.plans":
    raise ImportError("import this room as nanoterasu.plans, not as plans")

from ._binding import BindingRegion, core_level, core_level_region
from ._cut import Cut
from ._exposures import Reference
from ._momentum import MOMENTUM_FORMULA, momentum, theta_for
from ._rasters import Raster
from ._regions import Frames, Region, Sweep, joined
from ._rehearsal import Rehearsal, RehearsedPlan, dry_run, rehearsed
from ._units import (
    Degrees,
    ElectronVolts,
    Hertz,
    Kelvin,
    Micrometres,
    Millimetres,
    PerAngstrom,
    Seconds,
    Tesla,
    TeslaPerMinute,
)
from .arpes import arpes_map, fermi_surface, kz_scan, temperature_series
from .nano_focus import focus, tracked_places, tracked_rotation
from .operando import EnvironmentStep, operando
from .positions import SamplePosition, go_to
from .rixs import elastic_reference, rixs
from .rixs_maps import rixs_map, rixs_momentum
from .spin import spin_edc
from .stxm import stxm_focus, stxm_image, stxm_line, stxm_point, stxm_stack
from .xas import xas, xas_fly, xmcd
from .xmcd_fly import xmcd_fly
from .xps import xps_map, xps_regions

__all__ = [
    "MOMENTUM_FORMULA",
    "BindingRegion",
    "Cut",
    "Degrees",
    "ElectronVolts",
    "EnvironmentStep",
    "Frames",
    "Hertz",
    "Kelvin",
    "Micrometres",
    "Millimetres",
    "PerAngstrom",
    "Raster",
    "Reference",
    "Region",
    "Rehearsal",
    "RehearsedPlan",
    "SamplePosition",
    "Seconds",
    "Sweep",
    "Tesla",
    "TeslaPerMinute",
    "arpes_map",
    "core_level",
    "core_level_region",
    "dry_run",
    "elastic_reference",
    "fermi_surface",
    "focus",
    "go_to",
    "joined",
    "kz_scan",
    "momentum",
    "operando",
    "rehearsed",
    "rixs",
    "rixs_map",
    "rixs_momentum",
    "spin_edc",
    "stxm_focus",
    "stxm_image",
    "stxm_line",
    "stxm_point",
    "stxm_stack",
    "temperature_series",
    "theta_for",
    "tracked_places",
    "tracked_rotation",
    "xas",
    "xas_fly",
    "xmcd",
    "xmcd_fly",
    "xps_map",
    "xps_regions",
]
