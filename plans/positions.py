"""Where samples are: named places of a manipulator, with what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

import bluesky.plan_stubs as bps
from bluesky.utils import MsgGenerator

from ._rehearsal import rehearsed

__all__ = ["SamplePosition", "go_to"]


@dataclass(frozen=True, slots=True)
class SamplePosition:
    """A named place of a manipulator.

    Attributes
    ----------
    name : str
        By which it is called.
    axes : mapping of str to float
        Positions by the axes' names below the manipulator, as ``{"x": 1.5}``, in their units.
    sample : mapping
        What is there: its id, its name, whatever else; goes into the run as ``sample``.
    """

    name: str
    axes: Mapping[str, float]
    sample: Mapping[str, Any] = field(default_factory=dict)

    @property
    def md(self) -> dict[str, Any]:
        """Metadata for a plan's ``md``: the sample, and the position's name.

        >>> SamplePosition("film", {"x": 1.5}, {"id": "S-1"}).md
        {'sample': {'id': 'S-1', 'position': 'film'}}
        """
        return {"sample": {**self.sample, "position": self.name}}


@rehearsed
def go_to(manipulator: Any, position: SamplePosition) -> MsgGenerator[None]:
    """Bring ``manipulator`` to a named position, all axes at once.

    Parameters
    ----------
    manipulator
        With the axes that the position names.
    position
        As of ``session.positions["film"]``.

    Raises
    ------
    ValueError
        When the manipulator has not those axes; before anything moves.

    Examples
    --------
    ``RE(go_to(sample, session.positions["film"]))``
    """
    if not position.axes:
        raise ValueError(f"the position {position.name!r} names no axis; save it anew.")
    missing = [name for name in position.axes if not hasattr(manipulator, name.split(".")[0])]
    if missing:
        raise ValueError(
            f"{manipulator.name} has no axis {', '.join(missing)}, which the position "
            f"{position.name!r} names. Give the manipulator with which it was saved."
        )
    moves: list[Any] = []
    for name, value in position.axes.items():
        moves += [attrgetter(name)(manipulator), value]
    yield from bps.mv(*moves)
