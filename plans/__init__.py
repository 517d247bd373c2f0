"""Recipes by technique: bluesky plans over protocols."""

if __name__ != "nanoterasu.plans":
    raise ImportError("import this room as nanoterasu.plans, not as plans")

from ._regions import Frames, Region, Sweep, joined
from ._rehearsal import Rehearsal, RehearsedPlan, dry_run, rehearsed
from ._units import ElectronVolts, Seconds, Tesla, TeslaPerMinute
from .positions import SamplePosition, go_to
from .xas import xas, xas_fly, xmcd

__all__ = [
    "ElectronVolts",
    "Frames",
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
    "xas",
    "xas_fly",
    "xmcd",
]
