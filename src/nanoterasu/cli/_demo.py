"""The main job: measure on the twin, store, read back, reduce, draw, and say what came out."""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, cast

import typer

from nanoterasu.office import Register, office_place
from nanoterasu.records import Run, connect, wait_until_shipped
from nanoterasu.session import home_folder, place_of

from ._demos import Found, Measured, demo_of
from ._proof import prove, read_by
from ._serve import ship
from ._twin import serve_example, start_twin

if TYPE_CHECKING:
    from nanoterasu.session import Session, Watching

OWNER = "alpha-member"
# Instrument seconds in a second: an hour of ramps and moves in a minute, the physics as it is.
SPEED = 50.0


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out; everything in it was measured in this run."""

    run_uids: list[str]
    beamline: str
    events: int
    tiled_uri: str
    found: dict[str, Any]
    readable_by: list[str]
    denied_to: list[str]
    hours_used: float
    plot: str
    seconds: float


def run_demo(folder: Path, beamline: str, json_file: Path | None) -> None:
    """Do all of it in ``folder``; print the summary, and write it to ``json_file``."""
    begun = time.monotonic()
    code = beamline.upper()
    demo = demo_of(code)
    home = home_folder(folder)
    signal.signal(signal.SIGTERM, _end_as_ctrl_c)
    with ExitStack() as stack:
        typer.echo(f"1/5  starting {code}'s twin, {SPEED:g} times faster than the time, and Tiled")
        start_twin(stack, code, home, speed=SPEED, sample=demo.SAMPLE)
        uri, passwords = serve_example(stack, home)
        session = stack.enter_context(_session(code, home, demo.BEAMTIME))
        session.RE.subscribe(_watching())
        ship(stack, session.spool_folder, home)
        uids = _measure(session, demo)
        for uid in uids:
            wait_until_shipped(session.spool_folder, uid, 60.0)
        typer.echo("3/5  stored; asking the server as each person, and a stranger")
        catalog = connect(uri, username=OWNER, password=passwords[OWNER])
        runs = [catalog[uid] for uid in uids]
        readable, denied = read_by(prove(home, uids[-1]))
        typer.echo("4/5  reducing what the owner reads")
        plot = home / "plots" / f"{code.lower()}-{uids[-1][:8]}.png"
        plot.parent.mkdir(mode=0o700, exist_ok=True)
        found = demo.reduce(runs, plot)
        summary = Summary(
            run_uids=uids,
            beamline=code,
            events=sum(run.primary.sizes["time"] for run in runs),
            tiled_uri=uri,
            found=found.values,
            readable_by=readable,
            denied_to=denied,
            hours_used=_enter_hours(runs, home, demo.BEAMTIME),
            plot=str(plot),
            seconds=round(time.monotonic() - begun, 1),
        )
        typer.echo("5/5  done\n")
        typer.echo(_told(summary, found, runs[-1], home))
    if json_file is not None:
        json_file.write_text(json.dumps(asdict(summary), indent=1) + "\n")


def _end_as_ctrl_c(number: int, frame: FrameType | None) -> None:
    """End politely: as at a Ctrl-C, which the RunEngine takes at its next checkpoint.

    Called and not raised as a signal: one that is raised while a signal is handled waits, in
    Python 3.11, until the main thread wakes next, which may be after the measurement.
    """
    asked = signal.getsignal(signal.SIGINT)
    # A shell's background job has SIGINT ignored.
    (asked if callable(asked) else signal.default_int_handler)(signal.SIGINT, frame)


def _watching() -> Watching:
    from nanoterasu.session import Watching

    return Watching(rows=False)


def _session(code: str, home: Path, beamtime: str) -> Session:
    place = place_of(code, home)
    os.environ.update(place.environment)
    # After the environment is set: these load the Channel Access client, which reads it once.
    from nanoterasu.beamlines import table
    from nanoterasu.session import Session, log_to_file, now

    with Register(office_place(home)) as register:
        station = register.beamtime(beamtime, now()).station
    line = table(code)(place.prefix, station=station)
    session = Session(line, beamtime, OWNER, home=home, twin=place.twin)
    log_to_file(session.log, session.withheld)
    return session


def _measure(session: Session, demo: Measured) -> list[str]:
    """Run the demo's plans; return the runs' uids."""
    from bluesky.utils import RunEngineInterrupted

    from nanoterasu.plans import dry_run

    plans = demo.plans(session.beamline)
    typer.echo(f"2/5  measuring for {OWNER}; rehearsed: {dry_run(plans[-1])} (instrument time)")
    uids: list[str] = []
    try:
        for plan in plans:
            uids.extend(cast("tuple[str, ...]", session.RE(plan)))
            if session.RE.ctrl_c:  # too late to pause that plan
                raise KeyboardInterrupt
        return uids
    except RunEngineInterrupted:
        session.RE.abort("interrupted by the operator")
        raise KeyboardInterrupt from None


def _enter_hours(runs: list[Run], home: Path, beamtime: str) -> float:
    """Enter the hours of ``runs`` into the office's ledger; return all that were used [h]."""
    with Register(office_place(home)) as register:
        for run in runs:
            assert run.stop is not None
            hours = (run.stop["time"] - run.start["time"]) / 3600
            why = f"measured run {run.uid[:8]}"
            register.record(beamtime, "used", hours, run.time, by=OWNER, why=why)
        return round(register.hours(beamtime).used, 4)


def _told(summary: Summary, found: Found, run: Run, home: Path) -> str:
    """Return the summary for a person."""
    start = run.start
    at = f" at {start['edge']}" if "edge" in start else ""
    first, *more = found.told
    return "\n".join(
        [
            f"Measured    {start['technique']}{at} on {summary.beamline}'s twin, "
            f"{summary.events} events in {len(summary.run_uids)} runs",
            f"            run {summary.run_uids[-1]}, beamtime {start['beamtime_id']}",
            f"Found       {first}",
            *(f"            {line}" for line in more),
            f"Could read  {', '.join(summary.readable_by)}",
            f"Could not   {', '.join(summary.denied_to)}",
            f"Hours used  {summary.hours_used:.2f} h of beamtime {start['beamtime_id']}",
            f"Plot        {summary.plot}",
            f"Took        {summary.seconds:.0f} s",
            "",
            f"Look again  nanoterasu serve --dir {home}",
            f"Ask again   nanoterasu who-can-read {summary.run_uids[-1]} --dir {home}",
        ]
    )
