"""A session joins a RunEngine, a beamline, the records and the active beamtime; it fails closed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._begin import begin
from ._console import NoSession, log_to_file
from ._place import Place, client_environment, home_folder, place_of

if TYPE_CHECKING:
    from ._absent import Absent
    from ._check import Finding, check
    from ._clock import confirm_clock
    from ._engine import ProtectedKeyError, SessionEngine
    from ._gate import Gate
    from ._handover import HOOKS, HandoverError, hand_over
    from ._health import RunHealth
    from ._second import SecondEngineError
    from ._session import Session, now
    from ._watching import Watching, start_live_plot, watch

__all__ = [
    "HOOKS",
    "Absent",
    "Finding",
    "Gate",
    "HandoverError",
    "NoSession",
    "Place",
    "ProtectedKeyError",
    "RunHealth",
    "SecondEngineError",
    "Session",
    "SessionEngine",
    "Watching",
    "begin",
    "check",
    "client_environment",
    "confirm_clock",
    "hand_over",
    "home_folder",
    "log_to_file",
    "now",
    "place_of",
    "start_live_plot",
    "watch",
]

# These load ophyd, and with it the Channel Access client, which reads its settings only once:
# `begin` has to find the address of the beamline first.
_LATER = {
    "Absent": "_absent",
    "Finding": "_check",
    "check": "_check",
    "now": "_session",
    "HOOKS": "_handover",
    "Gate": "_gate",
    "HandoverError": "_handover",
    "ProtectedKeyError": "_engine",
    "RunHealth": "_health",
    "SecondEngineError": "_second",
    "Session": "_session",
    "SessionEngine": "_engine",
    "Watching": "_watching",
    "confirm_clock": "_clock",
    "hand_over": "_handover",
    "start_live_plot": "_watching",
    "watch": "_watching",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_LATER[name]}", __name__), name)
