"""What each command does, in the words of its help."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from ._office_commands import office
from ._options import By, Dir, Why
from ._records_commands import records
from ._time_commands import TIME
from ._wall_commands import WALL

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,  # it would take a default in brackets for its markup, and hide it
    help="Measure at NanoTerasu's beamlines, or on their digital twins.",
)

Beamline = Annotated[str, typer.Argument(help="Code of the beamline, as BL13U.")]
Speed = Annotated[float, typer.Option(help="Instrument seconds in a second of the wall clock.")]


@app.command()
def demo(
    folder: Annotated[
        Path, typer.Option("--dir", help="Where the catalog, the plot and the logins are kept.")
    ] = Path("nanoterasu-data"),
    beamline: Annotated[str, typer.Option(help="Code of the beamline.")] = "BL13U",
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write the summary there too, as JSON.")
    ] = None,
) -> None:
    """Measure on the twin, store, read back as owner and rival, reduce, and draw."""
    from ._demo import run_demo

    run_demo(folder, beamline, json_file)


@app.command()
def start(
    beamline: Annotated[
        str, typer.Argument(help="Code of the beamline, as BL13U, or of a station: BL07U-HORNET.")
    ],
    twin: Annotated[bool, typer.Option("--twin", help="On the twin, started here.")] = False,
    beamtime: Annotated[
        str | None, typer.Option(help="Id. [the operator's at this station now]")
    ] = None,
    operator: Annotated[
        str | None,
        typer.Option(help="Login of who measures. [the account, or alpha-member]"),
    ] = None,
    speed: Speed = 1.0,
    folder: Dir = None,
) -> None:
    """Open IPython at the endstation, with the session of a beamtime."""
    from ._start import run_start

    run_start(beamline, twin=twin, beamtime=beamtime, operator=operator, speed=speed, folder=folder)


@app.command()
def check(
    station: Annotated[
        str, typer.Argument(help="Code of the beamline, as BL13U, or of a station: BL07U-HORNET.")
    ],
    twin: Annotated[bool, typer.Option("--twin", help="On the twin, started here.")] = False,
    timeout: Annotated[float, typer.Option(help="Longest wait for all answers, in seconds.")] = 5.0,
    folder: Dir = None,
) -> None:
    """Say which devices answer and agree with the table, and what to do; nothing moves."""
    from ._check import run_check

    run_check(station, twin=twin, timeout=timeout, folder=folder)


@app.command()
def twin(
    beamline: Beamline,
    port: Annotated[int | None, typer.Option(help="Of Channel Access. [a free one]")] = None,
    speed: Speed = 1.0,
    seed: Annotated[int, typer.Option(help="Of the counting noise.")] = 0,
    sample: Annotated[str, typer.Option(help="On the manipulator: Fe, Co or Ni.")] = "Fe",
    folder: Dir = None,
) -> None:
    """Serve a beamline's digital twin over Channel Access until Ctrl-C."""
    from nanoterasu.session import home_folder
    from nanoterasu.twin import serve as serve_twin

    home = home_folder(folder)

    def announce(about: dict[str, object]) -> None:
        typer.echo(
            f"The twin of {beamline.upper()} answers at {about['address']}, port {about['port']}, "
            f"below {about['prefix']}. Sessions with --dir {home} find it. Ctrl-C ends it."
        )

    serve_twin(
        beamline, port=port, home=home, speed=speed, seed=seed, sample=sample, announce=announce
    )


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="Of Tiled; 0 takes a free one.")] = 8000,
    folder: Dir = None,
) -> None:
    """Serve the catalog with Tiled, and send it what waits in the spools, until Ctrl-C."""
    from ._serve import run_serve

    run_serve(folder, port)


@app.command()
def follow(folder: Dir = None) -> None:
    """Let the catalog obey the office until Ctrl-C, where other processes serve it."""
    from ._serve import run_follow

    run_follow(folder)


@app.command()
def password(
    login: Annotated[str, typer.Argument(help="Login, as the office knows it.")], folder: Dir = None
) -> None:
    """Set somebody's password for the catalog."""
    from nanoterasu.session import home_folder

    from ._serve import prepare

    home = home_folder(folder)
    new = typer.prompt(f"New password of {login}", hide_input=True, confirmation_prompt=True)
    prepare(home, {login: new})
    typer.echo(f"The password of {login} is set; it counts from the next login on.")


@app.command("hand-over")
def hand_over(
    station: Annotated[str, typer.Argument(help="Where no session is open, as BL13U.")],
    folder: Dir = None,
) -> None:
    """Sweep what the last party left at a station; sessions do it by themselves."""
    from nanoterasu.session import hand_over as sweep
    from nanoterasu.session import home_folder

    from ._start import station_code

    code = station_code(station)
    waiting = sweep(home_folder(folder), code)
    left = f" {waiting} run(s) stay in its spool until they are in Tiled." if waiting else ""
    typer.echo(f"{code} is swept for the next party.{left}")


@app.command("confirm-clock")
def confirm_clock(
    station: Annotated[str, typer.Argument(help="Where no run opens by rule clock.back.")],
    why: Why,
    by: By = None,
    folder: Dir = None,
) -> None:
    """Say that this machine's clock is right now, and was ahead before; takes staff."""
    from nanoterasu.session import confirm_clock as confirm
    from nanoterasu.session import home_folder

    from ._acting import account
    from ._start import station_code

    code = station_code(station)
    confirm(home_folder(folder), code, operator=by or account(), why=why)
    typer.echo(f"Sessions at {code} believe the clock again.")


app.add_typer(office, name="office")
app.add_typer(records, name="records")
for name, command in {**TIME, **WALL}.items():
    app.command(name)(command)


def main() -> None:
    """Run a command; what goes wrong is said in one paragraph, with exit status 1.

    ``NANOTERASU_DEBUG=1`` shows the traceback as well.
    """
    try:
        app()
    except (KeyboardInterrupt, BrokenPipeError):
        raise SystemExit(130) from None
    # The house's errors are sentences, whatever their type; a traceback helps nobody at night.
    except Exception as error:
        if os.environ.get("NANOTERASU_DEBUG"):
            raise
        said = str(error.args[0]) if isinstance(error, KeyError) and error.args else str(error)
        print(f"nanoterasu: {said or type(error).__name__}", file=sys.stderr)
        raise SystemExit(1) from None
