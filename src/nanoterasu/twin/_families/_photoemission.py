"""What the analyser of each beamline sees: its model of photoemission, by the beamline's code."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .._analyser import Photoemission
from .._core_levels import CoreLevels
from .._table import SimulatedBeamline

# Made of the whole twin: a model takes light and sample from it, as they are at an instant.
MODELS: Mapping[str, Callable[[SimulatedBeamline], Photoemission]] = {
    "BL08U": CoreLevels,
}

__all__ = ["MODELS"]
