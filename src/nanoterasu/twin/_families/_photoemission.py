"""What the analyser of a beamline or a station sees: its model of photoemission, by the code."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .._core_levels import CoreLevels
from .._nano import Bands
from .._stations import Ferromagnet, PatternedFilm

if TYPE_CHECKING:
    from .._hemisphere import Photoemission
    from .._table import SimulatedBeamline

__all__ = ["MODELS"]

# Made of the whole twin: a model takes light and sample from it, as they are at an instant.
MODELS: Mapping[str, Callable[[SimulatedBeamline], Photoemission]] = {
    "BL06U": Bands,
    "BL07U-NanoESCA": PatternedFilm,
    "BL07U-SCORPIUS": Ferromagnet,
    "BL08U": CoreLevels,
}
