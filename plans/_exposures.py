"""What the plans of inelastic scattering share: exposures, and visits to a reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import bluesky.plan_stubs as bps
import bluesky.preprocessors as bpp
from bluesky.protocols import Movable, Readable
from bluesky.utils import MsgGenerator

from .positions import SamplePosition, go_to
from .xas import set_dwell

RixsMode = Literal["spectrum", "imaging", "hv2"]


class Spectrometer(Readable[Any], Protocol):
    """What stands before the detector; its mode is set, and read as configuration."""

    @property
    def mode(self) -> Movable[str]: ...


@dataclass(frozen=True, slots=True)
class Reference:
    """Where the elastic line is strong, and the way back.

    Attributes
    ----------
    manipulator
        With the axes that the positions name; read with every event.
    there, back : SamplePosition
        Carbon tape or a multilayer; then the sample.
    exposures : int
        At each visit.

    Raises
    ------
    ValueError
        If the way back leaves an axis where the reference needed it, or there is no exposure.
    """

    manipulator: Any
    there: SamplePosition
    back: SamplePosition
    exposures: int = 1

    def __post_init__(self) -> None:
        left = sorted(set(self.there.axes) - set(self.back.axes))
        if left:
            raise ValueError(
                f"the position {self.back.name!r} says nothing of {', '.join(left)}, which "
                f"{self.there.name!r} moves: the sample would not come back. Name the same axes "
                "in both."
            )
        check_exposures(self.exposures)


def check_exposures(exposures: int) -> None:
    """Refuse to expose less than once."""
    if exposures < 1:
        raise ValueError(f"exposures={exposures}: expose at least once.")


def moved(reference: Reference | None) -> list[Any]:
    """What a reference moves, to be read with each event."""
    return [] if reference is None else [reference.manipulator]


def expose(readables: Sequence[Readable[Any]], exposures: int) -> MsgGenerator[None]:
    """Make ``exposures`` events, each of which may be repeated alone after a pause."""
    for _ in range(exposures):
        yield from bps.checkpoint()
        yield from bps.trigger_and_read(list(readables))


def visit(readables: Sequence[Readable[Any]], reference: Reference | None) -> MsgGenerator[None]:
    """Expose the reference, and come back."""
    if reference is None:
        return
    yield from bps.checkpoint()
    yield from go_to(reference.manipulator, reference.there)
    yield from expose(readables, reference.exposures)
    yield from bps.checkpoint()
    yield from go_to(reference.manipulator, reference.back)


def run_of(
    about: Mapping[str, Any],
    detectors: Sequence[Readable[Any]],
    spectrometer: Spectrometer,
    dwell: float,
    exposing: MsgGenerator[None],
) -> MsgGenerator[str]:
    """Stage, open a run, set mode and dwell, and expose."""

    @bpp.stage_decorator(detectors)
    @bpp.run_decorator(md=dict(about))
    def measure() -> MsgGenerator[Any]:
        yield from bps.mv(spectrometer.mode, about["mode"])
        yield from set_dwell(detectors, dwell)
        yield from exposing

    return (yield from measure())
