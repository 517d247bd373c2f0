"""Experiment orchestration and data acquisition for the beamlines of NanoTerasu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .records import connect

__all__ = ["connect"]


def __getattr__(name: str) -> Any:
    if name == "connect":
        from .records import connect

        return connect
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
