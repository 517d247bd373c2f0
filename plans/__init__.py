"""Recipes by technique: bluesky plans over protocols."""

if __name__ != "nanoterasu.plans":
    raise ImportError("import this room as nanoterasu.plans, not as plans")

from ._binding import BindingRegion, core_level, core_level_region
from ._regions import Frames, Region, Sweep, joined
from ._rehearsal import Rehearsal, RehearsedPlan, dry_run, rehearsed
from ._units import ElectronVolts, Millimetres, Seconds, Tesla, TeslaPerMinute
from .operando import EnvironmentStep, operando
from .positions import SamplePosition, go_to
from .xas import xas, xas_fly, xmcd
from .xps import xps_map, xps_regions

__all__ = [
    "BindingRegion",
    "ElectronVolts",
    "EnvironmentStep",
    "Frames",
    "Millimetres",
    "Region",
    "Rehearsal",
    "RehearsedPlan",
    "SamplePosition",
    "Seconds",
    "Sweep",
    "Tesla",
    "TeslaPerMinute",
    "core_level",
    "core_level_region",
    "dry_run",
    "go_to",
    "joined",
    "operando",
    "rehearsed",
    "xas",
    "xas_fly",
    "xmcd",
    "xps_map",
    "xps_regions",
]
