"""What the demo of each beamline measures and reduces: one module a beamline, of its name."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

if TYPE_CHECKING:
    from nanoterasu.records import Run

__all__ = ["Found", "Measured", "demo_of", "demos"]


@dataclass(frozen=True, slots=True)
class Found:
    """What a demo's reduction gave.

    Attributes
    ----------
    values : dict
        Numbers by name, as JSON can say them, each with its uncertainty where it has one.
    told : list of str
        Lines for a person, each with the twin's truth beside it.
    """

    values: dict[str, Any]
    told: list[str]


class Measured(Protocol):
    """A beamline's demo, as its module gives it.

    Attributes
    ----------
    BEAMTIME : str
        Of the example house, now, of Company Alpha's unit.
    SAMPLE : str
        That the twin has.
    """

    BEAMTIME: str
    SAMPLE: str

    def plans(self, line: Any) -> Sequence[Any]:
        """Return the plans to run, in order; ``line`` is the beamline, connected."""
        ...

    def reduce(self, runs: Sequence[Run], plot: Path) -> Found:
        """Reduce what the owner reads, and draw it into the file ``plot`` (PNG)."""
        ...


def demos() -> list[str]:
    """Codes of the beamlines that have a demo."""
    return sorted(module.name.upper() for module in pkgutil.iter_modules(__path__))


def demo_of(code: str) -> Measured:
    """Return the demo of a beamline.

    Raises
    ------
    LookupError
        When it has none.
    """
    if code not in demos():
        raise LookupError(f"{code!r} has no demo; give one of {', '.join(demos())}.")
    return cast("Measured", importlib.import_module(f"{__name__}.{code.lower()}"))
