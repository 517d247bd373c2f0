"""Recipes by technique: bluesky plans over protocols."""

if __name__ != "nanoterasu.plans":
    raise ImportError("import this room as nanoterasu.plans, not as plans")

from ._exposures import Reference
from ._momentum import MOMENTUM_FORMULA, momentum, theta_for
from ._regions import Frames, Region, Sweep, joined
from ._rehearsal import Rehearsal, RehearsedPlan, dry_run, rehearsed
from ._units import Degrees, ElectronVolts, PerAngstrom, Seconds, Tesla, TeslaPerMinute
from .positions import SamplePosition, go_to
from .rixs import elastic_reference, rixs
from .rixs_maps import rixs_map, rixs_momentum
from .xas import xas, xas_fly, xmcd

__all__ = [
    "MOMENTUM_FORMULA",
    "Degrees",
    "ElectronVolts",
    "Frames",
    "PerAngstrom",
    "Reference",
    "Region",
    "Rehearsal",
    "RehearsedPlan",
    "SamplePosition",
    "Seconds",
    "Sweep",
    "Tesla",
    "TeslaPerMinute",
    "dry_run",
    "elastic_reference",
    "go_to",
    "joined",
    "momentum",
    "rehearsed",
    "rixs",
    "rixs_map",
    "rixs_momentum",
    "theta_for",
    "xas",
    "xas_fly",
    "xmcd",
]
