"""The rounds of booking: until when each is open, and who may book in it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta

from ._booking import ROUNDS, Booking, BookingPolicy
from ._contract import Contract
from ._duties import months_after
from ._fees import station_weight
from ._hours import exact
from ._instants import JST, aware, said
from ._refused import Refused
from ._rules import Rule, RuleError, find, resolve


def closes(round_row: Rule, use: date, policy: BookingPolicy | None) -> datetime:
    """Return the instant at which a round closes for a day of use, in JST.

    Parameters
    ----------
    round_row
        Of the table ``rounds``.
    use
        Day of use in Japan.
    policy
        How days are counted; no source says.

    Raises
    ------
    RuleError
        When no policy is set.
    """
    if policy is None:
        raise RuleError(
            "booking.policy",
            f"Round {round_row.id} closes before the day of use, but whether calendar or working "
            "days count, whether the last is included, and at which hour it closes, no source "
            "says; the user office must set the booking policy.",
            round_row.source,
        )
    before = round_row.value["closes"]
    day = months_after(use, -before.get("months", 0))
    for _ in range(before.get("days", 0)):
        day = _previous(day, policy)
    if policy.count == "working" and not _works(day, policy):
        day = _previous(day, policy)
    if not policy.inclusive:
        day = _previous(day, policy)
    return datetime.combine(day, policy.cut_off, JST)


def may_book(
    booking: Booking,
    contract: Contract,
    policy: BookingPolicy | None,
    hours_booked_this_year: float,
    others: Collection[Booking],
    at: datetime,
) -> tuple[Rule, ...]:
    """Return the rows that were relied on when a member may book; raise otherwise.

    Parameters
    ----------
    booking
        What is asked for.
    contract
        Of the member, as it holds then.
    policy
        How days are counted; set by the user office.
    hours_booked_this_year
        Of the contract in the contract year of the slots, without this booking, as the contract
        counts them: branch hours weighted, carried hours taken off [h].
    others
        Bookings at the same station; the office guards against overlap once more when it keeps it.
    at
        Now.

    Raises
    ------
    Refused
        When the time, the station, the contract, the round, the hours or another booking forbid it.
    RuleError
        When the policy or the contract leaves open what decides; or the round is not confirmed
        and was not consented to.
    """
    aware(at, "The instant of booking")
    what = f"Booking {booking.id} at {booking.station}"
    if booking.slots[0].starts <= at:
        raise Refused(
            "booking.time",
            f"{what} starts at {said(booking.slots[0].starts)}, which is past at {said(at)}; "
            "book slots that are to come.",
        )
    place = _station(booking, what, at)
    _contract_holds(booking, contract, what)
    rows = [place, *_in_round(booking, contract, policy, what, at)]
    _within_hours(booking, contract, hours_booked_this_year, what, at)
    _free(booking, others, what)
    return tuple(rows)


def _station(booking: Booking, what: str, at: datetime) -> Rule:
    try:
        place = resolve("stations", {"station": booking.station}, at)
    except RuleError as error:
        raise Refused(error.rule, f"{what} may not be made: {error}", error.source) from error
    if place.value["kind"] != "coalition":
        raise Refused(
            "booking.station",
            f"{what} is at a {place.value['kind']} beamline operated by {place.value['operator']}, "
            "where members do not book; answer a call for proposals, or book one of the seven "
            "coalition beamlines.",
        )
    return place


def _contract_holds(booking: Booking, contract: Contract, what: str) -> None:
    first, last = booking.days
    if booking.contract_id != contract.id or not contract.starts <= first <= last <= contract.ends:
        raise Refused(
            "booking.contract",
            f"{what} from {first} to {last} names contract {booking.contract_id}; contract "
            f"{contract.id} holds from {contract.starts} to {contract.ends}. Give the contract "
            "which holds then.",
        )


def _in_round(
    booking: Booking, contract: Contract, policy: BookingPolicy | None, what: str, at: datetime
) -> list[Rule]:
    """Return the rows of the round, refused when it is not open for this member now."""
    consented = frozenset(o.rule_id for o in booking.overrides)
    row = resolve("rounds", {"round": booking.round}, at, consented)
    classes = row.value["classes"]
    if classes and contract.membership_class not in classes:
        raise Refused(
            "booking.round",
            f"{what} is of the {booking.round} round, which is for class "
            f"{' and '.join(classes)}; contract {contract.id} is of class "
            f"{contract.membership_class}. Book in the third round what is then free.",
        )
    use = booking.days[0]
    end = closes(row, use, policy)
    if at > end:
        raise Refused(
            "booking.round",
            f"The {booking.round} round for {use} closed at {said(end)} (it is {said(at)}); "
            f"booking {booking.id} comes too late for it: book in a later round, or another day.",
        )
    earlier = ROUNDS.index(booking.round) - 1
    if earlier >= 0:
        before = find("rounds", {"round": ROUNDS[earlier]}, at)
        opens = closes(before, use, policy)
        if at <= opens:
            raise Refused(
                "booking.round",
                f"The {booking.round} round for {use} opens when the {ROUNDS[earlier]} one closes, "
                f"at {said(opens)} (it is {said(at)}); book in the {ROUNDS[earlier]} round, or "
                "wait until then.",
            )
    return [row]


def _within_hours(
    booking: Booking, contract: Contract, booked: float, what: str, at: datetime
) -> None:
    if contract.hours_per_year is None:
        raise RuleError(
            "contract.hours_per_year",
            f"Contract {contract.id} does not say how many hours a year it has, so that {what} "
            "cannot be counted; record what it states.",
        )
    first, last = booking.days
    year = contract.year_of(first)
    if last > year[1]:
        raise Refused(
            "booking.hours",
            f"{what} reaches from {first} to {last}, over the end of the contract year on "
            f"{year[1]}; book each year by itself.",
        )
    asked = exact(booking.hours) * station_weight(contract, booking.station, at)
    left = exact(contract.hours_per_year) - exact(booked)
    if asked > left and not contract.overrun_allowed:
        raise Refused(
            "booking.hours",
            f"{what} takes {float(asked):g} h, where contract {contract.id} has "
            f"{max(0.0, float(left)):g} h left of {contract.hours_per_year:g} h in the year from "
            f"{year[0]} to {year[1]}; book less, or let the member consent to the overrun, by "
            "name.",
        )


def _free(booking: Booking, others: Collection[Booking], what: str) -> None:
    for other in others:
        if other.id == booking.id or other.station != booking.station:
            continue
        for slot in booking.slots:
            if any(slot.starts < o.ends and o.starts < slot.ends for o in other.slots):
                # Not whose: a rival does not learn who else comes.
                raise Refused(
                    "booking.overlap",
                    f"{what} from {said(slot.starts)} to {said(slot.ends)} is taken in part or "
                    "whole; book a free slot.",
                )


def _works(day: date, policy: BookingPolicy) -> bool:
    return day.weekday() < 5 and day not in policy.holidays


def _previous(day: date, policy: BookingPolicy) -> date:
    """Return the day before, as the policy counts days."""
    day -= timedelta(1)
    while policy.count == "working" and not _works(day, policy):
        day -= timedelta(1)
    return day
