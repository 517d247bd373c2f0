"""What the analyser of each beamline sees: its model of photoemission, by the beamline's code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .._nano import Bands

if TYPE_CHECKING:
    from .._hemisphere import Photoemission
    from .._table import SimulatedBeamline

__all__ = ["MODELS"]

# Made of the whole twin: a model takes light and sample from it, as they are at an instant.
MODELS: Mapping[str, Callable[[SimulatedBeamline], Photoemission]] = {
    "BL06U": Bands,
}
