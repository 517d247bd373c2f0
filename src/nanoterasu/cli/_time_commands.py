"""What the commands about beamtime do, in the words of their help."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

from ._options import AsJson, Beamtime, By, Dir, Why


def book(
    unit: Annotated[str, typer.Argument(help="Id of the unit.")],
    station: Annotated[str, typer.Argument(help="As BL08U.")],
    start: Annotated[
        str, typer.Argument(help="As 2026-12-01T08:00; Japan's time, unless it says another.")
    ],
    contract: Annotated[str, typer.Option(help="Id of the contract that pays.")],
    round_: Annotated[str, typer.Option("--round", help="first, second or third.")],
    why: Why,
    shifts: Annotated[int | None, typer.Option(help="How many, one after the other.")] = None,
    hours: Annotated[float | None, typer.Option(help="How many, in place of shifts.")] = None,
    consent: Annotated[
        list[str] | None,
        typer.Option(help="RULE_ID=REASON: rely on a rule that is not confirmed; may be repeated."),
    ] = None,
    booking_id: Annotated[
        str | None, typer.Option("--id", help="Of the booking. [from station and start]")
    ] = None,
    by: By = None,
    as_json: AsJson = False,
    folder: Dir = None,
) -> None:
    """Book time at a station for a unit, as its contract and the rounds allow."""
    from ._booking import book as keep

    keep(
        folder,
        unit_id=unit,
        station=station,
        start=start,
        shifts=shifts,
        hours=hours,
        round_=round_,
        contract_id=contract,
        consents=consent or [],
        id_=booking_id,
        by=by,
        why=why,
        as_json=as_json,
    )


def hours(
    beamtime: Beamtime,
    record: Annotated[
        tuple[str, float] | None,
        typer.Option(
            metavar="KIND HOURS",
            help="Enter hours delivered, lost_by_facility, lost_by_user or used.",
        ),
    ] = None,
    helium: Annotated[float | None, typer.Option(help="Enter liquid helium taken [l].")] = None,
    at: Annotated[
        str | None, typer.Option(help="When it was. [now, or the end of the last slot over]")
    ] = None,
    why: Annotated[
        str | None, typer.Option("--why", help="The reason, to enter something.")
    ] = None,
    by: By = None,
    as_json: AsJson = False,
    folder: Dir = None,
) -> None:
    """Print hours booked, delivered, lost and used, or enter some first."""
    from ._hours import say_hours

    say_hours(
        folder, beamtime, record=record, helium=helium, at=at, by=by, why=why, as_json=as_json
    )


def fee(
    beamtime: Beamtime,
    carried_over: Annotated[
        float | None, typer.Option(help="Hours that the contract carried into its year.")
    ] = None,
    rounding: Annotated[
        str | None, typer.Option(help="To whole yen, as agreed: up, down or nearest.")
    ] = None,
    as_json: AsJson = False,
    folder: Dir = None,
) -> None:
    """Print what a beamtime costs, by component, and what is missing for a total."""
    from ._dues import say_fee

    say_fee(folder, beamtime, carried_over=carried_over, rounding=rounding, as_json=as_json)


def deadlines(beamtime: Beamtime, as_json: AsJson = False, folder: Dir = None) -> None:
    """Print by when report and publication are due."""
    from ._dues import say_deadlines

    say_deadlines(folder, beamtime, as_json=as_json)


def notice(beamtime: Beamtime, as_json: AsJson = False, folder: Dir = None) -> None:
    """Print the text for the notice of a beamtime's end."""
    from ._hours import say_notice

    say_notice(folder, beamtime, as_json=as_json)


TIME: dict[str, Callable[..., Any]] = {
    "book": book,
    "hours": hours,
    "fee": fee,
    "deadlines": deadlines,
    "notice": notice,
}
