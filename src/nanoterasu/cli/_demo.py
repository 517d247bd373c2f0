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
from nanoterasu.twin import SAMPLES, Sample

from ._proof import prove, read_by
from ._serve import ship
from ._twin import serve_example, start_twin

if TYPE_CHECKING:
    from nanoterasu.analysis.xmcd import Moments
    from nanoterasu.session import Session, Watching

OWNER = "alpha-member"
BEAMTIME = "EX-0001"
# Instrument seconds in a second: an hour of ramps and moves in a minute, the physics as it is.
SPEED = 50.0
SAMPLE = "Fe"
EDGE = "Fe L2,3"
FIELDS = (1.0, -1.0)  # T


@dataclass(frozen=True, slots=True)
class Summary:
    """What came out; everything in it was measured in this run."""

    run_uids: list[str]
    beamline: str
    events: int
    tiled_uri: str
    moments: dict[str, Any]
    readable_by: list[str]
    denied_to: list[str]
    hours_used: float
    plot: str
    seconds: float


def run_demo(folder: Path, beamline: str, json_file: Path | None) -> None:
    """Do all of it in ``folder``; print the summary, and write it to ``json_file``."""
    begun = time.monotonic()
    code = beamline.upper()
    home = home_folder(folder)
    signal.signal(signal.SIGTERM, _end_as_ctrl_c)
    with ExitStack() as stack:
        typer.echo(f"1/5  starting {code}'s twin, {SPEED:g} times faster than the time, and Tiled")
        # First, for it knows at once whether there is such a beamline.
        start_twin(stack, code, home, speed=SPEED, sample=SAMPLE)
        uri, passwords = serve_example(stack, home)
        session = stack.enter_context(_session(code, home))
        session.RE.subscribe(_watching())
        ship(stack, session.spool_folder, home)
        uids = _measure(session)
        for uid in uids:
            wait_until_shipped(session.spool_folder, uid, 60.0)
        typer.echo("3/5  stored; asking the server as each person, and a stranger")
        catalog = connect(uri, username=OWNER, password=passwords[OWNER])
        runs = [catalog[uid] for uid in uids]
        readable, denied = read_by(prove(home, uids[-1]))
        typer.echo("4/5  reducing what the owner reads to magnetic moments")
        moments, plot = _reduce(runs[-1], home)
        summary = Summary(
            run_uids=uids,
            beamline=code,
            events=sum(run.primary.sizes["time"] for run in runs),
            tiled_uri=uri,
            moments={
                "orbital": moments.orbital,
                "spin": moments.spin,
                "uncertainties": {
                    "orbital": moments.orbital_uncertainty,
                    "spin": moments.spin_uncertainty,
                },
            },
            readable_by=readable,
            denied_to=denied,
            hours_used=_enter_hours(runs, home),
            plot=str(plot),
            seconds=round(time.monotonic() - begun, 1),
        )
        typer.echo("5/5  done\n")
        typer.echo(_told(summary, runs[-1], home))
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


def _session(code: str, home: Path) -> Session:
    place = place_of(code, home)
    os.environ.update(place.environment)
    # After the environment is set: these load the Channel Access client, which reads it once.
    from nanoterasu.beamlines import table
    from nanoterasu.session import Session, log_to_file

    session = Session(table(code)(place.prefix), BEAMTIME, OWNER, home=home, twin=place.twin)
    log_to_file(session.log, session.withheld)
    return session


def _measure(session: Session) -> list[str]:
    """Run a continuous scan to see the edge, then the dichroism; return the runs' uids."""
    from bluesky.utils import RunEngineInterrupted

    from nanoterasu.plans import Region, dry_run, xas_fly, xmcd

    line: Any = session.beamline  # ophyd's types are looser than bluesky's protocols
    about = {"sample": {"id": "S-1", "name": f"{SAMPLE} film"}, "purpose": "demonstration"}
    look: Any = xas_fly(
        line.continuous, line.energy, 690.0, 750.0, points=301, dwell=0.1, edge=EDGE, md=about
    )
    regions = [Region(690, 703, 1.0), Region(703, 730, 0.3), Region(730, 752, 1.0)]
    dichroism: Any = xmcd(
        [line.i0, line.tey, line.tfy],
        line.energy,
        regions,
        edge=EDGE,
        polarisation=line.undulator.polarisation,
        field=line.magnet.field,
        fields=FIELDS,
        dwell=0.2,
        md=about,
    )
    typer.echo(f"2/5  measuring for {OWNER}; rehearsed: {dry_run(dichroism)} (instrument time)")
    uids: list[str] = []
    try:
        for plan in (look, dichroism):
            uids.extend(cast("tuple[str, ...]", session.RE(plan)))
            if session.RE.ctrl_c:  # too late to pause that plan
                raise KeyboardInterrupt
        return uids
    except RunEngineInterrupted:
        session.RE.abort("interrupted by the operator")
        raise KeyboardInterrupt from None


def _enter_hours(runs: list[Run], home: Path) -> float:
    """Enter the hours of ``runs`` into the office's ledger; return all that were used [h]."""
    with Register(office_place(home)) as register:
        for run in runs:
            assert run.stop is not None
            hours = (run.stop["time"] - run.start["time"]) / 3600
            why = f"measured run {run.uid[:8]}"
            register.record(BEAMTIME, "used", hours, run.time, by=OWNER, why=why)
        return round(register.hours(BEAMTIME).used, 4)


def _reduce(run: Run, home: Path) -> tuple[Moments, Path]:
    from nanoterasu.analysis import figures, xmcd
    from nanoterasu.twin.physics import CIRCULAR_DEGREE

    spectra = xmcd.spectra(run.primary)
    dichroism = xmcd.xmcd(spectra, element=SAMPLE)
    # Not the twin's truth but what an analyst brings along: the holes of the element from the
    # literature, the degree of polarisation from the beamline's calibration.
    moments = xmcd.sum_rules(
        dichroism,
        element=SAMPLE,
        holes=SAMPLES[SAMPLE].holes,
        circular_polarisation=CIRCULAR_DEGREE,
    )
    plot = home / "plots" / f"xmcd-{run.uid[:8]}.png"
    plot.parent.mkdir(mode=0o700, exist_ok=True)
    figures.xmcd_figure(dichroism, moments, title=f"XMCD {run.uid[:8]}").savefig(plot, dpi=150)
    return moments, plot


def _told(summary: Summary, run: Run, home: Path) -> str:
    """Return the summary for a person."""
    truth: Sample = SAMPLES[SAMPLE]
    found, error = summary.moments, summary.moments["uncertainties"]
    start = run.start
    return "\n".join(
        [
            f"Measured    {start['technique']} at {start['edge']} on {summary.beamline}'s twin, "
            f"{summary.events} events in {len(summary.run_uids)} runs",
            f"            run {summary.run_uids[-1]}, beamtime {start['beamtime_id']}",
            f"Found       orbital {found['orbital']:.3f} ± {error['orbital']:.3f} μB "
            f"(twin: {truth.orbital_moment:.3f})",
            f"            spin    {found['spin']:.2f} ± {error['spin']:.2f} μB "
            f"(twin: {truth.spin_moment:.2f})",
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
