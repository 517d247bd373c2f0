"""The command that says whether a beamline can measure."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import typer

from nanoterasu.session import home_folder, place_of

from ._twin import start_twin

_WORDS = {
    "ok": "ok",
    "absent": "ABSENT",
    "missing": "MISSING",
    "disagrees": "DISAGREES",
    "interlock": "INTERLOCK",
}


def run_check(code: str, *, twin: bool, timeout: float, folder: Path | None) -> None:
    """Print a line a device; exit with 1 when a session should not measure so."""
    beamline, home = code.partition("-")[0].upper(), home_folder(folder)
    with ExitStack() as stack:
        if twin:
            start_twin(stack, beamline, home, speed=1.0, sample="Fe")
        place = place_of(beamline, home)
        os.environ.update(place.environment)
        # After the environment is set, which the Channel Access client reads once.
        from nanoterasu.beamlines import station
        from nanoterasu.session import check

        kind, place_code = station(code)
        found = check(kind(place.prefix, station=place_code), timeout)
    width = max(len(each.device) for each in found)
    for each in found:
        typer.echo(f"{each.device:{width}}  {_WORDS[each.state]:9}  {each.said}".rstrip())
    stopping = {each.device for each in found if each.stops}
    typer.echo(
        f"{place_code}: {len({each.device for each in found})} devices, "
        + (f"{len(stopping)} to mend first" if stopping else "ready to measure")
    )
    if stopping:
        raise typer.Exit(1)
