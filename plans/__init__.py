"""Recipes by technique: bluesky plans over protocols."""

if __name__ != "nanoterasu.plans":
    raise ImportError("import this room as nanoterasu.plans, not as plans")

from ._rasters import Raster
from ._regions import Frames, Region, Sweep, joined
from ._rehearsal import Rehearsal, RehearsedPlan, dry_run, rehearsed
from ._units import ElectronVolts, Hertz, Micrometres, Seconds, Tesla, TeslaPerMinute
from .positions import SamplePosition, go_to
from .stxm import stxm_focus, stxm_image, stxm_line, stxm_point, stxm_stack
from .xas import xas, xas_fly, xmcd
from .xmcd_fly import xmcd_fly

__all__ = [
    "ElectronVolts",
    "Frames",
    "Hertz",
    "Micrometres",
    "Raster",
    "Region",
    "Rehearsal",
    "RehearsedPlan",
    "SamplePosition",
    "Seconds",
    "Sweep",
    "Tesla",
    "TeslaPerMinute",
    "dry_run",
    "go_to",
    "joined",
    "rehearsed",
    "stxm_focus",
    "stxm_image",
    "stxm_line",
    "stxm_point",
    "stxm_stack",
    "xas",
    "xas_fly",
    "xmcd",
    "xmcd_fly",
]
