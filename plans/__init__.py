"""Recipes by technique: bluesky plans over protocols."""

if __name__ != "nanoterasu.plans":
    raise ImportError("import this room as nanoterasu.plans, not as plans")

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
from .positions import SamplePosition, go_to
from .xas import xas, xas_fly, xmcd

__all__ = [
    "Cut",
    "Degrees",
    "ElectronVolts",
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
    "dry_run",
    "fermi_surface",
    "focus",
    "go_to",
    "joined",
    "kz_scan",
    "rehearsed",
    "temperature_series",
    "tracked_places",
    "tracked_rotation",
    "xas",
    "xas_fly",
    "xmcd",
]
