"""Recipes by technique: bluesky plans over protocols."""

if __name__ != "nanoterasu.plans":
    raise ImportError("import this room as nanoterasu.plans, not as plans")

from ._binding import BindingRegion, core_level, core_level_region
from ._cut import Cut
from ._regions import Frames, Region, Sweep, joined
from ._rehearsal import Rehearsal, RehearsedPlan, dry_run, rehearsed
from ._units import (
    Degrees,
    ElectronVolts,
    Kelvin,
    Micrometres,
    Millimetres,
    Seconds,
    Tesla,
    TeslaPerMinute,
)
from .arpes import arpes_map, fermi_surface, kz_scan, temperature_series
from .nano_focus import focus, tracked_places, tracked_rotation
from .operando import EnvironmentStep, operando
from .positions import SamplePosition, go_to
from .spin import spin_edc
from .xas import xas, xas_fly, xmcd
from .xps import xps_map, xps_regions

__all__ = [
    "BindingRegion",
    "Cut",
    "Degrees",
    "ElectronVolts",
    "EnvironmentStep",
    "Frames",
    "Kelvin",
    "Micrometres",
    "Millimetres",
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
    "fermi_surface",
    "focus",
    "go_to",
    "joined",
    "kz_scan",
    "operando",
    "rehearsed",
    "spin_edc",
    "temperature_series",
    "tracked_places",
    "tracked_rotation",
    "xas",
    "xas_fly",
    "xmcd",
    "xps_map",
    "xps_regions",
]
