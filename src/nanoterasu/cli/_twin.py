"""What a session on the twin needs: the twin, the example house, and Tiled."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from nanoterasu.records import TiledError, TiledHome, TiledServer
from nanoterasu.session import place_of
from nanoterasu.twin import TwinError, TwinProcess

from ._follow import follow
from ._serve import prepare_example


def start_twin(stack: ExitStack, code: str, home: Path, *, speed: float, sample: str) -> None:
    """Start the twin of beamline ``code`` for ``home``; ``stack`` ends it.

    Raises
    ------
    TwinError
        If a session would find another control system than the twin that starts here.
    """
    place = place_of(code, home)
    if place.twin:
        raise TwinError(
            f"A twin of {code} runs for {home} already, and a second one would take its place "
            f"under those who use it. Open the session with 'nanoterasu start {code} --dir "
            f"{home}' and no --twin, end that twin, or choose another folder with --dir."
        )
    if place.prefix is not None:
        raise TwinError(
            f"NANOTERASU_PREFIX_{code} is set: sessions of this machine measure on the beamline "
            "itself, and no twin may stand in for it. Unset the variable to measure on the twin, "
            "or leave --twin out to measure at the beamline."
        )
    stack.enter_context(TwinProcess(code, home=home, speed=speed, sample=sample))
    stack.callback(_leave_channel_access)


def serve_example(stack: ExitStack, home: Path) -> tuple[str, dict[str, str]]:
    """Serve the example house of ``home``, unless somebody does; return address and passwords."""
    passwords, roster = prepare_example(home)
    try:
        return TiledHome(home).uri(), passwords
    except TiledError:
        uri = stack.enter_context(TiledServer(home)).uri
        follow(stack, home, roster)
        return uri, passwords


def _leave_channel_access() -> None:
    """Close the client's channels before the twin ends, lest the client cry that it is gone."""
    from epics import ca

    ca.finalize_libca()
