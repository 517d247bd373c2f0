"""The sample positions of a beamtime: named at the prompt, kept with the beamtime's data."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from ophyd import Device
from ophyd.positioner import PositionerBase

from nanoterasu.plans import SamplePosition

_FILE = "positions.json"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,49}")


class SamplePositions(Mapping[str, SamplePosition]):
    """Named positions of the samples of one beamtime, by name.

    Parameters
    ----------
    folder
        Of the beamtime's large data, which only its unit enters.
    manipulator
        Whose axes are saved; None where the station has none.

    Examples
    --------
    >>> session.positions.save("film", id="S-1", name="iron film")  # doctest: +SKIP
    >>> RE(go_to(sample, session.positions["film"]))  # doctest: +SKIP
    """

    def __init__(self, folder: Path, manipulator: Device | None) -> None:
        self._path = folder / _FILE
        self._manipulator = manipulator

    def save(self, name: str, /, **sample: Any) -> SamplePosition:
        """Give where the manipulator stands now a name; one of this name is replaced.

        Parameters
        ----------
        name
            Letters, digits, ``_``, ``.`` and ``-``.
        **sample
            What is there: ``id``, ``name``, and whatever belongs into a run's ``sample``.

        Raises
        ------
        ValueError
            When the name is none, or the station has no manipulator.
        """
        if not _NAME.fullmatch(name):
            raise ValueError(
                f"{name!r} cannot name a position: give letters, digits, _, . and -, at most 50."
            )
        if self._manipulator is None:
            raise ValueError("This station has no manipulator called sample, so no positions.")
        axes = {
            below: float(axis.position)
            for below, axis in _axes(self._manipulator)
            if axis.position is not None
        }
        position = SamplePosition(name, axes, sample)
        self._keep({**self._kept(), name: position})
        return position

    def forget(self, name: str) -> None:
        """Take a name away.

        Raises
        ------
        KeyError
            When there is none, with those that there are.
        """
        kept = self._kept()
        del kept[self[name].name]
        self._keep(kept)

    def __getitem__(self, name: str) -> SamplePosition:
        kept = self._kept()
        if name not in kept:
            known = ", ".join(kept) or "none yet; save one with positions.save(name, id=…)"
            raise KeyError(f"no position is called {name!r}; there are: {known}")
        return kept[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept())

    def __len__(self) -> int:
        return len(self._kept())

    def __repr__(self) -> str:
        lines = [
            f"{each.name}: {', '.join(f'{axis} {value:g}' for axis, value in each.axes.items())}"
            + (f"  {dict(each.sample)}" if each.sample else "")
            for each in self._kept().values()
        ]
        return "\n".join(lines) or "no sample positions yet: positions.save(name, id=…) makes one"

    def _kept(self) -> dict[str, SamplePosition]:
        try:
            said = json.loads(self._path.read_text(encoding="utf-8"))
            return {name: SamplePosition(**one) for name, one in said.items()}
        except FileNotFoundError:
            return {}
        except (ValueError, TypeError, AttributeError):
            raise ValueError(
                f"{self._path} is not understood as sample positions. Mend it, or move it away "
                "and save them anew."
            ) from None

    def _keep(self, positions: Mapping[str, SamplePosition]) -> None:
        """Write all of them, or none: a power cut leaves what was there."""
        text = json.dumps({name: asdict(one) for name, one in positions.items()}, indent=1)
        partial = self._path.with_suffix(f".{os.getpid()}")
        with open(partial, "w", encoding="utf-8", opener=_privately) as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(self._path)


def _axes(device: Device, above: str = "") -> Iterator[tuple[str, PositionerBase]]:
    """Yield the axes below a device, by their names from there."""
    for name in device.component_names:
        part = getattr(device, name)
        if isinstance(part, PositionerBase):
            yield above + name, part
        elif isinstance(part, Device):
            yield from _axes(part, f"{above}{name}.")


def _privately(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
